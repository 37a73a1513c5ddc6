/* SPDX-License-Identifier: MIT */
#include "ingest/log_strings.h"

#include "ingest/log_document.h"
#include "ingest/text_in.h"
#include "ingest/unwrap_json.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 16 /* OpenTelemetry's export has a line in the ninth level */

struct strings {
	struct log *log;
	uint64_t number;
};

static void take_lines(struct strings *strings, const char *text, size_t length)
{
	const char *end = text + length;
	struct line line = { .number = strings->number };

	while (text_line(&text, end, &line.text, &line.length))
		log_take(strings->log, &line);
}

/* True: the object is a line, and is taken. One whose text has several lines is none. */
static bool take_object(struct strings *strings, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	struct unwrapped_json json;
	bool line = text && unwrap_json_object(text, strlen(text), &strings->log->zone, &json);

	if (line) {
		line = !memchr(json.text, '\n', json.length);
		unwrap_json_free(&json);
	}
	if (line)
		take_lines(strings, text, strlen(text));
	free(text);
	return line;
}

static void take_value(struct strings *strings, const json_t *value, unsigned int deep)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		take_lines(strings, json_string_value(value), json_string_length(value));
	if (deep == DEEPEST)
		return;
	json_array_foreach(value, i, member) take_value(strings, member, deep + 1);
	if (!json_is_object(value) || take_object(strings, value))
		return;
	json_object_foreach((json_t *)value, key, member) take_value(strings, member, deep + 1);
}

void log_strings_take(struct log *log, const char *text, size_t length, uint64_t number)
{
	struct strings strings = { log, number };
	size_t at = 0;
	json_t *root;

	while ((root = log_document_next(text, length, &at))) {
		take_value(&strings, root, 0);
		json_decref(root);
	}
}
