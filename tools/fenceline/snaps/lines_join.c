/* SPDX-License-Identifier: MIT */
#include "snaps/lines_join.h"

#include <ctype.h>
#include <string.h>

bool hold(struct line_parser *parser, const struct line *line)
{
	if (parser->releasing || line->more)
		return false;
	parser->held.length = 0;
	parser->held_number = line->number;
	parser->has_held = true;
	text_buffer_add(&parser->held, line->text, line->length);
	return true;
}

bool hold_if_open(struct line_parser *parser, const struct taken *t, const char *at)
{
	const char *end = t->line->text + t->line->length;

	if (at >= end || *at != '[' || memchr(at, ']', (size_t)(end - at)))
		return false;
	return hold(parser, t->line);
}

/* Does the line go on with a set that the one before broke off in? Nothing but what sets are made of, up to the bracket. */
static bool goes_on(const struct line_parser *parser, const char *text, size_t length)
{
	const char *end = memchr(text, ']', length);
	size_t set = end ? (size_t)(end - text) : length;
	bool begun = memrchr(parser->held.text, '[', parser->held.length) != NULL;

	if (!length || (!begun && *text != '[') || parser->held.length + length > LINE_READER_MOST)
		return false;
	for (size_t i = begun ? 0 : 1; i < set; i++)
		if (!isxdigit((unsigned char)text[i]) && !char_in(text[i], "~,. ="))
			return false;
	return true;
}

enum joined join_held(struct line_parser *parser, const struct line *line)
{
	const char *text = line->text, *end = text + line->length;

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	if (!goes_on(parser, text, (size_t)(end - text)))
		return NOT_JOINED;
	if (parser->held.length && char_in(parser->held.text[parser->held.length - 1], "=\\"))
		parser->held.length--; /* a soft break */
	text_buffer_add(&parser->held, text, (size_t)(end - text));
	return memchr(text, ']', (size_t)(end - text)) ? JOINED_WHOLE : JOINED;
}
