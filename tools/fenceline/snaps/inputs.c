/* SPDX-License-Identifier: MIT */
#include "snaps/inputs.h"

#include "ingest/intake.h"
#include "ingest/line_reader.h"
#include "ingest/log_json.h"
#include "ingest/python_text.h"
#include "ingest/text_in.h"
#include "ingest/unwrap.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"
#include "snaps/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD         ((size_t)64 * 1024)
#define JSON_PIECE   ((size_t)64 * 1024) /* a document may be one line of hundreds of megabytes */
#define STRINGS_MOST ((size_t)1 << 20)   /* of an input that is looked at for dumps in strings */

static const struct stamp_zone utc = { .tz = "UTC" };

struct text_input {
	const char *path;           /* borrowed */
	struct line_reader *reader; /* owned */
	int64_t ts_ns;              /* of its first stamp; 0: none near its beginning */
};

struct inputs {
	struct account *account;
	struct unwrap *unwrap; /* owned; for heads */
	struct maps maps;
	struct text_input *texts; /* owned; in order of time, those without one behind the others */
	size_t text_count;
};

/* Does the input begin with a document? Maps are read at once, to be put in order. A log whose lines are JSON does not. */
static bool is_json(struct unwrap *unwrap, const char *head, const char *end)
{
	const char *at = head, *line;
	struct log_line inner = { 0 };
	size_t length;

	if (text_line(&at, end, &line, &length))
		unwrap_line(unwrap, line, length, &utc, &inner);
	if (inner.kind)
		return false;
	at = head;
	text_skip(&at, end, "\xef\xbb\xbf");
	at += text_run(at, (size_t)(end - at), " \t\r\n");
	return text_line(&at, end, &line, &length) && json_begins(line, length);
}

/* The first stamp, or time of a dump, in the lines of the head. */
static int64_t first_stamp(struct unwrap *unwrap, const char *head, const char *end)
{
	const char *line;
	size_t length;
	int64_t ts_ns = 0;

	while (!ts_ns && text_line(&head, end, &line, &length)) {
		struct log_line inner;
		const char *stamp;

		unwrap_line(unwrap, line, length, &utc, &inner);
		stamp = inner.text;
		text_skip(&stamp, inner.text + inner.length, "modified "); /* of an osd dump */
		ts_ns = stamp_of(stamp, (size_t)(inner.text + inner.length - stamp), "UTC");
	}
	return ts_ns;
}

struct strings {
	struct account *account;
	const char *path;
	struct text_buffer last; /* owned: the text that told something; an automation has it twice, whole and as lines */
};

static void take_string(void *arg, const char *text, size_t length)
{
	struct strings *strings = arg;
	struct line_parser *parser;
	const char *at = text, *end;
	struct line line = { .number = 1 };
	bool told = false;

	while (length && text[length - 1] == '\n')
		length--;
	if (!length || (strings->last.length == length && !memcmp(strings->last.text, text, length)))
		return;
	parser = line_parser_new(strings->account, strings->path, NULL);
	for (end = text + length; text_line(&at, end, &line.text, &line.length);)
		told |= line_parser_take(parser, &line);
	told |= line_parser_finish(parser);
	line_parser_free(parser);
	if (!told)
		return;
	strings->last.length = 0;
	text_buffer_add(&strings->last, text, length);
}

/* Do strings in it hold a dump, as text or as JSON? In JSON itself a blank and a bracket never follow the word. */
static bool holds_dump(const char *text, const char *end)
{
	return text_behind(text, end, "removed_snaps [") || text_behind(text, end, "removed_snaps_queue [") ||
	       text_behind(text, end, "\\\"removed_snaps") ||
	       (python_begins(text, (size_t)(end - text)) && text_behind(text, end, "removed_snaps"));
}

/* Reads the dumps in strings of what ran the command: `{"stdout": "epoch 9\npool 1 …"}`, its lines as a list, b'epoch 9\\n…' of
 * Python. False: there are none in the input, and nothing was told. */
static bool read_strings(struct account *account, const char *path, const char *text, size_t length)
{
	struct strings strings = { .account = account, .path = path };
	const char *newline = memchr(text, '\n', length) ?: text + length, *at, *end = text + length;
	size_t marks = unwrap_marks(text, length), used = 0;
	json_t *root;

	if (unwrap_json_recognise(text + marks, length - marks)) /* a log, a line in each object */
		return false;
	at = log_json_in(text, length, (size_t)(newline - text));
	if (at && holds_dump(at, end))
		for (; (root = log_json_next(at, (size_t)(end - at), &used)); json_decref(root))
			log_json_strings(root, take_string, &strings);
	free(strings.last.text);
	return strings.last.length;
}

#define ODD_SHOWN 60

/* The first line that nothing took, for the one sentence about an input that was not understood. */
struct odd_line {
	uint64_t number;
	char text[ODD_SHOWN + 1];
};

static void keep_odd(struct odd_line *odd, const struct line *line)
{
	size_t n = 0;

	for (size_t i = text_run(line->text, line->length, " \t"); i < line->length && n < ODD_SHOWN; i++)
		odd->text[n++] = (char)(line->text[i] < ' ' || line->text[i] > '~' ? '.' : line->text[i]);
	odd->text[n] = '\0';
	if (n)
		odd->number = line->number;
}

