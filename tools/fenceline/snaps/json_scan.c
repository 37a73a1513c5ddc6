/* SPDX-License-Identifier: MIT */
#include "snaps/json_scan.h"

#include "ingest/line_reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STRING_MOST ((size_t)64 * 1024)
#define SET_MOST    LINE_READER_MOST /* of strings that are sets */

static struct json_level *top(struct json_scan *scan)
{
	return scan->depth && !scan->skipped ? &scan->levels[scan->depth - 1] : NULL;
}

bool json_scan_open(const struct json_scan *scan)
{
	return scan->depth > 0;
}

/* How much of a text is kept: only sets are long, and they begin as one. */
static size_t keep_most(const struct json_scan *scan, char next)
{
	return (scan->length ? scan->text[0] : next) == '[' ? SET_MOST : STRING_MOST;
}

static int append(struct json_scan *scan, const char *text, size_t length)
{
	size_t most = keep_most(scan, length ? *text : '\0');

	if (scan->length + length > most) {
		length = most - scan->length;
		scan->cut = true;
	}
	if (scan->length + length + 1 > scan->capacity) {
		size_t capacity = scan->capacity ? scan->capacity : 256;
		char *grown;

		while (capacity < scan->length + length + 1)
			capacity *= 2;
		grown = realloc(scan->text, capacity);
		if (!grown)
			return -ENOMEM;
		scan->text = grown;
		scan->capacity = capacity;
	}
	memcpy(scan->text + scan->length, text, length);
	scan->length += length;
	scan->text[scan->length] = '\0';
	return 0;
}

static int begin(struct json_scan *scan, int state)
{
	scan->length = 0;
	scan->cut = scan->has_string = false;
	scan->state = state;
	return append(scan, "", 0); /* makes it a string, if an empty one */
}

static int odd(struct json_scan *scan, const char *what)
{
	const struct json_level *level = top(scan);

	return scan->event(scan->arg, JSON_EVENT_ODD, level ? level->key : "", what, strlen(what));
}

/* A value has come for the member, if there is one. */
static int value(struct json_scan *scan, enum json_event event, const char *text, size_t length)
{
	struct json_level *level = top(scan);
	const char *key = level && level->object ? level->key : "";
	int ret;

	if (scan->skipped)
		return 0;
	if (level && level->object && !*key)
		return odd(scan, "a value without a key");
	ret = scan->event(scan->arg, event, key, text, length);
	if (level && event != JSON_EVENT_OPEN_OBJECT && event != JSON_EVENT_OPEN_ARRAY)
		level->key[0] = '\0';
	return ret;
}

/* The string that was read turns out to be no key. */
static int settle(struct json_scan *scan)
{
	if (!scan->has_string)
		return 0;
	scan->has_string = false;
	return value(scan, JSON_EVENT_STRING, scan->text, scan->length);
}

static int take_open(struct json_scan *scan, bool object)
{
	struct json_level *level = top(scan);
	int ret = settle(scan);

	if (ret || scan->skipped || scan->depth == JSON_SCAN_DEPTH) {
		scan->skipped++;
		return ret;
	}
	/* an object without a key in an object is told, and opened all the same, or its end would close the wrong one */
	if (level && level->object && !level->key[0] && !level->implied)
		ret = odd(scan, "a value without a key");
	if (!ret)
		ret = scan->event(scan->arg, object ? JSON_EVENT_OPEN_OBJECT : JSON_EVENT_OPEN_ARRAY,
		                  level && level->object ? level->key : "", "", 0);
	scan->levels[scan->depth].object = object;
	scan->levels[scan->depth].implied = false;
	scan->levels[scan->depth].key[0] = '\0';
	scan->depth++;
	return ret;
}

static int close_top(struct json_scan *scan)
{
	struct json_level *level;

	scan->depth--;
	level = top(scan);
	if (level)
		level->key[0] = '\0';
	return scan->event(scan->arg, JSON_EVENT_CLOSE, "", "", 0);
}

