/* SPDX-License-Identifier: MIT */
/* A run of I/O in one line: how much of what, how fast, and the slowest. */
#ifndef FENCELINE_RENDER_TEXT_IO_H
#define FENCELINE_RENDER_TEXT_IO_H

#include "render/text.h"

/* The words of the run, count > 0; true if something in it failed or took longer than a second. */
bool text_io_words(const struct text *text, const struct timeline_entry *const *entries, size_t count, char *words, size_t size);

#endif
