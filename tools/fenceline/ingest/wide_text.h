/* SPDX-License-Identifier: MIT */
/* UTF-16 text, as PowerShell's `>` writes it, made UTF-8 piece by piece. Internal to ingest/. Not thread-safe. */
#ifndef FENCELINE_INGEST_WIDE_TEXT_H
#define FENCELINE_INGEST_WIDE_TEXT_H

#include <stddef.h>

/* For a text that begins so; it may have no byte order mark. NULL: it is no UTF-16, or iconv does not know it. */
struct wide_text *wide_text_new(const char *text, size_t length);
void wide_text_free(struct wide_text *wide);

/* The next `length` bytes of the text; the first piece begins with the mark, if there is one. `into` has room for twice as many and 8 more,
 * and may be the text. Returns how many were written; half a character is kept for the next call, and what is no character becomes a "?". */
size_t wide_text_convert(struct wide_text *wide, const char *text, size_t length, char *into);

#endif
