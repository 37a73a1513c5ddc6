/* SPDX-License-Identifier: MIT */
/* What a timeline says of an entry. All of a timeline's sentences but those of folded runs (text_fold.c) are made here. */
#ifndef FENCELINE_RENDER_ENTRY_WORDS_H
#define FENCELINE_RENDER_ENTRY_WORDS_H

#include "render/render.h"

/* One line, plain words; raw names in it, to be escaped for the medium. Owned by the caller; NULL: out of memory. */
char *entry_words(const struct timeline_entry *entry);

#endif
