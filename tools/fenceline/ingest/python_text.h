/* SPDX-License-Identifier: MIT */
/* What Python prints of a value, as people paste it: b'a line\n', ['a', 'b'], (0, b'…', ''), {'addr': …},
 * CompletedProcess(args=[…], stdout=b'…'). Internal to ingest/ and snaps/. */
#ifndef FENCELINE_INGEST_PYTHON_TEXT_H
#define FENCELINE_INGEST_PYTHON_TEXT_H

#include "ingest/xalloc.h"

#include <stdbool.h>
#include <stddef.h>

/* May a value begin here that JSON does not know? A string counts only if it holds several lines. */
bool python_begins(const char *text, size_t length);

/* Adds the value at `text` to `json` as JSON, a list or an object: a string alone becomes a list of one, a tuple and a call become
 * lists. Returns how many bytes it takes; nothing but blanks follows it in its line. 0: it is none, and what was added is of no
 * use. */
size_t python_to_json(const char *text, size_t length, struct text_buffer *json);

#endif
