/* SPDX-License-Identifier: MIT */
/*
 * Names of VMs, images, snapshots and hosts are hostile: whoever may create a volume chooses them, and an operator's
 * terminal would obey an escape sequence in one.
 */
#ifndef FENCELINE_RENDER_ESCAPE_H
#define FENCELINE_RENDER_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads one code point of UTF-8 and moves *text behind it. Returns -1, and moves by one byte, if it is not well formed.
 * Must not be called at the terminating 0. */
int32_t utf8_next(const char **text);
/* For a terminal: control characters, bidi and invisible ones, and malformed bytes become \xNN or \u{NNNN}; without utf8,
 * everything beyond ASCII, too. Returns a malloc'd string, or NULL when out of memory. */
char *escape_terminal(const char *text, bool utf8);
/* Malformed bytes become U+FFFD, the rest stays. Returns a malloc'd string, or NULL when out of memory. */
char *escape_malformed(const char *text);
/* Columns that an escaped text takes. */
size_t text_columns(const char *text, size_t bytes);

#endif
