/* SPDX-License-Identifier: MIT */
#include "snaps/strings.h"

#include "ingest/line_reader.h"
#include "ingest/log_json.h"
#include "ingest/python_text.h"
#include "ingest/text_in.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"
#include "snaps/lines.h"

#include <stdlib.h>
#include <string.h>

struct strings {
	struct account *account;
	const char *path;
	struct text_buffer last; /* owned: the text that told something; an automation has it twice, whole and as lines */
	bool told;
};

static bool strings_same(const struct strings *strings, const char *text, size_t length)
{
	return strings->last.length == length && !memcmp(strings->last.text, text, length);
}

static void take_text(void *arg, const char *text, size_t length)
{
	struct strings *strings = arg;
	struct line_parser *parser;
	const char *at = text, *end;
	struct line line = { .number = 1 };
	bool told = false;

	while (length && text[length - 1] == '\n')
		length--;
	if (!length || strings_same(strings, text, length))
		return;
	parser = line_parser_new(strings->account, strings->path, NULL);
	for (end = text + length; text_line(&at, end, &line.text, &line.length);)
		told |= line_parser_take(parser, &line);
	told |= line_parser_finish(parser);
	line_parser_free(parser);
	if (!told)
		return;
	strings->told = true;
	strings->last.length = 0;
	text_buffer_add(&strings->last, text, length);
}

/* Do strings in it hold a dump, as text or as JSON? In JSON itself a blank and a bracket never follow the word. */
static bool holds_dump(const char *text, size_t length)
{
	static const char *const signs[] = { "removed_snaps [", "removed_snaps_queue [", "\\\"removed_snaps" };

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (memmem(text, length, signs[i], strlen(signs[i])))
			return true;
	return python_begins(text, length) && memmem(text, length, "removed_snaps", strlen("removed_snaps"));
}

bool strings_read(struct account *account, const char *path, const char *text, size_t length)
{
	struct strings strings = { .account = account, .path = path };
	const char *newline = memchr(text, '\n', length) ?: text + length, *at;
	size_t marks = unwrap_marks(text, length), left, used = 0;
	json_t *root;

	if (unwrap_json_recognise(text + marks, length - marks)) /* a log, a line in each object */
		return false;
	at = log_json_in(text, length, (size_t)(newline - text));
	left = at ? (size_t)(text + length - at) : 0;
	if (left && holds_dump(at, left))
		for (; (root = log_json_next(at, left, &used)); json_decref(root))
			log_json_strings(root, take_text, &strings);
	free(strings.last.text);
	return strings.told;
}
