/* SPDX-License-Identifier: MIT */
#include "snaps/lines.h"

#include "ingest/log_form.h"
#include "ingest/tz.h"
#include "snaps/intervals/interval_text.h"
#include "snaps/line_parser.h"
#include "snaps/lines_dump.h"
#include "snaps/lines_pg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct line_form *const tables[] = { lines_osd_forms, lines_dump_forms, lines_pg_forms };

static bool message_of(void *arg, const char *text, size_t length)
{
	struct line_parser *parser = arg;
	const struct line line = { .text = text, .length = length };
	struct taken t = { .line = &line, .text = text, .end = text + length };

	return take_words(parser, &t);
}

/* Is it a line of a daemon's log? */
static bool begins_own(const char *text, size_t length)
{
	struct log_plain plain;

	return log_plain_split(text, length, &plain) && plain.thread;
}

/* Does a member, "key": …, begin there? */
static bool json_is_member(const char *text, size_t length)
{
	size_t key = json_scan_key(text, length), next = key + text_run(text + key, length - key, " ");

	return key && next < length && text[next] == ':';
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

/* Does a line begin so, unwrapped? For the unwrapper, which takes a mere word off only in front of what is known. */
static enum unwrap_own own_line(const void *arg, const char *text, size_t length)
{
	const struct line_parser *parser = arg;
	struct pg_sighting pg;
	size_t name;

	if (!length)
		return UNWRAP_NOT_OWN;
	if (parser->rows.where == PG_ROWS_ROW) /* it may go on here, and holds stamps */
		return UNWRAP_OWN_ENVELOPE;
	if (json_read_open(parser->json) && char_in(*text, "{}[]\""))
		return UNWRAP_OWN_WORDS;
	if (isdigit((unsigned char)*text)) {
		name = pg_name_parse(text, length, &pg);
		if (name && name < length && isblank((unsigned char)text[name]))
			return UNWRAP_OWN_WORDS;
		return begins_own(text, length) ? UNWRAP_OWN_ENVELOPE : UNWRAP_NOT_OWN;
	}
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct line_form *form = tables[i]; form->begins; form++)
			if (form->begins[1] && text_begins(text, length, form->begins))
				return UNWRAP_OWN_WORDS;
	return json_is_member(text, length) || json_begins(text, length) || interval_text_begins(text, length) ? UNWRAP_OWN_WORDS
	                                                                                                       : UNWRAP_NOT_OWN;
}

struct line_parser *line_parser_new(struct account *account, const char *path, struct maps *maps)
{
	struct line_parser *parser = XNEW(struct line_parser, .account = account, .path = path);

	parser->maps = maps ? maps : &parser->own;
	parser->json = json_read_new(parser->maps, account, path, message_of, parser);
	parser->unwrap = unwrap_new(own_line, parser);
	return parser;
}

static bool take_text(struct line_parser *parser, struct taken *t)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct line_form *form = tables[i]; form->begins; form++)
			if (left(t) && *t->text == *form->begins && (!t->thread || form->enveloped) &&
			    text_begins(t->text, left(t), form->begins) && form->take(parser, t))
				return true;
	return false;
}

static void skip_blanks(struct taken *t)
{
	t->text += text_run(t->text, left(t), " \t");
}

/* What a page or Markdown's source has: &#39;volumes&#39;, removed\_snaps \[1\~3\]. */
static void straighten(struct line_parser *parser, struct taken *t, struct line *plain)
{
	parser->plain.length = 0;
	text_buffer_add(&parser->plain, t->text, left(t));
	*plain = *t->line;
	plain->text = parser->plain.text;
	plain->length = left(t);
	unwrap_straighten(parser->plain.text, &plain->length);
	*t = (struct taken){ .line = plain, .text = plain->text, .end = plain->text + plain->length };
}

/* Pasted, or prefixed by something that is not known: an OSD's line is known all the same, wherever it begins. */
static bool take_osd_anywhere(struct line_parser *parser, struct taken *t)
{
	static const char *const begins[] = { "PGPool::update cached_", "update cached_removed_snaps shrank" };
	const char *at = NULL;

	for (size_t i = 0; i < sizeof begins / sizeof *begins && !at; i++)
		at = text_find(t->text, left(t), HOLDS_WITHIN, begins[i]);
	if (!at && text_find(t->text, left(t), HOLDS_WITHIN, " pg_epoch: "))
		at = text_find(t->text, left(t), HOLDS_WITHIN, "osd.");
	if (!at || at == t->text)
		return false;
	t->text = at;
	return take_text(parser, t);
}