/* An input that told nothing, and of which nothing else was said. */
static void tell_nothing_known(struct account *account, const char *path, uint64_t log_lines, const struct odd_line *odd)
{
	const struct place whole = { .path = path }, place = { .path = path, .line = odd->number };

	if (log_lines)
		warn_at(&account->warnings, &whole,
		        "%" PRIu64
		        " lines of a daemon's log, and none tells of removed snapshots: an OSD logs PGPool::update at debug_osd 20",
		        log_lines);
	else
		warn_at(&account->warnings, &place,
		        "nothing known in it: neither PGPool::update lines of an OSD log, an interval set, an osd dump, nor an OSDMap as "
		        "JSON%s%s%s",
		        odd->number ? "; this is its first line: '" : "", odd->text, odd->number ? "'" : "");
}

static void take_rest_of_line(struct line_parser *parser, struct line_reader *reader)
{
	const char *text;
	size_t length;

	while (line_reader_more(reader, &text, &length) == 1)
		line_parser_take_more(parser, text, length, false);
	line_parser_take_more(parser, "", 0, true);
}

/* Reads an input to its end. Its documents go to `maps`, NULL: to the account. */
static void read_lines(struct account *account, struct maps *maps, const char *path, struct line_reader *reader)
{
	struct line_parser *parser = line_parser_new(account, path, maps);
	const struct place place = { .path = path };
	uint64_t warned = account->warnings.total, known = account->pools_listed + account->recognised,
	         logged = account->log_lines;
	struct odd_line odd = { 0 };
	struct line line;
	bool told = false;
	int more;

	while ((more = line_reader_next(reader, &line)) > 0) {
		told |= line_parser_take(parser, &line);
		if (!told && !odd.number)
			keep_odd(&odd, &line);
		if (line.more)
			take_rest_of_line(parser, reader);
	}
	told |= line_parser_finish(parser);
	logged = account->log_lines - logged;
	if (more < 0)
		warn_at(&account->warnings, &place, "damaged (%s); what came before is counted", line_reader_error(reader));
	else if (!told && account->warnings.total == warned && (logged || account->pools_listed + account->recognised == known))
		tell_nothing_known(account, path, logged, &odd);
	line_parser_free(parser);
}

/* Before the first one that is of a later time, or has none. */
static void add_text(struct inputs *inputs, struct text_input text)
{
	size_t at = inputs->text_count++;

	XROOM(inputs->texts, at);
	for (; at && text.ts_ns && (!inputs->texts[at - 1].ts_ns || text.ts_ns < inputs->texts[at - 1].ts_ns); at--)
		inputs->texts[at] = inputs->texts[at - 1];
	inputs->texts[at] = text;
}

/* Opens one input; what begins as JSON is read at once, the rest later, in order of time. */
static int open_input(struct inputs *inputs, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "stdin", *head;
	struct line_reader *reader;
	int64_t length;
	int ret = line_reader_open(path, &reader);

	if (ret) {
		ingest_complain(name, "%s", ret == -EISDIR ? "is a folder; name the files in it" : strerror(-ret));
		return ret;
	}
	length = line_reader_head(reader, STRINGS_MOST, &head);
	if (length <= 0) {
		ret = length ? (int)length : -ENODATA;
		ingest_complain(name, "%s",
		                length ? line_reader_error(reader)
		                       : "is empty; give an OSD log, an osd dump, an OSDMap as JSON, or an interval set");
	} else if ((size_t)length < STRINGS_MOST && read_strings(inputs->account, name, head, (size_t)length)) {
		ret = 0;
	} else if (is_json(inputs->unwrap, head, head + length)) {
		line_reader_limit(reader, JSON_PIECE);
		read_lines(inputs->account, &inputs->maps, name, reader);
	} else {
		const char *end = head + ((size_t)length < HEAD ? (size_t)length : HEAD);

		add_text(inputs, (struct text_input){ name, reader, first_stamp(inputs->unwrap, head, end) });
		return 0;
	}
	line_reader_close(reader);
	return ret;
}

/* Texts and maps, merged by time as far as both have one; maps without a time come last. */
static void read_in_order(struct inputs *inputs)
{
	size_t next = 0;

	maps_sort(&inputs->maps);
	for (size_t i = 0; i <= inputs->text_count; i++) {
		const struct text_input *text = i < inputs->text_count ? &inputs->texts[i] : NULL;

		for (; next < inputs->maps.count; next++) {
			const struct map *map = &inputs->maps.maps[next];

			if (text && (!text->ts_ns || !map->ts_ns || map->ts_ns > text->ts_ns))
				break;
			map_apply(map, inputs->account);
		}
		if (text)
			read_lines(inputs->account, NULL, text->path, text->reader);
	}
}

static void inputs_free(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->text_count; i++)
		line_reader_close(inputs->texts[i].reader);
	free(inputs->texts);
	unwrap_free(inputs->unwrap);
	maps_free(&inputs->maps);
}

int inputs_read(struct account *account, char *const paths[], size_t count)
{
	struct inputs inputs = { .account = account, .unwrap = unwrap_new(NULL, NULL) };
	bool any = false;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++) {
		ret = open_input(&inputs, paths[i]);
		any |= !ret;
		if (ret == -ENODATA && (any || i + 1 < count)) /* as a log is that has just been rotated: the others are read */
			ret = 0;
	}
	if (!ret && count && !any)
		ret = -ENODATA;
	if (!ret)
		read_in_order(&inputs);
	inputs_free(&inputs);
	return ret;
}
