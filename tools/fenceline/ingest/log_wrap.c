/* SPDX-License-Identifier: MIT */
#include "ingest/log_wrap.h"

#include "ingest/text_in.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Without the blanks at its end, which are nobody's. */
static size_t trimmed(const char *text, size_t length)
{
	while (length && char_in(text[length - 1], " \t\r"))
		length--;
	return length;
}

/* ---- what a mail did ----
 * Quoted-printable (RFC 2045): "=3D" is a byte, and a "=" at a line's end says that the next line belongs to it. A part of a mail
 * says so in its header. A text without that header is taken for it only if all of it is: "crt=15'26" and "snapc 0=[]" are of a
 * log, and "timeout=20" may be.
 */

#define MAIL_WIDEST 76 /* a line may be */
#define FULL_ENOUGH 60 /* what is broken at less may be "key=" */

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
	if (length > MAIL_WIDEST)
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

static bool field_begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && !strncasecmp(text, with, strlen(with));
}

/* A part ends before the next one's header, and before the next mail. */
static bool ends_part(const char *text, size_t length, const char *next, const char *end)
{
	length = trimmed(text, length);
	if (field_begins(text, length, "From ") ||
	    (length > 4 && text_begins(text, length, "--") && !memcmp(text + length - 2, "--", 2)))
		return true;
	return text_begins(text, length, "--") && next < end && field_begins(next, (size_t)(end - next), "Content-");
}

enum place { OUTSIDE, HEADER, BODY };

static enum place next_place(enum place place, const char *line, size_t length, const char *next, const char *end)
{
	static const char field[] = "Content-Transfer-Encoding:", value[] = "quoted-printable";
	size_t at;

	if (place == BODY)
		return ends_part(line, length, next, end) ? OUTSIDE : BODY;
	if (place == HEADER)
		return trimmed(line, length) ? HEADER : BODY;
	if (!field_begins(line, length, field))
		return OUTSIDE;
	at = strlen(field) + text_run(line + strlen(field), length - strlen(field), " \t");
	return field_begins(line + at, length - at, value) ? HEADER : OUTSIDE;
}

/* A mail, or a text copied from one, with its quoted-printable parts decoded: a line that was broken is whole again, and as many
 * empty ones stand behind it as it took. NULL: text[0, length) has no such part. */
static char *mail_decode(const char *text, size_t length, size_t *decoded)
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

/* ---- what a terminal did, or a mail program that says nothing of it ----
 * A line is broken where the widest line of the paste ends: in the middle of a word, as a terminal does, or before the word that
 * did not fit, as a mail program does; or where somebody put a backslash. What it goes on in has no envelope. So a line is put
 * together only if it begins with an envelope or a stamp, reached the width or ends with a backslash, and is followed by a line
 * without envelope and stamp. That may be chance: libvirt's "starting up" is often the longest line of a log, and the command
 * line behind it has no stamp. So one line of the paste must have been broken within brackets or quotes.
 */

#define NARROWEST 60   /* what is broken at less is no log that anybody could read */
#define WIDEST    1000 /* what is as long was not broken */

struct part {
	struct log_span whole; /* as it stands there */
	bool begins;           /* with an envelope or a stamp */
	const char *text;      /* behind marks */
	size_t length;         /* without blanks at its end */
};

struct wrap {
	struct part *parts;
	size_t count;
	struct log_span marks; /* in front of the first line */
	bool in_words;         /* a word may be in two lines */
	size_t width;
};

static bool part_begins(struct log *log, const char *text, size_t length)
{
	struct line line = { .text = text, .length = length };
	size_t marks = unwrap_marks(text, length);
	struct log_line inner;
	struct log_line parsed;

	return log_parse_whole(log, &line, &parsed) || unwrap_prompt(text, length) ||
	       stamp_of(text + marks, length - marks, log->zone.tz) || /* the envelope itself may be broken */
	       (unwrap_line(log->unwrap, text, length, &log->zone, &inner) && inner.stamp.ns);
}

static void split(struct log *log, const char *text, size_t length, struct wrap *wrap)
{
	const char *end = text + length;
	struct log_span line;

	wrap->marks = (struct log_span){ text, unwrap_marks(text, length) };
	while (text_line(&text, end, &line.at, &line.length)) {
		XROOM(wrap->parts, wrap->count);
		wrap->parts[wrap->count++] = (struct part){ .whole = line, .begins = part_begins(log, line.at, line.length) };
	}
}

/* Is a bracket or a quote not closed at its end? */
static bool is_open(const struct part *part)
{
	int brackets = 0, quotes = 0;

	for (size_t i = 0; i < part->length; i++) {
		brackets += !!strchr("([{", part->text[i] ?: 'x') - !!strchr(")]}", part->text[i] ?: 'x');
		quotes += part->text[i] == '"';
	}
	return brackets > 0 || quotes % 2;
}

/* Where words are whole, the blanks in front of a part are none of the line's. */
static size_t marks_of(const struct wrap *wrap, const struct part *part)
{
	bool marked = part->whole.length >= wrap->marks.length && !memcmp(part->whole.at, wrap->marks.at, wrap->marks.length);

	return wrap->in_words && marked ? wrap->marks.length : unwrap_marks(part->whole.at, part->whole.length);
}

