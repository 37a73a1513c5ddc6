/* SPDX-License-Identifier: MIT */
#include "ingest/unwrap_quotes.h"

#include <stdbool.h>
#include <string.h>

const char *unwrap_closing_quote(const char *text, const char *end)
{
	const char *at = text + 1;

	while (at < end) {
		bool doubled = *text == '\'' && end - at > 1 && at[0] == '\'' && at[1] == '\'';

		if (*at == *text && !doubled)
			break;
		at += doubled || (*text != '`' && *at == '\\') ? 2 : 1;
	}
	return at;
}

static bool separates(char c)
{
	return c == ',' || c == ';' || c == '\t';
}

static const char *end_of_field(const char *at, const char *end)
{
	bool quoted = at < end && *at == '"';

	for (at += quoted; at < end; at++) {
		if (quoted && *at == '"' && end - at > 1 && at[1] == '"')
			at++;
		else if (quoted && *at == '"')
			return at + 1;
		else if (!quoted && separates(*at))
			return at;
	}
	return end;
}

size_t unwrap_longest_field(const char *text, size_t length, const char **field)
{
	const char *end = text + length, *next;
	size_t longest = 0;

	for (const char *at = text; at < end; at = next + 1) {
		next = end_of_field(at, end);
		if (next < end && !separates(*next))
			return 0;
		if (*at != '"' || (size_t)(next - at) <= longest || !memmem(at + 1, (size_t)(next - at) - 1, "\"\"", 2))
			continue;
		*field = at;
		longest = (size_t)(next - at);
	}
	return longest == length ? 0 : longest;
}
