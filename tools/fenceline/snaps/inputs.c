/* SPDX-License-Identifier: MIT */
#include "snaps/inputs.h"

#include "ingest/line_reader.h"
#include "ingest/text_in.h"
#include "ingest/unwrap.h"
#include "ingest/xalloc.h"
#include "ingest/tz.h"
#include "snaps/lines.h"
#include "snaps/lines_json.h"
#include "snaps/maps.h"
#include "snaps/strings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD       ((size_t)64 * 1024)
#define JSON_PIECE ((size_t)64 * 1024) /* a document may be one line of hundreds of megabytes */

static const struct stamp_zone utc = { .tz = "UTC" };

struct text_input {
	const char *path;           /* borrowed */
	struct line_reader *reader; /* owned */
	int64_t ts_ns;              /* of its first stamp; 0: none near its beginning */
	size_t order;
};

struct inputs {
	struct account *account;
	struct maps maps;
	struct text_input *texts; /* owned */
	size_t text_count;
};

static int complain(const char *path, int error, const char *what)
{
	fprintf(stderr, "fenceline: %s: %s\n", !strcmp(path, "-") ? "stdin" : path, what);
	return error;
}

/* Does the input begin with a document? Maps are read at once, to be put in order. A log whose lines are JSON does not. */
static bool is_json(const char *head, size_t length)
{
	size_t i = length >= 3 && !memcmp(head, "\xef\xbb\xbf", 3) ? 3 : 0, line;
	const char *newline = memchr(head, '\n', length);
	struct unwrap *unwrap = unwrap_new(NULL, NULL);
	struct unwrapped inner = { 0 };

	line = newline ? (size_t)(newline - head) : length;
	unwrap_line(unwrap, head, line, &utc, &inner);
	unwrap_free(unwrap);
	if (inner.kind)
		return false;
	while (i < length && char_in(head[i], " \t\r\n"))
		i++;
	newline = memchr(head + i, '\n', length - i);
	return json_begins(head + i, newline ? (size_t)(newline - head) - i : length - i);
}

/* The first stamp, or time of a dump, in the lines of the head. */
static int64_t first_stamp(const char *head, size_t length)
{
	static const char modified[] = "modified "; /* of an osd dump */
	struct unwrap *unwrap = unwrap_new(NULL, NULL);
	const char *end = head + length, *line;
	int64_t ts_ns = 0;

	while (!ts_ns && text_line(&head, end, &line, &length)) {
		struct unwrapped inner;
		size_t before;

		unwrap_line(unwrap, line, length, &utc, &inner);
		before = text_begins(inner.text, inner.length, modified) ? sizeof modified - 1 : 0;
		ts_ns = stamp_of(inner.text + before, inner.length - before, "UTC");
	}
	unwrap_free(unwrap);
	return ts_ns;
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

	for (size_t i = 0; i < line->length && n < ODD_SHOWN; i++)
		if (n || (line->text[i] != ' ' && line->text[i] != '\t'))
			odd->text[n++] = (char)(line->text[i] < ' ' || line->text[i] > '~' ? '.' : line->text[i]);
	odd->text[n] = '\0';
	if (n)
		odd->number = line->number;
}

static void tell_nothing_known(struct account *account, const char *path, const struct odd_line *odd)
{
	const struct place place = { .path = path, .line = odd->number };

	warn_at(&account->warnings, &place,
	        "nothing known in it: neither PGPool::update lines of an OSD log, an interval set, an osd dump, nor an OSDMap as "
	        "JSON%s%s%s",
	        odd->number ? "; this is its first line: '" : "", odd->text, odd->number ? "'" : "");
}

static void tell_other_things(struct account *account, const char *path, uint64_t lines)
{
	const struct place place = { .path = path };

	warn_at(&account->warnings, &place,
	        "%" PRIu64
	        " lines of a daemon's log, and none tells of removed snapshots: an OSD logs PGPool::update at debug_osd 20",
	        lines);
}

static void add_text(struct inputs *inputs, const char *path, struct line_reader *reader, int64_t ts_ns)
{
	XROOM(inputs->texts, inputs->text_count);
	inputs->texts[inputs->text_count] = (struct text_input){ path, reader, ts_ns, inputs->text_count };
	inputs->text_count++;
}

