/* SPDX-License-Identifier: MIT */
#include "snaps/log_line.h"

#include <string.h>

#define STAMP_WITHIN 160 /* where a stamp may begin behind some prefix */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 2020-04-05 or 2020-04-05T, nothing more is checked here */
static bool looks_like_stamp(const char *text, size_t length)
{
	static const char shape[] = "dddd-dd-dd";

	if (length < 19)
		return false;
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == 'd' ? !is_digit(text[i]) : text[i] != shape[i])
			return false;
	return text[10] == ' ' || text[10] == 'T';
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && *at != ' ')
		at++;
	while (at < end && *at == ' ')
		at++;
	return at;
}

#define THREAD_DIGITS 6 /* a pthread_t is an address; a shorter number behind a stamp is a column of some table */

static uint64_t parse_thread(const char *at, const char *end)
{
	const char *begin = at;
	uint64_t value = 0;

	for (; at < end && *at != ' '; at++) {
		int digit = is_digit(*at) ? *at - '0' : *at >= 'a' && *at <= 'f' ? *at - 'a' + 10 : -1;

		if (digit < 0)
			return 0;
		value = value << 4 | (unsigned int)digit;
	}
	return at - begin >= THREAD_DIGITS ? value : 0;
}

/* STAMP THREAD LEVEL text, as dout writes it. */
static bool split_at(const char *line, size_t length, struct log_line *out)
{
	const char *end = line + length, *at;

	if (!looks_like_stamp(line, length))
		return false;
	at = skip_word(line + (line[10] == ' ' ? 11 : 0), end);
	out->stamp = line;
	out->thread = parse_thread(at, end);
	if (out->thread) {
		at = skip_word(at, end);
		at = skip_word(at, end); /* the level */
	}
	out->text = at;
	out->length = (size_t)(end - at);
	return true;
}

void log_line_split(const char *line, size_t length, struct log_line *out)
{
	*out = (struct log_line){ .text = line, .length = length };
	if (split_at(line, length, out) || length < 19)
		return;
	for (size_t i = 1; i < length - 19 && i < STAMP_WITHIN; i++)
		if (is_digit(line[i]) && !is_digit(line[i - 1]) && split_at(line + i, length - i, out))
			return;
}

bool char_in(char c, const char *set)
{
	return c && strchr(set, c);
}

bool text_begins(const char *text, size_t length, const char *prefix)
{
	size_t n = strlen(prefix);

	return length >= n && !memcmp(text, prefix, n);
}

const char *text_find(const char *text, size_t length, size_t within, const char *what)
{
	return memmem(text, length < within ? length : within, what, strlen(what));
}