static int take_close(struct json_scan *scan, bool object)
{
	size_t depth = scan->depth;
	int ret = settle(scan);

	if (ret)
		return ret;
	if (scan->skipped) {
		scan->skipped--;
		return 0;
	}
	while (depth && (scan->levels[depth - 1].object != object || scan->levels[depth - 1].implied))
		depth--;
	if (!depth) { /* its beginning was not pasted: the members so far are of one object, what comes is of the next */
		if (object && scan->depth && scan->levels[0].implied) {
			while (scan->depth && !ret)
				ret = close_top(scan);
			if (!ret)
				json_scan_imply(scan);
		}
		return ret;
	}
	if (depth < scan->depth)
		ret = odd(scan, object ? "'}' closes a '['" : "']' closes a '{'");
	while (scan->depth >= depth && !ret)
		ret = close_top(scan);
	return ret;
}

void json_scan_imply(struct json_scan *scan)
{
	if (scan->event(scan->arg, JSON_EVENT_OPEN_OBJECT, "", "", 0))
		return;
	scan->levels[0] = (struct json_level){ .object = true, .implied = true };
	scan->depth = 1;
}

static int take_colon(struct json_scan *scan)
{
	struct json_level *level = top(scan);

	if (!level || !level->object || !scan->has_string) {
		scan->has_string = false;
		return scan->skipped ? 0 : odd(scan, "':' without a key");
	}
	scan->has_string = false;
	if (scan->length >= sizeof(level->key))
		scan->length = sizeof(level->key) - 1;
	memcpy(level->key, scan->text, scan->length);
	level->key[scan->length] = '\0';
	return 0;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.' || c == '_' || c == '~';
}

/* A word is at its end before `next`. */
static int end_word(struct json_scan *scan, char next)
{
	struct json_level *level = top(scan);

	scan->state = SCAN_NEUTRAL;
	if ((next == '\'' || next == '"') && !strcmp(scan->text, "u")) /* Python's u'text' */
		return 0;
	if (strspn(scan->text, ".") == scan->length) { /* something was left out by hand */
		return odd(scan, JSON_SCAN_LEFT_OUT);
	}
	if (level && level->object && !level->key[0]) { /* a key without quotes, if ':' follows */
		scan->has_string = true;
		return 0;
	}
	return value(scan, JSON_EVENT_WORD, scan->text, scan->length);
}

static int take_neutral(struct json_scan *scan, char c)
{
	int ret;

	switch (c) {
	case ' ':
	case '\t':
	case '\r':
		return 0;
	case '{':
	case '[':
		return take_open(scan, c == '{');
	case '}':
	case ']':
		return take_close(scan, c == '}');
	case ':':
		return take_colon(scan);
	case ',':
		ret = settle(scan);
		if (top(scan))
			top(scan)->key[0] = '\0';
		return ret;
	case '"':
	case '\'':
		ret = settle(scan);
		scan->quote = c;
		return ret ? ret : begin(scan, SCAN_STRING);
	default:
		ret = settle(scan);
		if (ret)
			return ret;
		if (c == '/' || c == '#') {
			scan->state = SCAN_COMMENT;
			return 0;
		}
		if ((c & 0xc0) == 0x80) /* the rest of a character */
			return 0;
		if (c == '\xe2') /* "…" */
			return odd(scan, JSON_SCAN_LEFT_OUT);
		if (!in_word(c))
			return odd(scan, "a byte that has no place in JSON");
		ret = begin(scan, SCAN_WORD);
		return ret ? ret : append(scan, &c, 1);
	}
}

static int take_escape(struct json_scan *scan, char c)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *known = c ? strchr(from, c) : NULL;

	if (c == 'u') {
		scan->state = SCAN_UNICODE;
		scan->unicode = scan->unicode_digits = 0;
		return 0;
	}
	scan->state = SCAN_STRING;
	return append(scan, known ? &to[known - from] : &c, 1);
}

/* Pairs of surrogates become two replacement characters: only names can hold them. */
static int take_unicode(struct json_scan *scan, char c)
{
	unsigned int code;
	char utf8[3];
	size_t n = 0;

	if (!isxdigit((unsigned char)c)) {
		scan->state = SCAN_STRING;
		return 0;
	}
	scan->unicode = scan->unicode << 4 | (unsigned int)(isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10);
	if (++scan->unicode_digits < 4)
		return 0;
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
	return append(scan, utf8, n);
}

