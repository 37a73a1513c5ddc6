/* SPDX-License-Identifier: MIT */
/* Where what stands in quotes ends, and which field of a table it is. Internal to ingest/. */
#ifndef FENCELINE_INGEST_UNWRAP_QUOTES_H
#define FENCELINE_INGEST_UNWRAP_QUOTES_H

#include <stddef.h>

/* The quote that ends the string at `text`: none with a backslash before it, none that YAML has doubled. `end` if it is missing. */
const char *unwrap_closing_quote(const char *text, const char *end);
/* Of a row of a table whose quotes are doubled within a field: the longest such field, with its quotes; another one may be the
 * line's time, or its labels. 0: it is no such row, or has nothing but that field. */
size_t unwrap_longest_field(const char *text, size_t length, const char **field);

#endif
