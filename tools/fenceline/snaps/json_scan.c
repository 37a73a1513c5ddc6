/* SPDX-License-Identifier: MIT */
#include "snaps/json_scan.h"

#include "ingest/line_reader.h"
#include "ingest/text_in.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STRING_MOST ((size_t)64 * 1024)
#define SET_MOST    LINE_READER_MOST /* of strings that are sets */

static struct json_level *top(struct json_scan *scan)
{
	return scan->depth && !scan->skipped ? &scan->levels[scan->depth - 1] : NULL;
}

/* Of a text that is too long only the beginning is kept. */
static void scan_append(struct json_scan *scan, const char *text, size_t length)
{
	const char *begin = scan->token.length ? scan->token.text : text;
	/* only sets are long, and they begin as one */
	size_t most = (scan->token.length || length) && *begin == '[' ? SET_MOST : STRING_MOST;

	if (scan->token.length + length > most)
		length = most - scan->token.length;
	text_buffer_add(&scan->token, text, length);
}

static void scan_begin(struct json_scan *scan, int state)
{
	scan->token.length = 0;
	scan->has_string = false;
	scan->state = state;
	scan_append(scan, "", 0); /* makes it a string, if an empty one */
}

static void odd(struct json_scan *scan, const char *what)
{
	const struct json_level *level = top(scan);

	scan->event(scan->arg, JSON_EVENT_ODD, level ? level->key : "", what, strlen(what));
}

/* A value has come for the member, if there is one. */
static void scan_value(struct json_scan *scan, enum json_event event, const char *text, size_t length)
{
	struct json_level *level = top(scan);
	const char *key = level && level->object ? level->key : "";

	if (scan->skipped)
		return;
	if (level && level->object && !*key) {
		odd(scan, "a value without a key");
		return;
	}
	scan->event(scan->arg, event, key, text, length);
	if (level)
		level->key[0] = '\0';
}

/* The string that was read turns out to be no key. */
static void scan_settle(struct json_scan *scan)
{
	if (scan->has_string) {
		scan->has_string = false;
		scan_value(scan, JSON_EVENT_STRING, scan->token.text, scan->token.length);
	}
}

static void take_open(struct json_scan *scan, bool object)
{
	struct json_level *level = top(scan);

	if (scan->skipped || scan->depth == JSON_SCAN_DEPTH) {
		scan->skipped++;
		return;
	}
	/* an object without a key in an object is told, and opened all the same, or its end would close the wrong one */
	if (level && level->object && !level->key[0] && !level->implied)
		odd(scan, "a value without a key");
	scan->event(scan->arg, object ? JSON_EVENT_OPEN_OBJECT : JSON_EVENT_OPEN_ARRAY, level && level->object ? level->key : "",
	            "", 0);
	scan->levels[scan->depth++] = (struct json_level){ .object = object };
}

static void close_top(struct json_scan *scan)
{
	struct json_level *level;

	scan->depth--;
	level = top(scan);
	if (level)
		level->key[0] = '\0';
	scan->event(scan->arg, JSON_EVENT_CLOSE, "", "", 0);
}

static void take_close(struct json_scan *scan, bool object)
{
	size_t depth = scan->depth;

	if (scan->skipped) {
		scan->skipped--;
		return;
	}
	while (depth && (scan->levels[depth - 1].object != object || scan->levels[depth - 1].implied))
		depth--;
	if (!depth) { /* its beginning was not pasted: the members so far are of one object, what comes is of the next */
		if (object && scan->depth && scan->levels[0].implied) {
			while (scan->depth)
				close_top(scan);
			json_scan_imply(scan);
		}
		return;
	}
	if (depth < scan->depth)
		odd(scan, object ? "'}' closes a '['" : "']' closes a '{'");
	while (scan->depth >= depth)
		close_top(scan);
}

