/* SPDX-License-Identifier: MIT */
#include "render/escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most that one input byte can become: \u{10ffff} for four bytes, \xNN or U+FFFD for one. */
#define GROWTH 10

int32_t utf8_next(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	int more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
	static const int32_t smallest[] = { 0, 0x80, 0x800, 0x10000 };
	int32_t code;

	*text += 1;
	if (*at < 0x80)
		return *at;
	if (*at < 0xc2 || *at > 0xf4)
		return -1;
	code = *at & (0x3f >> more);
	for (int i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return -1;
	*text += more;
	return code;
}

static bool is_invisible(int32_t code)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },     /* C0 and C1 control characters, DEL */
		{ 0xad, 0xad },       { 0x61c, 0x61c },   /* soft hyphen, Arabic letter mark */
		{ 0x180e, 0x180e },   { 0x200b, 0x200f }, /* zero width, left-to-right and right-to-left marks */
		{ 0x2028, 0x202e },   { 0x2060, 0x206f }, /* line separators, bidi embeddings, overrides and isolates */
		{ 0xfeff, 0xfeff },   { 0xfff0, 0xfffb }, /* byte order mark, annotations */
		{ 0xe0000, 0xe0fff },                     /* tags */
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

char *escape_terminal(const char *text, bool utf8)
{
	char *escaped = malloc(GROWTH * strlen(text) + 1), *out = escaped;

	while (escaped && *text) {
		const char *at = text;
		int32_t code = utf8_next(&text);
		if (code < 0 || (code < 0x100 && is_invisible(code)))
			out += sprintf(out, "\\x%02x", (unsigned)(code < 0 ? (unsigned char)*at : code));
		else if (is_invisible(code) || (code > 0x7e && !utf8))
			out += sprintf(out, "\\u{%x}", (unsigned)code);
		else
			out = mempcpy(out, at, (size_t)(text - at));
	}
	if (escaped)
		*out = '\0';
	return escaped;
}

char *escape_malformed(const char *text)
{
	char *escaped = malloc(GROWTH * strlen(text) + 1), *out = escaped;

	while (escaped && *text) {
		const char *at = text;
		if (utf8_next(&text) < 0)
			out = stpcpy(out, "\xef\xbf\xbd");
		else
			out = mempcpy(out, at, (size_t)(text - at));
	}
	if (escaped)
		*out = '\0';
	return escaped;
}

static bool is_wide(int32_t code)
{
	return (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xa4d0) || (code >= 0xac00 && code < 0xd7a4) ||
	       (code >= 0xf900 && code < 0xfb00) || (code >= 0xfe30 && code < 0xfe70) || (code >= 0xff00 && code < 0xff61) ||
	       (code >= 0x1f300 && code < 0x1f650) || (code >= 0x20000 && code < 0x3fffe);
}

static bool is_combining(int32_t code)
{
	return (code >= 0x300 && code < 0x370) || (code >= 0x20d0 && code < 0x2100) || (code >= 0xfe00 && code < 0xfe10);
}

size_t text_columns(const char *text, size_t bytes)
{
	const char *end = text + bytes;
	size_t columns = 0;

	while (text < end) {
		int32_t code = utf8_next(&text);
		columns += is_combining(code) ? 0 : is_wide(code) ? 2 : 1;
	}
	return columns;
}
