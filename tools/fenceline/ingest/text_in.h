/* SPDX-License-Identifier: MIT */
/* Texts that no NUL ends. */
#ifndef FENCELINE_INGEST_TEXT_IN_H
#define FENCELINE_INGEST_TEXT_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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

/* The first `what` within so many bytes of the text; NULL: there is none. */
static inline const char *text_find(const char *text, size_t length, size_t within, const char *what)
{
	return memmem(text, length < within ? length : within, what, strlen(what));
}

#endif