static void take_rest_of_line(struct line_parser *parser, struct line_reader *reader)
{
	const char *text;
	size_t length;

	while (line_reader_more(reader, &text, &length) == 1)
		line_parser_take_more(parser, text, length, false);
	line_parser_take_more(parser, "", 0, true);
}

/* All lines of an input; true: they told something. *failed: reading failed, after the lines before that. */
static bool pump(struct line_parser *parser, struct line_reader *reader, struct odd_line *odd, bool *failed)
{
	struct line line;
	bool told = false;
	int more;

	while ((more = line_reader_next(reader, &line)) > 0) {
		told |= line_parser_take(parser, &line);
		if (!told && !odd->number)
			keep_odd(odd, &line);
		if (line.more)
			take_rest_of_line(parser, reader);
	}
	*failed = more < 0;
	return line_parser_finish(parser) || told;
}

/* Reads an input to its end. Its documents go to `maps`, NULL: to the account. */
static void read_lines(struct account *account, struct maps *maps, const char *path, struct line_reader *reader)
{
	struct line_parser *parser = line_parser_new(account, path, maps);
	const struct place place = { .path = path };
	uint64_t warned = account->warnings.total, known = account->pools_listed + account->recognised,
	         logged = account->log_lines;
	struct odd_line odd = { 0 };
	bool failed, told = pump(parser, reader, &odd, &failed);

	if (failed)
		warn_at(&account->warnings, &place, "damaged (%s); what came before is counted", line_reader_error(reader));
	else if (!told && account->warnings.total == warned && account->log_lines > logged)
		tell_other_things(account, path, account->log_lines - logged);
	else if (!told && account->warnings.total == warned && account->pools_listed + account->recognised == known)
		tell_nothing_known(account, path, &odd);
	line_parser_free(parser);
}

/* Opens one input; what begins as JSON is read at once, the rest later, in order of time. */
static int open_input(struct inputs *inputs, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "stdin", *head;
	struct line_reader *reader;
	int64_t length;
	int ret = line_reader_open(path, &reader);

	if (ret)
		return complain(path, ret, ret == -EISDIR ? "is a folder; name the files in it" : strerror(-ret));
	length = line_reader_head(reader, STRINGS_MOST, &head);
	if (length <= 0) {
		ret = length ? complain(path, (int)length, line_reader_error(reader))
		             : complain(path, -ENODATA,
		                        "is empty; give an OSD log, an osd dump, an OSDMap as JSON, or an interval set");
	} else if ((size_t)length < STRINGS_MOST && strings_read(inputs->account, name, head, (size_t)length)) {
		ret = 0;
	} else if (is_json(head, (size_t)length)) {
		line_reader_limit(reader, JSON_PIECE);
		read_lines(inputs->account, &inputs->maps, name, reader);
	} else {
		add_text(inputs, name, reader, first_stamp(head, (size_t)length < HEAD ? (size_t)length : HEAD));
		return 0;
	}
	line_reader_close(reader);
	return ret;
}

static int by_time(const void *a, const void *b)
{
	const struct text_input *x = a, *y = b;

	/* inputs without a time keep their place after those that have one */
	if (!x->ts_ns != !y->ts_ns)
		return x->ts_ns ? -1 : 1;
	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Texts and maps, merged by time as far as both have one; maps without a time come last. */
static void read_in_order(struct inputs *inputs)
{
	size_t next = 0;

	if (inputs->text_count)
		qsort(inputs->texts, inputs->text_count, sizeof *inputs->texts, by_time);
	maps_sort(&inputs->maps);
	for (size_t i = 0; i < inputs->text_count; i++) {
		const struct text_input *text = &inputs->texts[i];

		for (; next < inputs->maps.count; next++) {
			const struct map *map = &inputs->maps.maps[next];

			if (!text->ts_ns || !map->ts_ns || map->ts_ns > text->ts_ns)
				break;
			map_apply(map, inputs->account);
		}
		read_lines(inputs->account, NULL, text->path, text->reader);
	}
	for (; next < inputs->maps.count; next++)
		map_apply(&inputs->maps.maps[next], inputs->account);
}

static void inputs_free(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->text_count; i++)
		line_reader_close(inputs->texts[i].reader);
	free(inputs->texts);
	maps_free(&inputs->maps);
}

int inputs_read(struct account *account, char *const paths[], size_t count)
{
	struct inputs inputs = { .account = account };
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
