/* SPDX-License-Identifier: MIT */
#include "snaps/line_parser.h"

#include "snaps/intervals/interval_text.h"

#include <ctype.h>
#include <errno.h>

size_t stamp_length(const struct taken *t)
{
	size_t left = (size_t)(t->line->text + t->line->length - t->stamp);

	return left < LINE_CACHE_STAMP ? left : LINE_CACHE_STAMP;
}

struct fault_arg {
	struct line_parser *parser;
	const struct line *line;
};

static void tell_fault(void *arg, enum interval_fault fault, const char *at)
{
	struct fault_arg *f = arg;
	struct place place = f->parser->place;

	if (f->parser->whole && at >= f->parser->whole && at < f->parser->whole + f->parser->whole_length)
		place.column = (uint64_t)(at - f->parser->whole) + 1;
	else
		place.column = (uint64_t)(at - f->line->text) + 1;
	warn_interval(&f->parser->account->warnings, &place, "", interval_fault_text(fault), at, f->line->text + f->line->length);
}

bool read_set(struct line_parser *parser, const struct taken *t, const char *at, struct interval_set *set, const char **end)
{
	struct fault_arg arg = { parser, t->line };
	int error = interval_text_parse(at, (size_t)(t->line->text + t->line->length - at), set, end, tell_fault, &arg);

	parser->set_unread |= interval_text_is_unread(error, set);
	return error != -EINVAL && !interval_text_is_unread(error, set);
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