void json_scan_imply(struct json_scan *scan)
{
	scan->event(scan->arg, JSON_EVENT_OPEN_OBJECT, "", "", 0);
	scan->levels[0] = (struct json_level){ .object = true, .implied = true };
	scan->depth = 1;
}

static void take_colon(struct json_scan *scan)
{
	struct json_level *level = top(scan);
	size_t length = scan->token.length;

	if (!level || !level->object || !scan->has_string) {
		scan->has_string = false;
		if (!scan->skipped)
			odd(scan, "':' without a key");
		return;
	}
	scan->has_string = false;
	if (length >= sizeof(level->key))
		length = sizeof(level->key) - 1;
	memcpy(level->key, scan->token.text, length);
	level->key[length] = '\0';
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.' || c == '_' || c == '~';
}

/* A word is at its end before `next`. */
static void end_word(struct json_scan *scan, char next)
{
	struct json_level *level = top(scan);

	scan->state = SCAN_NEUTRAL;
	if ((next == '\'' || next == '"') && !strcmp(scan->token.text, "u")) /* Python's u'text' */
		return;
	if (strspn(scan->token.text, ".") == scan->token.length) /* something was left out by hand */
		odd(scan, JSON_SCAN_LEFT_OUT);
	else if (level && level->object && !level->key[0]) /* a key without quotes, if ':' follows */
		scan->has_string = true;
	else
		scan_value(scan, JSON_EVENT_WORD, scan->token.text, scan->token.length);
}

static void take_neutral(struct json_scan *scan, char c)
{
	if (char_in(c, " \t\r"))
		return;
	if (c != ':')
		scan_settle(scan);
	if (c == '{' || c == '[') {
		take_open(scan, c == '{');
	} else if (c == '}' || c == ']') {
		take_close(scan, c == '}');
	} else if (c == ':') {
		take_colon(scan);
	} else if (c == ',') {
		if (top(scan))
			top(scan)->key[0] = '\0';
	} else if (c == '"' || c == '\'') {
		scan->quote = c;
		scan_begin(scan, SCAN_STRING);
	} else if (c == '/' || c == '#') {
		scan->state = SCAN_COMMENT;
	} else if (c == '\xe2') { /* "…" */
		odd(scan, JSON_SCAN_LEFT_OUT);
	} else if (in_word(c)) {
		scan_begin(scan, SCAN_WORD);
		scan_append(scan, &c, 1);
	} else if ((c & 0xc0) != 0x80) { /* else the rest of a character */
		odd(scan, "a byte that has no place in JSON");
	}
}

static void take_escape(struct json_scan *scan, char c)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *known = c ? strchr(from, c) : NULL;

	if (c == 'u') {
		scan->state = SCAN_UNICODE;
		scan->unicode = scan->unicode_digits = 0;
		return;
	}
	scan->state = SCAN_STRING;
	scan_append(scan, known ? &to[known - from] : &c, 1);
}

