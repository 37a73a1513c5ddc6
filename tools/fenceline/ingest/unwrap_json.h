/* SPDX-License-Identifier: MIT */
/* Lines that a container runtime, a journal or a collector of logs wrote as JSON, one object a line; strings in quotes of
 * any kind. Internal to ingest/. */
#ifndef FENCELINE_INGEST_UNWRAP_JSON_H
#define FENCELINE_INGEST_UNWRAP_JSON_H

#include "ingest/log_row.h"
#include "ingest/tz.h"

#include <jansson.h>

/* What one JSON value held; all of it lies in `root` or in `bytes`, which are the caller's. */
struct unwrapped_json {
	json_t *root;
	char *bytes; /* NULL: the text was no list of bytes */
	const char *text;
	size_t length;
	struct log_span host;
	struct stamp stamp;
	const char *program; /* NULL: none named */
};

void unwrap_json_free(struct unwrapped_json *json);

/* Whether such an object may begin here: {"log": …, {"MESSAGE": …; also for telling a log from a JSON document. */
bool unwrap_json_recognise(const char *text, size_t length);
/* False, and nothing is the caller's: it is none. An object that is cut off gives up the text it has. */
bool unwrap_json_object(const char *text, size_t length, const struct stamp_zone *zone, struct unwrapped_json *json);
#define UNWRAP_QUOTES "\"'`"
/* The same for a string with its quotes, as what stands behind `"MESSAGE" : `; as a table of commas has it: "a ""b"" c"; as YAML
 * has it: 'it''s'; as Python has it: 'it\'s'; as Markdown has it: `a`. */
bool unwrap_json_string(const char *text, size_t length, struct unwrapped_json *json);

/* The quote that ends the string at `text`: none with a backslash before it, none that YAML has doubled. `end` if it is missing. */
const char *unwrap_closing_quote(const char *text, const char *end);
/* Of a row of a table whose quotes are doubled within a field: the longest such field, with its quotes; another one may be the
 * line's time, or its labels. 0: it is no such row, or has nothing but that field. */
size_t unwrap_longest_field(const char *text, size_t length, const char **field);

#endif
