/* SPDX-License-Identifier: MIT */
/* UTF-16 text, as PowerShell's `>` writes it, made UTF-8 piece by piece. Internal to ingest/. Not thread-safe. */
#ifndef FENCELINE_INGEST_WIDE_TEXT_H
#define FENCELINE_INGEST_WIDE_TEXT_H

#include <stddef.h>

/* Of a text that begins so, which UTF-16 it is, as iconv names it; it may have no byte order mark. NULL: it is none. */
const char *wide_text_encoding(const char *text, size_t length);

/* NULL: iconv does not know it. */
struct wide_text *wide_text_new(const char *encoding);
void wide_text_free(struct wide_text *wide);

/* The next `length` bytes of the text; the first piece begins with the mark, if there is one. `into` has room for twice as many and 8 more.
 * Returns how many were written; half a character is kept for the next call, and what is no character becomes a "?". */
size_t wide_text_convert(struct wide_text *wide, const char *text, size_t length, char *into);

#endif
