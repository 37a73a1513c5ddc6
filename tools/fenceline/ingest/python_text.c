/* SPDX-License-Identifier: MIT */
#include "ingest/python_text.h"

#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define LARGE   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DEEPEST 64
#define DIGITS  18 /* of a number that surely fits 64 bits; a longer one is written as text */

struct python {
	const char *at, *end;
	struct text_buffer json; /* the same, written so */
};

static bool read_value(struct python *python, unsigned int deep);

static void put(struct python *python, const char *text, size_t length)
{
	text_buffer_add(&python->json, text, length);
}

static bool digit_at(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* Where the quote of a string is that begins here: behind b, u or r; NULL: none does. */
static const char *string_at(const char *at, const char *end)
{
	for (size_t i = 0; i < 2 && at < end && char_in(*at, "bBuUrR"); i++)
		at++;
	return at < end && char_in(*at, "'\"") ? at : NULL;
}

static void skip_blank(struct python *python)
{
	python->at += text_run(python->at, (size_t)(python->end - python->at), " \t\r\n");
}

/* Steps over that character; false: another one comes. */
static bool take(struct python *python, char c)
{
	bool there = python->at < python->end && *python->at == c;

	python->at += there;
	return there;
}

/* One character of a string, as JSON writes it. */
static void put_character(struct python *python, uint32_t code)
{
	char written[16];
	int length;

	if (code == '"' || code == '\\')
		length = snprintf(written, sizeof(written), "\\%c", (char)code);
	else if (code >= ' ' && code < 127)
		length = snprintf(written, sizeof(written), "%c", (char)code);
	else if (!code || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		length = snprintf(written, sizeof(written), "?");
	else if (code > 0xffff)
		length = snprintf(written, sizeof(written), "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
		                  0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		length = snprintf(written, sizeof(written), "\\u%04x", code);
	put(python, written, (size_t)length);
}

/* So many digits. */
static bool read_code(struct python *python, size_t digits)
{
	uint32_t code = 0;

	for (; digits; digits--, python->at++) {
		int digit = python->at < python->end ? hex_digit(*python->at) : -1;

		if (digit < 0)
			return false;
		code = code << 4 | (uint32_t)digit;
	}
	put_character(python, code);
	return true;
}

/* What follows a backslash. */
static bool read_escape(struct python *python)
{
	static const char written[] = "ntrabfv", means[] = "\n\t\r\a\b\f\v";
	const char *named;
	char c;

	if (python->at == python->end)
		return false;
	c = *python->at++;
	named = c ? strchr(written, c) : NULL;
	if (c == 'x' || c == 'u' || c == 'U')
		return read_code(python, c == 'x' ? 2 : c == 'u' ? 4 : 8);
	if (!char_in(c, "'\"\\")) {
		put_character(python, named ? (uint32_t)means[named - written] : '\\');
		if (named)
			return true;
	}
	put_character(python, (unsigned char)c);
	return true;
}

/* Its characters, up to the quote. */
static bool read_characters(struct python *python, char quote)
{
	while (!take(python, quote)) {
		unsigned char c;

		if (python->at == python->end || *python->at == '\n')
			return false;
		c = (unsigned char)*python->at++;
		if (c >= 128)
			put(python, python->at - 1, 1);
		else if (c != '\\')
			put_character(python, c);
		else if (!read_escape(python))
			return false;
	}
	return true;
}

/* A string, and those that follow it at once: they are one. */
static bool read_string(struct python *python)
{
	const char *quote, *end = python->at;

	put(python, "\"", 1);
	while ((quote = string_at(python->at, python->end))) {
		python->at = quote + 1;
		if (!read_characters(python, *quote))
			return false;
		end = python->at;
		skip_blank(python);
	}
	python->at = end;
	put(python, "\"", 1);
	return true;
}

/* As it is, but for the L of Python 2; a long one, and what JSON has no word for, as text. */
static bool read_number(struct python *python)
{
	const char *begin = python->at;
	bool quote;

	python->at += text_run(begin, (size_t)(python->end - begin), "+-.0123456789eE");
	quote = python->at - begin > DIGITS || !digit_at(python->at - 1, python->end) || *begin == '+';
	put(python, "\"", quote);
	put(python, begin, (size_t)(python->at - begin));
	put(python, "\"", quote);
	take(python, 'L');
	return python->at > begin;
}

/* "args=" in front of what a call is given. */
static void skip_name(struct python *python)
{
	size_t name = text_run(python->at, (size_t)(python->end - python->at), SMALL "_");
	const char *behind = python->at + name;

	if (name && behind < python->end && *behind == '=')
		python->at = behind + 1;
}

static bool read_member(struct python *python, bool object, unsigned int deep)
{
	if (!object)
		return skip_name(python), read_value(python, deep);
	if (string_at(python->at, python->end)) {
		if (!read_string(python))
			return false;
	} else {
		put(python, "\"", 1);
		if (!digit_at(python->at, python->end) || !read_number(python))
			return false;
		put(python, "\"", 1);
	}
	skip_blank(python);
	if (!take(python, ':'))
		return false;
	put(python, ":", 1);
	skip_blank(python);
	return read_value(python, deep);
}

/* What stands in brackets, from the opening one on. */
static bool read_members(struct python *python, unsigned int deep)
{
	bool object = *python->at == '{';
	char closing = object ? '}' : *python->at == '(' ? ')' : ']';

	put(python, object ? "{" : "[", 1);
	python->at++;
	skip_blank(python);
	for (bool first = true; !take(python, closing); first = false) {
		if (!first)
			put(python, ",", 1);
		if (!read_member(python, object, deep))
			return false;
		skip_blank(python);
		if (take(python, ',')) /* there may be none behind it: (0,) */
			skip_blank(python);
		else if (python->at == python->end || *python->at != closing)
			return false;
	}
	put(python, object ? "}" : "]", 1);
	return true;
}

/* None, True, False, or a call: its name is of no interest. */
static bool read_word(struct python *python, unsigned int deep)
{
	static const struct {
		const char *word, *json;
	} words[] = { { "None", "null" }, { "True", "true" }, { "False", "false" } };
	const char *begin = python->at;
	size_t length = text_run(begin, (size_t)(python->end - begin), SMALL LARGE "._");

	python->at += length;
	if (length && python->at < python->end && *python->at == '(')
		return read_members(python, deep);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (length == strlen(words[i].word) && !memcmp(begin, words[i].word, length)) {
			put(python, words[i].json, strlen(words[i].json));
			return true;
		}
	return false;
}

static bool read_value(struct python *python, unsigned int deep)
{
	if (deep == DEEPEST || python->at == python->end)
		return false;
	if (string_at(python->at, python->end))
		return read_string(python);
	if (char_in(*python->at, "[({"))
		return read_members(python, deep + 1);
	if (char_in(*python->at, "+-") || digit_at(python->at, python->end))
		return read_number(python);
	return read_word(python, deep + 1);
}

/* A string, or brackets, from which on. */
static bool begins_within(const char *at, const char *end)
{
	at += text_run(at, (size_t)(end - at), " \t\r\n[");
	if (at < end && *at == '(') {
		at++;
		at += text_run(at, (size_t)(end - at), "0123456789");
		return at < end && (char_in(*at, ",") || string_at(at, end));
	}
	return string_at(at, end) && (*at != '"');
}

bool python_begins(const char *text, size_t length)
{
	static const char call[] = "CompletedProcess(";
	const char *end = text + length, *line = memchr(text, '\n', length) ?: end, *quote = string_at(text, end);

	if (quote)
		return (quote > text || memmem(text, (size_t)(line - text), "\\n", 2)) &&
		       memchr(quote + 1, *quote, (size_t)(line - quote - 1));
	return length && ((char_in(*text, "[(") && begins_within(text, end)) || text_begins(text, length, call));
}

json_t *python_load(const char *text, size_t length, size_t *used)
{
	struct python python = { .at = text, .end = text + length };
	bool alone = string_at(text, python.end), read;
	json_t *root = NULL;
	const char *at;

	put(&python, "[", alone);
	read = read_value(&python, 0);
	put(&python, "]", alone);
	at = python.at + text_run(python.at, (size_t)(python.end - python.at), " \t\r,;");
	*used = (size_t)(python.at - text);
	if (read && (at == python.end || *at == '\n'))
		root = json_loadb(python.json.text, python.json.length, 0, NULL);
	free(python.json.text);
	return root;
}