/* The part of a string up to its end, an escape, or the end of the line. Returns the bytes taken. */
static int64_t take_run(struct json_scan *scan, const char *text, size_t length)
{
	const char *quote = memchr(text, scan->quote, length), *escape;
	size_t run = quote ? (size_t)(quote - text) : length;
	int ret;

	escape = memchr(text, '\\', run);
	if (escape)
		run = (size_t)(escape - text);
	ret = append(scan, text, run);
	if (ret)
		return ret;
	if (run == length)
		return (int64_t)run;
	scan->state = escape ? SCAN_ESCAPE : SCAN_NEUTRAL;
	scan->has_string = !escape;
	return (int64_t)run + 1;
}

static bool begins_member(const char *text, size_t length)
{
	size_t i = 1;

	if (length < 4 || text[0] != '"')
		return false;
	while (i < length && (isalnum((unsigned char)text[i]) || text[i] == '_'))
		i++;
	return i > 1 && i + 1 < length && text[i] == '"' && text[i + 1] == ':';
}

/* A line that a string goes on in: wrapped, as long as it is not another member. */
static int continue_string(struct json_scan *scan, const char *text, size_t length)
{
	int ret;

	if (!begins_member(text, length))
		return 0;
	scan->state = SCAN_NEUTRAL;
	scan->has_string = true;
	ret = odd(scan, "a string without its end");
	return ret ? ret : settle(scan);
}

int64_t json_scan_take(struct json_scan *scan, const char *text, size_t length, unsigned int edges)
{
	size_t at = 0;
	int64_t ret = 0;

	if (scan->state == SCAN_STRING && edges & JSON_SCAN_BEGINS_LINE) {
		while (at < length && (text[at] == ' ' || text[at] == '\t'))
			at++;
		ret = continue_string(scan, text + at, length - at);
	}
	while (at < length && ret >= 0) {
		size_t depth = scan->depth;

		if (scan->state == SCAN_STRING) {
			ret = take_run(scan, text + at, length - at);
			at += ret > 0 ? (size_t)ret : 0;
			continue;
		}
		if (scan->state == SCAN_WORD && !in_word(text[at])) {
			ret = end_word(scan, text[at]);
			continue;
		}
		if (scan->state == SCAN_WORD)
			ret = append(scan, &text[at], 1);
		else if (scan->state == SCAN_ESCAPE)
			ret = take_escape(scan, text[at]);
		else if (scan->state == SCAN_UNICODE)
			ret = take_unicode(scan, text[at]);
		else if (scan->state == SCAN_NEUTRAL)
			ret = take_neutral(scan, text[at]);
		at++;
		if (depth && !scan->depth && ret >= 0)
			return (int64_t)at;
	}
	if (ret >= 0 && scan->state == SCAN_WORD && edges & JSON_SCAN_ENDS_LINE)
		ret = end_word(scan, '\n');
	if (scan->state == SCAN_COMMENT && edges & JSON_SCAN_ENDS_LINE)
		scan->state = SCAN_NEUTRAL;
	return ret < 0 ? ret : (int64_t)at;
}

int json_scan_end(struct json_scan *scan, bool *middle)
{
	int ret = 0;

	*middle = scan->depth && !(scan->depth == 1 && scan->levels[0].implied);
	if (scan->depth && (scan->state == SCAN_STRING || scan->state == SCAN_ESCAPE || scan->state == SCAN_UNICODE))
		scan->has_string = true;
	scan->state = SCAN_NEUTRAL;
	scan->skipped = 0;
	if (top(scan) && (!top(scan)->object || top(scan)->key[0])) /* else half a key */
		ret = settle(scan);
	scan->has_string = false;
	while (scan->depth && !ret)
		ret = close_top(scan);
	scan->depth = 0;
	return ret;
}

char *json_scan_steal(struct json_scan *scan)
{
	char *text = scan->text, *fit = text ? realloc(text, scan->length + 1) : NULL;

	scan->text = NULL;
	scan->length = scan->capacity = 0;
	return fit ? fit : text;
}

void json_scan_drop(struct json_scan *scan)
{
	scan->depth = scan->skipped = 0;
	scan->state = SCAN_NEUTRAL;
	scan->has_string = false;
}

void json_scan_free(struct json_scan *scan)
{
	free(scan->text);
	scan->text = NULL;
	scan->capacity = scan->length = 0;
}
