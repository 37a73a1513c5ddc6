/* SPDX-License-Identifier: MIT */
#include "snaps/intervals/interval_text.h"

#include "ingest/text_in.h"

#include <errno.h>

static const char zero_length[] = "an interval of length zero; left out",
                  overflows[] = "an interval past the 64-bit range; left out",
                  overlaps[] = "an interval that overlaps the one before it; each id counted once",
                  touches[] = "an interval that touches the one before it; counted as one interval",
                  backwards[] = "an interval that starts before the one before it; sorted in",
                  syntax[] = "not an interval; the rest of the set is left out",
                  cut[] = "the set ends in the middle, the line is cut off; counted up to there";

struct cursor {
	const char *at, *end;
	interval_fault_fn *fault;
	void *arg;
};

static void interval_tell(const struct cursor *c, const char *fault, const char *at)
{
	if (c->fault)
		c->fault(c->arg, fault, at);
}

/* Reads hex digits; false if there are none. *overflow is set if they do not fit 64 bits, never cleared. */
static bool read_hex(struct cursor *c, uint64_t *value, bool *overflow)
{
	const char *begin = c->at;
	uint64_t v = 0;
	int digit;

	while (c->at < c->end && (digit = hex_digit(*c->at)) >= 0) {
		*overflow |= v >> 60 != 0;
		v = v << 4 | (unsigned int)digit;
		c->at++;
	}
	*value = v;
	return c->at > begin;
}

bool interval_text_begins(const char *text, size_t length)
{
	size_t digits;

	if (length < 2 || *text != '[')
		return false;
	digits = text_run(text + 1, length - 1, "0123456789abcdefABCDEF");
	return text[1] == ']' || (digits && digits + 1 < length && text[digits + 1] == '~');
}

/* What is odd about an interval that comes after those in the set; it is counted in any case. */
static void tell_odd_order(const struct cursor *c, const struct interval_set *set, uint64_t start, const char *at)
{
	const struct interval *last = set->count ? &set->items[set->count - 1] : NULL;

	if (!last || start > interval_end(last))
		return;
	if (start == interval_end(last))
		interval_tell(c, touches, at);
	else
		interval_tell(c, start < last->start ? backwards : overlaps, at);
}

/* One start~length. False: broken or cut off, which is told. */
static bool read_interval(struct cursor *c, struct interval_set *set)
{
	const char *begin = c->at;
	uint64_t start, length;
	bool overflow = false;

	if (!read_hex(c, &start, &overflow) || c->at == c->end || *c->at++ != '~' || !read_hex(c, &length, &overflow)) {
		interval_tell(c, c->at == c->end ? cut : syntax, begin);
		return false;
	}
	if (c->at == c->end) { /* the length itself may be cut: it cannot be believed */
		interval_tell(c, cut, begin);
		return false;
	}
	if (overflow || __builtin_add_overflow(start, length, &(uint64_t){ 0 })) {
		interval_tell(c, overflows, begin);
	} else if (!length) {
		interval_tell(c, zero_length, begin);
	} else {
		tell_odd_order(c, set, start, begin);
		interval_set_insert(set, start, length);
	}
	return true;
}

int interval_text_parse(const char *text, size_t length, struct interval_set *set, const char **end, interval_fault_fn *fault,
                        void *arg)
{
	struct cursor c = { text + 1, text + length, fault, arg };

	interval_set_clear(set);
	if (end)
		*end = text + length;
	if (!length || *text != '[')
		return -EINVAL;
	while (c.at == c.end || *c.at != ']') {
		if (c.at > text + 1 && *c.at++ != ',') {
			interval_tell(&c, syntax, c.at - 1);
			return set->count ? 0 : -EBADMSG;
		}
		while (c.at < c.end && *c.at == ' ')
			c.at++;
		if (!read_interval(&c, set))
			return set->count ? 0 : -EBADMSG;
	}
	if (end)
		*end = c.at + 1;
	return 0;
}
