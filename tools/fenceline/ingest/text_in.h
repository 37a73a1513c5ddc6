/* SPDX-License-Identifier: MIT */
/* Texts that no NUL ends. */
#ifndef FENCELINE_INGEST_TEXT_IN_H
#define FENCELINE_INGEST_TEXT_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DECIMAL "0123456789"

struct log_span {
	const char *at; /* NULL: there is none */
	size_t length;
};

static inline struct log_span span_of(const char *text)
{
	return (struct log_span){ text, strlen(text) };
}

/* What stands behind its first bytes. */
static inline struct log_span span_from(struct log_span span, size_t length)
{
	return (struct log_span){ span.at + length, span.length - length };
}

/* Is it one of the set? NUL is in none. */
static inline bool char_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static inline bool text_begins(const char *text, size_t length, const char *with)
{
	size_t n = strlen(with);

	return length >= n && !memcmp(text, with, n);
}

static inline bool span_begins(struct log_span span, const char *with)
{
	return text_begins(span.at, span.length, with);
}

/* How many bytes at its beginning are of the set. */
static inline size_t text_run(const char *text, size_t length, const char *set)
{
	size_t run = 0;

	while (run < length && char_in(text[run], set))
		run++;
	return run;
}

/* As much of it as `to` has room for, and a NUL behind. */
static inline void text_copy(char *to, size_t size, const char *text, size_t length)
{
	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(to, text, length);
	to[length] = '\0';
}

/* How many digits stand at its end. */
static inline size_t text_digits_at_end(const char *text, size_t length)
{
	size_t digits = 0;

	while (digits < length && char_in(text[length - digits - 1], DECIMAL))
		digits++;
	return digits;
}

static inline bool text_is_uuid(const char *text, size_t length, const char *digits)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < strlen(form) && length == strlen(form); i++)
		if (form[i] == '-' ? text[i] != '-' : !char_in(text[i], digits))
			return false;
	return length == strlen(form);
}

/* -1: it is none. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next line of what lies between *at and end, without its newline, behind which *at is put. False: there is none. */
static inline bool text_line(const char **at, const char *end, const char **line, size_t *length)
{
	const char *newline;

	if (*at >= end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at)) ?: end;
	*line = *at;
	*length = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

/* Behind the first `word` between `at` and `end`; NULL: it is not there. */
static inline const char *text_behind(const char *at, const char *end, const char *word)
{
	const char *found = memmem(at, (size_t)(end - at), word, strlen(word));

	return found ? found + strlen(word) : NULL;
}

/* The same, of a word that lies within so many bytes. */
static inline const char *text_behind_within(const char *at, const char *end, size_t within, const char *word)
{
	return text_behind(at, (size_t)(end - at) < within ? end : at + within, word);
}

/* Puts *at behind `with`, if that stands there. */
static inline bool text_skip(const char **at, const char *end, const char *with)
{
	bool there = text_begins(*at, (size_t)(end - *at), with);

	*at += there ? strlen(with) : 0;
	return there;
}

/* The first `what` within so many bytes of the text; NULL: there is none. */
static inline const char *text_find(const char *text, size_t length, size_t within, const char *what)
{
	return memmem(text, length < within ? length : within, what, strlen(what));
}

#endif
