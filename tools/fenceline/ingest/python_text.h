/* SPDX-License-Identifier: MIT */
/* What Python prints of a value, as people paste it: b'a line\n', ['a', 'b'], (0, b'…', ''), {'addr': …},
 * CompletedProcess(args=[…], stdout=b'…'). Internal to ingest/ and snaps/. */
#ifndef FENCELINE_INGEST_PYTHON_TEXT_H
#define FENCELINE_INGEST_PYTHON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* May a value begin here that JSON does not know? A string counts only if it holds several lines. */
bool python_begins(const char *text, size_t length);

/* The value at `text`, which the caller frees, a list or an object: a string alone becomes a list of one, a tuple and a call become
 * lists. *used: how many bytes it takes; nothing but blanks follows it in its line. NULL: it is none. */
json_t *python_load(const char *text, size_t length, size_t *used);

#endif
