/* SPDX-License-Identifier: MIT */
/* UTF-16 text, as PowerShell's `>` writes it, made UTF-8 piece by piece. Internal to ingest/. Not thread-safe. */
#ifndef FENCELINE_INGEST_WIDE_TEXT_H
#define FENCELINE_INGEST_WIDE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Does the text begin with a byte order mark of UTF-16? */
bool wide_text_recognise(const char *text, size_t length);

/* NULL: iconv does not know UTF-16. */
struct wide_text *wide_text_new(void);
void wide_text_free(struct wide_text *wide);

/* The next `length` bytes of the text; the first piece begins with the mark. `into` has room for twice as many and 8 more.
 * Returns how many were written; half a character is kept for the next call, and what is no character becomes a "?". */
size_t wide_text_convert(struct wide_text *wide, const char *text, size_t length, char *into);

#endif