/* Pairs of surrogates become two replacement characters: only names can hold them. */
static void take_unicode(struct json_scan *scan, char c)
{
	int digit = hex_digit(c);
	unsigned int code;
	char utf8[3];
	size_t n = 0;

	if (digit < 0) {
		scan->state = SCAN_STRING;
		return;
	}
	scan->unicode = scan->unicode << 4 | (unsigned int)digit;
	if (++scan->unicode_digits < 4)
		return;
	scan->state = SCAN_STRING;
	code = (scan->unicode & 0xf800) == 0xd800 || !scan->unicode ? 0xfffd : scan->unicode;
	if (code < 0x80) {
		utf8[n++] = (char)code;
	} else {
		if (code < 0x800) {
			utf8[n++] = (char)(0xc0 | code >> 6);
		} else {
			utf8[n++] = (char)(0xe0 | code >> 12);
			utf8[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		}
		utf8[n++] = (char)(0x80 | (code & 0x3f));
	}
	scan_append(scan, utf8, n);
}

/* The part of a string up to its end, an escape, or the end of the line. Returns the bytes taken. */
static size_t take_run(struct json_scan *scan, const char *text, size_t length)
{
	const char *quote = memchr(text, scan->quote, length), *escape;
	size_t run = quote ? (size_t)(quote - text) : length;

	escape = memchr(text, '\\', run);
	if (escape)
		run = (size_t)(escape - text);
	scan_append(scan, text, run);
	if (run == length)
		return run;
	scan->state = escape ? SCAN_ESCAPE : SCAN_NEUTRAL;
	scan->has_string = !escape;
	return run + 1;
}

size_t json_scan_key(const char *text, size_t length)
{
	size_t i = 1;

	if (!length || text[0] != '"')
		return 0;
	while (i < length && (isalnum((unsigned char)text[i]) || text[i] == '_'))
		i++;
	return i > 1 && i < length && text[i] == '"' ? i + 1 : 0;
}

/* A line that a string goes on in: wrapped, as long as it is not another member. */
static void continue_string(struct json_scan *scan, const char *text, size_t length)
{
	size_t key = json_scan_key(text, length);

	if (!key || key == length || text[key] != ':')
		return;
	scan->state = SCAN_NEUTRAL;
	scan->has_string = true;
	odd(scan, "a string without its end");
	scan_settle(scan);
}

static void take_one(struct json_scan *scan, char c)
{
	if (scan->state == SCAN_WORD)
		scan_append(scan, &c, 1);
	else if (scan->state == SCAN_ESCAPE)
		take_escape(scan, c);
	else if (scan->state == SCAN_UNICODE)
		take_unicode(scan, c);
	else if (scan->state == SCAN_NEUTRAL)
		take_neutral(scan, c);
}

size_t json_scan_take(struct json_scan *scan, const char *text, size_t length, unsigned int edges)
{
	size_t at = 0;

	if (scan->state == SCAN_STRING && edges & JSON_SCAN_BEGINS_LINE) {
		while (at < length && (text[at] == ' ' || text[at] == '\t'))
			at++;
		continue_string(scan, text + at, length - at);
	}
	while (at < length) {
		size_t depth = scan->depth;

		if (scan->state == SCAN_STRING) {
			at += take_run(scan, text + at, length - at);
		} else if (scan->state == SCAN_WORD && !in_word(text[at])) {
			end_word(scan, text[at]);
		} else {
			take_one(scan, text[at++]);
			if (depth && !scan->depth)
				return at;
		}
	}
	if (scan->state == SCAN_WORD && edges & JSON_SCAN_ENDS_LINE)
		end_word(scan, '\n');
	if (scan->state == SCAN_COMMENT && edges & JSON_SCAN_ENDS_LINE)
		scan->state = SCAN_NEUTRAL;
	return at;
}

bool json_scan_end(struct json_scan *scan)
{
	bool middle = scan->depth && !(scan->depth == 1 && scan->levels[0].implied);
	if (scan->depth && (scan->state == SCAN_STRING || scan->state == SCAN_ESCAPE || scan->state == SCAN_UNICODE))
		scan->has_string = true;
	scan->state = SCAN_NEUTRAL;
	scan->skipped = 0;
	if (top(scan) && (!top(scan)->object || top(scan)->key[0])) /* else half a key */
		scan_settle(scan);
	scan->has_string = false;
	while (scan->depth)
		close_top(scan);
	return middle;
}

char *json_scan_steal(struct json_scan *scan)
{
	char *text = xreallocarray(scan->token.text, scan->token.length + 1, 1);

	scan->token = (struct text_buffer){ 0 };
	return text;
}

void json_scan_drop(struct json_scan *scan)
{
	scan->depth = scan->skipped = 0;
	scan->state = SCAN_NEUTRAL;
	scan->has_string = false;
}

void json_scan_free(struct json_scan *scan)
{
	free(scan->token.text);
	scan->token = (struct text_buffer){ 0 };
}
