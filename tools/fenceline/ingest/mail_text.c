/* SPDX-License-Identifier: MIT */
/*
 * Quoted-printable (RFC 2045): "=3D" is a byte, and a "=" at a line's end says that the next line belongs to it. A part of a mail
 * says so in its header. A text without that header is taken for it only if all of it is: "crt=15'26" and "snapc 0=[]" are of a
 * log, and "timeout=20" may be.
 */
#include "ingest/mail_text.h"

#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WIDEST      76 /* a line may be */
#define FULL_ENOUGH 60 /* what is broken at less may be "key=" */

/* What of a line counts: blanks at its end are the transport's. */
static size_t trimmed(const char *text, size_t length)
{
	while (length && char_in(text[length - 1], " \t\r"))
		length--;
	return length;
}

/* The byte that "=3D" stands for; -1: it is none. */
static int escaped(const char *text, size_t length)
{
	int high = length > 2 ? hex_digit(text[1]) : -1, low = length > 2 ? hex_digit(text[2]) : -1;

	return *text == '=' && high >= 0 && low >= 0 ? high << 4 | low : -1;
}

/* Of a line without a header: false, it is not quoted-printable. `*sure`: it is nothing else. */
static bool may_be_quoted(const char *text, size_t length, bool *sure)
{
	length = trimmed(text, length);
	if (length > WIDEST)
		return false;
	for (const char *at = text; (at = memchr(at, '=', (size_t)(text + length - at))); at++) {
		bool last = at + 1 == text + length;

		if (!last && escaped(at, (size_t)(text + length - at)) < 0)
			return false;
		*sure |= last ? length >= FULL_ENOUGH : escaped(at, (size_t)(text + length - at)) == '=';
	}
	return true;
}

static bool is_all_quoted(const char *text, size_t length)
{
	const char *end = text + length, *line;
	bool sure = false;

	while (text_line(&text, end, &line, &length))
		if (!may_be_quoted(line, length, &sure))
			return false;
	return sure;
}

struct mail {
	struct text_buffer plain;
	size_t owed; /* ends of lines that were no ends */
};

static void put_line(struct mail *mail, const char *text, size_t length)
{
	text_buffer_add(&mail->plain, text, length);
	for (; mail->owed; mail->owed--)
		text_buffer_add(&mail->plain, "\n", 1);
	text_buffer_add(&mail->plain, "\n", 1);
}

static void put_quoted(struct mail *mail, const char *text, size_t length)
{
	bool goes_on;

	length = trimmed(text, length);
	goes_on = length && text[length - 1] == '=';
	length -= goes_on;
	for (size_t at = 0; at < length;) {
		int byte = escaped(text + at, length - at);
		char c = byte < 0 ? text[at] : (char)byte;

		text_buffer_add(&mail->plain, &c, 1);
		at += byte < 0 ? 1 : 3;
	}
	if (goes_on)
		mail->owed++;
	else
		put_line(mail, "", 0);
}

static bool begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && !strncasecmp(text, with, strlen(with));
}

/* A part ends before the next one's header, and before the next mail. */
static bool ends_part(const char *text, size_t length, const char *next, const char *end)
{
	length = trimmed(text, length);
	if (begins(text, length, "From ") ||
	    (length > 4 && text_begins(text, length, "--") && !memcmp(text + length - 2, "--", 2)))
		return true;
	return text_begins(text, length, "--") && next < end && begins(next, (size_t)(end - next), "Content-");
}

enum place { OUTSIDE, HEADER, BODY };

static enum place next_place(enum place place, const char *line, size_t length, const char *next, const char *end)
{
	static const char field[] = "Content-Transfer-Encoding:", value[] = "quoted-printable";

	if (place == BODY)
		return ends_part(line, length, next, end) ? OUTSIDE : BODY;
	if (place == HEADER)
		return trimmed(line, length) ? HEADER : BODY;
	if (!begins(line, length, field))
		return OUTSIDE;
	line += strlen(field);
	length -= strlen(field);
	while (length && char_in(*line, " \t"))
		line++, length--;
	return begins(line, length, value) ? HEADER : OUTSIDE;
}

char *mail_text_decode(const char *text, size_t length, size_t *decoded)
{
	const char *end = text + length, *next = text, *line;
	bool all = is_all_quoted(text, length), found = all;
	struct mail mail = { 0 };
	enum place place = OUTSIDE;

	while (text_line(&next, end, &line, &length)) {
		enum place before = place;

		place = next_place(before, line, length, next, end);
		found |= place == BODY;
		if (all || (place == BODY && before == BODY))
			put_quoted(&mail, line, length);
		else
			put_line(&mail, line, length);
	}
	if (mail.owed)
		put_line(&mail, "", 0);
	if (!found) {
		free(mail.plain.text);
		return NULL;
	}
	*decoded = mail.plain.length;
	return mail.plain.text;
}