static bool line_take(struct line_parser *parser, const struct line *line)
{
	struct taken t = { .line = line, .text = line->text, .end = line->text + line->length };
	struct log_plain envelope;
	struct line plain;
	bool told;

	if (log_plain_split(line->text, line->length, &envelope) && envelope.thread) {
		t.stamp = line->text;
		t.thread = envelope.thread;
		t.text += envelope.text;
		parser->account->log_lines++;
		return take_text(parser, &t) || take_words(parser, &t);
	}
	skip_blanks(&t);
	if (unwrap_is_typeset(t.text, left(&t) < HOLDS_WITHIN ? left(&t) : HOLDS_WITHIN)) {
		straighten(parser, &t, &plain);
		skip_blanks(&t);
	}
	told = take_pg_row(parser, &t) || take_text(parser, &t) || take_osd_anywhere(parser, &t) || take_words(parser, &t);
	if (!told && parser->open.name)
		pool_words(parser, t.text, t.end);
	return told;
}

void line_parser_take_more(struct line_parser *parser, const char *text, size_t length, bool last)
{
	if (json_read_open(parser->json))
		json_read_take(parser->json, text, length, last ? JSON_SCAN_ENDS_LINE : 0, parser->place.line);
}

/* The held line is told as it is. True: it told something. */
static bool release_held(struct line_parser *parser)
{
	const struct line line = { .text = parser->held.text, .length = parser->held.length, .number = parser->held_number };
	bool told;

	parser->has_held = false;
	parser->releasing = true;
	parser->place.line = line.number;
	told = line_take(parser, &line);
	parser->releasing = false;
	return told;
}

/* True: the line belongs to the one that is held. */
static bool take_held(struct line_parser *parser, const struct line *line)
{
	enum joined joined = join_held(parser, line);

	if (joined != JOINED)
		release_held(parser);
	parser->place.line = line->number;
	return joined != NOT_JOINED;
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

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (text_begins(line->text + blanks, line->length - blanks, begins[i]))
			return true;
	return begins_own(line->text, line->length);
}

/* Feeds the line from `at` on; what stands behind the document becomes *rest. */
static void take_json(struct line_parser *parser, const struct line *line, const char *at, struct line *rest)
{
	const char *end = line->text + line->length;
	unsigned int edges = JSON_SCAN_BEGINS_LINE | (line->more ? 0 : JSON_SCAN_ENDS_LINE);

	do {
		at += json_read_take(parser->json, at, (size_t)(end - at), edges, line->number);
		at += text_run(at, (size_t)(end - at), " \t\r,");
		edges &= ~JSON_SCAN_BEGINS_LINE;
	} while (json_begins(at, (size_t)(end - at)));
	rest->text = at;
	rest->length = (size_t)(end - at);
}

/* The line is part of a document, and was read as that; *rest is what stands behind the document, a line of its own. */
static bool take_json_line(struct line_parser *parser, const struct line *line, struct line *rest)
{
	bool implied = false;
	const char *at = line->text;

	*rest = *line;
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

/* What others put around the line is taken off first, whatever is inside. */
bool line_parser_take(struct line_parser *parser, const struct line *wrapped)
{
	static const struct stamp_zone zone = { .tz = "UTC" };
	uint64_t told = json_read_told(parser->json);
	struct line inside = *wrapped, *line = &inside, rest;
	struct log_line inner;

	parser->place = (struct place){ .path = parser->path, .line = wrapped->number };
	parser->whole = wrapped->text;
	parser->whole_length = wrapped->length;
	/* a daemon's own line is not even asked: most are, and they are long */
	if (!begins_own(wrapped->text, wrapped->length) &&
	    unwrap_line(parser->unwrap, wrapped->text, wrapped->length, &zone, &inner)) {
		inside.text = inner.text;
		inside.length = inner.length;
	}
	while (inside.length && char_in(inside.text[inside.length - 1], "\r\n")) /* a container's JSON holds the newline, too */
		inside.length--;
	if (parser->has_held && take_held(parser, line))
		return true;
	if ((!line->length || !isdigit((unsigned char)line->text[0]) || json_read_open(parser->json)) &&
	    take_json_line(parser, line, &rest)) {
		if (rest.length)
			line_take(parser, &rest);
		return json_read_told(parser->json) > told;
	}
	return line_take(parser, line);
}

bool line_parser_finish(struct line_parser *parser)
{
	uint64_t told = json_read_told(parser->json);
	bool held = parser->has_held && release_held(parser);

	json_read_end(parser->json);
	line_cache_flush(&parser->cache);
	close_pool(parser);
	maps_sort(&parser->own);
	for (size_t i = 0; i < parser->own.count; i++)
		map_apply(&parser->own.maps[i], parser->account);
	return json_read_told(parser->json) > told || held;
}

void line_parser_free(struct line_parser *parser)
{
	if (!parser)
		return;
	free((char *)parser->open.name);
	json_read_free(parser->json);
	unwrap_free(parser->unwrap);
	maps_free(&parser->own);
	line_cache_free(&parser->cache);
	interval_set_free(&parser->set);
	interval_set_free(&parser->queue);
	interval_set_free(&parser->listed);
	free(parser->held.text);
	free(parser->plain.text);
	free(parser->bare);
	free(parser);
}