static void measure(struct wrap *wrap, bool in_words)
{
	wrap->in_words = in_words;
	wrap->width = 0;
	for (struct part *part = wrap->parts; part < wrap->parts + wrap->count; part++) {
		size_t marks = marks_of(wrap, part);

		part->text = part->whole.at + marks;
		part->length = trimmed(part->text, part->whole.length - marks);
		/* a word alone may be longer than what a line has room for */
		if (part->length > wrap->width && memchr(part->text, ' ', part->length))
			wrap->width = part->length;
	}
}

static size_t first_word(const struct part *part)
{
	const char *blank = memchr(part->text, ' ', part->length);

	return blank ? (size_t)(blank - part->text) : part->length;
}

/* Who broke it may have said so, as for a shell. */
static bool has_backslash(const struct part *part)
{
	return part->length && part->text[part->length - 1] == '\\';
}

/* Did the line have no room for what the next one begins with? */
static bool is_broken(const struct wrap *wrap, const struct part *part, const struct part *next)
{
	if (!next->length || next->begins)
		return false;
	if (has_backslash(part))
		return true;
	if (has_backslash(next)) /* that goes on by itself */
		return false;
	if (part->length + 1 >= wrap->width) /* a blank in the last column is lost */
		return true;
	return !wrap->in_words && part->length + 1 + first_word(next) > wrap->width;
}

/* The first that is not of part i's line. */
static size_t line_end(const struct wrap *wrap, size_t i)
{
	size_t next = i + 1;

	if (wrap->parts[i].begins)
		while (next < wrap->count && is_broken(wrap, &wrap->parts[next - 1], &wrap->parts[next]))
			next++;
	return next;
}

static bool was_broken(const struct wrap *wrap)
{
	if (wrap->width < NARROWEST || wrap->width > WIDEST)
		return false;
	for (size_t i = 0, end; i < wrap->count; i = end) {
		end = line_end(wrap, i);
		for (size_t part = i; part + 1 < end; part++)
			if (is_open(&wrap->parts[part]))
				return true;
	}
	return false;
}

/* Of a line that was broken between words some part is shorter than the width, and no word of the next had room in it. */
static bool breaks_words(const struct wrap *wrap)
{
	for (size_t i = 0, end; i < wrap->count; i = end) {
		end = line_end(wrap, i);
		if (wrap->parts[i].begins && end < wrap->count && wrap->parts[end].length && !wrap->parts[end].begins)
			return false;
	}
	return true;
}

/* A part, and what stands between it and the next one. */
static void put_part(const struct wrap *wrap, const struct part *part, bool last, struct text_buffer *whole)
{
	text_buffer_add(whole, part->text, part->length - (!last && has_backslash(part)));
	if (!last && !has_backslash(part) && (!wrap->in_words || part->length < wrap->width))
		text_buffer_add(whole, " ", 1);
}

static void join(const struct wrap *wrap, struct text_buffer *whole)
{
	for (size_t i = 0, end; i < wrap->count; i = end) {
		const struct part *part = &wrap->parts[i];

		end = line_end(wrap, i);
		text_buffer_add(whole, part->whole.at, end > i + 1 ? (size_t)(part->text - part->whole.at) : part->whole.length);
		for (; end > i + 1 && part < wrap->parts + end; part++)
			put_part(wrap, part, part + 1 == wrap->parts + end, whole);
		for (; i < end; i++)
			text_buffer_add(whole, "\n", 1);
	}
}

/* ---- a nonce in two lines ---- */

#define NONCE_DIGITS 10 /* it has 32 bits */

/* The address at the end of a row, of locks or of the blocklist, looks whole; but a line of digits alone stands in no listing. */
static bool nonce_goes_on(const struct part *part, const struct part *next)
{
	size_t digits = text_digits_at_end(part->text, part->length), more = text_run(next->text, next->length, DECIMAL);

	return digits && digits < part->length && part->text[part->length - digits - 1] == '/' && more && more == next->length &&
	       digits + more <= NONCE_DIGITS;
}

/* False: there is none. */
static bool join_nonces(const struct wrap *wrap, struct text_buffer *whole)
{
	bool any = false;

	for (size_t i = 0; i < wrap->count; i++) {
		const struct part *part = &wrap->parts[i];
		bool goes_on = i + 1 < wrap->count && nonce_goes_on(part, part + 1);

		text_buffer_add(whole, part->whole.at,
		                goes_on ? (size_t)(part->text - part->whole.at) + part->length : part->whole.length);
		if (goes_on) {
			text_buffer_add(whole, part[1].text, part[1].length);
			text_buffer_add(whole, "\n", 1);
			any = true;
			i++;
		}
		text_buffer_add(whole, "\n", 1);
	}
	return any;
}

static char *join_lines(struct log *log, const char *text, size_t length, size_t *joined)
{
	struct wrap wrap = { 0 };
	struct text_buffer whole = { 0 };
	bool broken;

	split(log, text, length, &wrap);
	measure(&wrap, true);
	broken = was_broken(&wrap) && breaks_words(&wrap);
	if (!broken) {
		measure(&wrap, false);
		broken = was_broken(&wrap);
	}
	if (broken)
		join(&wrap, &whole);
	else
		broken = join_nonces(&wrap, &whole);
	free(wrap.parts);
	if (!broken) {
		free(whole.text);
		return NULL;
	}
	*joined = whole.length;
	return whole.text;
}

char *log_wrap_join(struct log *log, const char *text, size_t length, size_t *whole)
{
	char *decoded = mail_decode(text, length, &length), *joined = join_lines(log, decoded ?: text, length, &length);

	*whole = length;
	if (!joined)
		return decoded;
	free(decoded);
	return joined;
}
