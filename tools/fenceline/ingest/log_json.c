/* SPDX-License-Identifier: MIT */
#include "ingest/log_json.h"

#include "ingest/python_text.h"
#include "ingest/text_in.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 16 /* OpenTelemetry's export has a line in the ninth level */

const char *log_json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* "listed 2 entries" is what `blocklist ls` says on stderr, before or behind. */
static size_t skip(const char *text, size_t length)
{
	static const char listed[] = "listed ";
	size_t at = 0;

	for (;;) {
		at += text_run(text + at, length - at, " \t\r\n");
		if (length - at < sizeof(listed) || memcmp(text + at, listed, sizeof(listed) - 1))
			return at;
		while (at < length && text[at] != '\n')
			at++;
	}
}

bool log_json_recognise(const char *head, size_t length)
{
	size_t at = skip(head, length);

	if (at < length && head[at] == '{')
		return true;
	if (python_begins(head + at, length - at))
		return true;
	if (at == length || head[at] != '[')
		return false;
	at++;
	at += text_run(head + at, length - at, " \t\r\n");
	return at == length || head[at] == '{' || head[at] == ']' || head[at] == '"';
}

const char *log_json_in(const char *text, size_t length, size_t line)
{
	size_t marks = unwrap_marks(text, line);
	const char *arrow = memmem(text + marks, line - marks, "=> ", 3);

	if (log_json_recognise(text + marks, length - marks))
		return text + marks;
	return arrow && arrow + 3 < text + line && char_in(arrow[3], "[{") ? arrow + 3 : NULL;
}

/* Numbers of 64 bits without a sign (an auid, an owner) do not fit jansson's: those of more than 18 digits are quoted, and
 * log_document.c reads them all the same. Stops once it has written `stop` bytes; returns how many it took. */
static size_t quote_numbers(const char *text, size_t length, size_t stop, struct text_buffer *into)
{
	bool inside = false;
	size_t at = 0;

	for (into->length = 0; at < length && into->length < stop;) {
		size_t digits = inside ? 0 : text_run(text + at, length - at, DECIMAL), take = digits ? digits : 1;
		bool quote = digits > 18 && at && strchr(" \t\n:,[", text[at - 1] ?: 'x');

		if (inside && text[at] == '\\' && at + 1 < length)
			take = 2;
		else if (text[at] == '"')
			inside = !inside;
		text_buffer_add(into, "\"", quote);
		text_buffer_add(into, text + at, take);
		text_buffer_add(into, "\"", quote);
		at += take;
	}
	return at;
}

/* One JSON value, and how much of the text it takes. NULL: it is damaged. */
static json_t *load_one(const char *text, size_t length, size_t *used)
{
	json_error_t error;
	json_t *root = json_loadb(text, length, JSON_DISABLE_EOF_CHECK, &error);
	struct text_buffer quoted = { 0 };

	*used = (size_t)error.position;
	if (root)
		return root;
	if (json_error_code(&error) != json_error_numeric_overflow)
		return python_load(text, length, used);
	quote_numbers(text, length, SIZE_MAX, &quoted);
	root = json_loadb(quoted.text, quoted.length, JSON_DISABLE_EOF_CHECK, &error);
	if (root)
		*used = quote_numbers(text, length, (size_t)error.position, &quoted);
	free(quoted.text);
	return root;
}

json_t *log_json_next(const char *text, size_t length, size_t *at)
{
	json_t *root = NULL;
	size_t taken;

	*at += skip(text + *at, length - *at);
	if (*at < length)
		root = load_one(text + *at, length - *at, &taken);
	if (root)
		*at += taken;
	return root;
}

struct strings {
	log_json_fn *take;
	void *arg;
};

/* True: the object is a line, and is taken. One whose text has several lines is none. */
static bool take_object(const struct strings *strings, const json_t *object)
{
	static const struct stamp_zone utc = { .tz = "UTC" }; /* when it was written is asked later */
	char *text = json_dumps(object, JSON_COMPACT);
	struct unwrapped_json json;
	bool line = text && unwrap_json_object(text, strlen(text), &utc, &json);

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

static void strings_of(const struct strings *strings, const json_t *value, unsigned int deep)
{
	const char *key;
	json_t *member;

	if (json_is_string(value))
		strings->take(strings->arg, json_string_value(value), json_string_length(value));
	if (deep == DEEPEST)
		return;
	for (size_t i = 0; i < json_array_size(value); i++) {
		i = take_lines(strings, value, i);
		strings_of(strings, json_array_get(value, i), deep + 1);
	}
	if (!json_is_object(value) || take_object(strings, value))
		return;
	json_object_foreach((json_t *)value, key, member) strings_of(strings, member, deep + 1);
}

void log_json_strings(const json_t *value, log_json_fn *take, void *arg)
{
	strings_of(&(const struct strings){ take, arg }, value, 0);
}
