/* SPDX-License-Identifier: MIT */
#include "ingest/log_strings.h"

#include "ingest/log_document.h"
#include "ingest/unwrap_json.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 16 /* OpenTelemetry's export has a line in the ninth level */

struct strings {
	const struct stamp_zone *zone;
	log_strings_fn *take;
	void *arg;
};

/* True: the object is a line, and is taken. One whose text has several lines is none. */
static bool take_object(const struct strings *strings, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	struct unwrapped_json json;
	bool line = text && unwrap_json_object(text, strlen(text), strings->zone, &json);

	if (line) {
		line = !memchr(json.text, '\n', json.length);
		unwrap_json_free(&json);
	}
	if (line)
		strings->take(strings->arg, text, strlen(text));
	free(text);
	return line;
}

/* Strings that follow each other in a list are the lines of one text. Returns the first member that is none. */
static size_t take_lines(const struct strings *strings, const json_t *list, size_t from)
{
	struct text_buffer lines = { 0 };
	const json_t *member;

	for (; json_is_string(member = json_array_get(list, from)); from++) {
		text_buffer_add(&lines, json_string_value(member), json_string_length(member));
		text_buffer_add(&lines, "\n", 1);
	}
	if (lines.length)
		strings->take(strings->arg, lines.text, lines.length);
	free(lines.text);
	return from;
}

static void take_value(const struct strings *strings, const json_t *value, unsigned int deep)
{
	const char *key;
	json_t *member;

	if (json_is_string(value))
		strings->take(strings->arg, json_string_value(value), json_string_length(value));
	if (deep == DEEPEST)
		return;
	for (size_t i = 0; i < json_array_size(value); i++) {
		i = take_lines(strings, value, i);
		take_value(strings, json_array_get(value, i), deep + 1);
	}
	if (!json_is_object(value) || take_object(strings, value))
		return;
	json_object_foreach((json_t *)value, key, member) take_value(strings, member, deep + 1);
}

void log_strings_take(const char *text, size_t length, const struct stamp_zone *zone, log_strings_fn *take, void *arg)
{
	const struct strings strings = { zone, take, arg };
	size_t at = 0;
	json_t *root;

	while ((root = log_document_next(text, length, &at))) {
		take_value(&strings, root, 0);
		json_decref(root);
	}
}
