/* SPDX-License-Identifier: MIT */
#include "snaps/line_parser.h"

#include "ingest/tz.h"
#include "snaps/intervals/interval_text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

int64_t taken_ns(const struct taken *t)
{
	return t->stamp ? stamp_of(t->stamp, (size_t)(t->end - t->stamp), "UTC") : 0;
}

struct fault_arg {
	struct line_parser *parser;
	const struct line *line;
};

static void tell_fault(void *arg, const char *fault, const char *at)
{
	struct fault_arg *f = arg;
	struct place place = f->parser->place;

	if (f->parser->whole && at >= f->parser->whole && at < f->parser->whole + f->parser->whole_length)
		place.column = (uint64_t)(at - f->parser->whole) + 1;
	else
		place.column = (uint64_t)(at - f->line->text) + 1;
	warn_interval(&f->parser->account->warnings, &place, "", fault, at, f->line->text + f->line->length);
}

bool read_set(struct line_parser *parser, const struct taken *t, const char *at, struct interval_set *set, const char **end)
{
	struct fault_arg arg = { parser, t->line };
	int error = interval_text_parse(at, (size_t)(t->end - at), set, end, tell_fault, &arg);

	parser->set_unread |= error == -EBADMSG;
	return !error;
}

uint64_t read_number(const char *at, const char *end, const char **after)
{
	uint64_t value = 0;

	while (at < end && *at == ' ')
		at++;
	while (at < end && isdigit((unsigned char)*at))
		value = value * 10 + (unsigned int)(*at++ - '0');
	if (after)
		*after = at;
	return value;
}

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
	return at < t->end && *at == '[' && !memchr(at, ']', (size_t)(t->end - at)) && hold(parser, t->line);
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
	size_t blanks = text_run(line->text, line->length, " \t"), length = line->length - blanks;
	const char *text = line->text + blanks;

	if (!goes_on(parser, text, length))
		return NOT_JOINED;
	if (parser->held.length && char_in(parser->held.text[parser->held.length - 1], "=\\"))
		parser->held.length--; /* a soft break */
	text_buffer_add(&parser->held, text, length);
	return memchr(text, ']', length) ? JOINED_WHOLE : JOINED;
}
