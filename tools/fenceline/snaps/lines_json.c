/* SPDX-License-Identifier: MIT */
#include "snaps/lines_json.h"

#include "ingest/log_plain.h"
#include "snaps/lines_dump.h"

#include <ctype.h>
#include <string.h>

bool json_is_member(const char *text, size_t length)
{
	size_t i = 1;

	if (length < 4 || text[0] != '"')
		return false;
	while (i < length && (isalnum((unsigned char)text[i]) || text[i] == '_'))
		i++;
	if (i == 1 || i == length || text[i++] != '"')
		return false;
	i += text_run(text + i, length - i, " ");
	return i < length && text[i] == ':';
}

/* A prompt, [root@mon1 ~]#, and a set, [1~3], begin with a bracket, too. */
bool json_begins(const char *text, size_t length)
{
	size_t next;

	if (!length || (*text != '{' && *text != '['))
		return false;
	next = 1 + text_run(text + 1, length - 1, " \t\r");
	if (next == length)
		return true;
	if (*text == '{')
		return char_in(text[next], "\"'}u./") && (text[next] != 'u' || (next + 1 < length && text[next + 1] == '\''));
	return char_in(text[next], "{[\"'");
}

/* Where a document begins in a line that holds one; NULL: it holds none. *implied: it lacks its beginning. */
static const char *find_json(const struct line *line, bool *implied)
{
	size_t blanks = text_run(line->text, line->length, " \t"), length = line->length - blanks;
	const char *text = line->text + blanks, *brace;

	*implied = json_is_member(text, length);
	if (*implied || json_begins(text, length))
		return text;
	brace = text_find(text, length, HOLDS_WITHIN, "{\"");
	if (brace && *text != '[' && !isdigit((unsigned char)*text)) /* behind a prompt and its command; log lines have a stamp */
		return brace;
	return NULL;
}

/* Text again, although a document is open: it was not pasted to its end. */
static bool ends_json(const struct line *line)
{
	static const char *const begins[] = {
		"pool ", "epoch ", "osd.", "removed_snaps", "require_osd_release ", "[root@", "```"
	};
	size_t blanks = text_run(line->text, line->length, " \t");
	struct log_plain plain;

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (text_begins(line->text + blanks, line->length - blanks, begins[i]))
			return true;
	return log_plain_split(line->text, line->length, &plain) && plain.thread;
}

/* Feeds the line from `at` on; what stands behind the document becomes *rest. */
static void take_json(struct line_parser *parser, const struct line *line, const char *at, struct line *rest)
{
	const char *end = line->text + line->length;
	unsigned int edges = JSON_SCAN_BEGINS_LINE | (line->more ? 0 : JSON_SCAN_ENDS_LINE);
	size_t taken = json_read_take(parser->json, at, (size_t)(end - at), edges, line->number);

	while ((at += taken) < end && !json_read_open(parser->json)) {
		at += text_run(at, (size_t)(end - at), " \t\r,");
		if (at == end)
			break;
		if (!json_begins(at, (size_t)(end - at))) {
			rest->text = at;
			rest->length = (size_t)(end - at);
			return;
		}
		taken = json_read_take(parser->json, at, (size_t)(end - at), edges & ~JSON_SCAN_BEGINS_LINE, line->number);
	}
}

bool take_json_line(struct line_parser *parser, const struct line *line, struct line *rest)
{
	bool implied = false;
	const char *at = line->text;

	*rest = *line;
	rest->length = 0;
	if (json_read_open(parser->json) && ends_json(line)) {
		json_read_end(parser->json);
		return false;
	}
	if (!json_read_open(parser->json)) {
		at = find_json(line, &implied);
		if (!at)
			return false;
		close_pool(parser);
		if (implied)
			json_read_imply(parser->json);
	}
	take_json(parser, line, at, rest);
	return true;
}
