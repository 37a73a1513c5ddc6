/* SPDX-License-Identifier: MIT */
#include "snaps/inputs.h"

#include "ingest/line_reader.h"
#include "snaps/interval_text.h"
#include "snaps/lines.h"
#include "snaps/log_line.h"
#include "snaps/maps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD ((size_t)64 * 1024)

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

static bool is_json(const char *head, size_t length)
{
	size_t i = 0;

	while (i < length && strchr(" \t\r\n", head[i]))
		i++;
	return i < length && (head[i] == '{' || (head[i] == '[' && !interval_text_begins(head + i, length - i)));
}

/* The first stamp, or time of a dump, in the lines of the head. */
static int64_t first_stamp(const char *head, size_t length)
{
	static const char modified[] = "modified ", created[] = "created "; /* of an osd dump */
	const char *end = head + length, *newline;

	for (; head < end; head = newline + 1) {
		struct log_line log;

		newline = memchr(head, '\n', (size_t)(end - head));
		if (!newline)
			newline = end;
		if (text_begins(head, (size_t)(newline - head), modified))
			return line_stamp(head + sizeof modified - 1, (size_t)(newline - head) - (sizeof modified - 1));
		log_line_split(head, (size_t)(newline - head), &log);
		if (log.stamp && !text_begins(head, (size_t)(newline - head), created))
			return line_stamp(log.stamp, (size_t)(newline - log.stamp));
	}
	return 0;
}

static void tell_nothing_known(struct account *account, const char *path)
{
	const struct place place = { .path = path };

	warn_at(&account->warnings, &place,
	        "nothing known in it: neither PGPool::update lines of an OSD log, an interval set, an osd dump, nor an OSDMap as "
	        "JSON");
}

static int read_json(struct inputs *inputs, const char *path, const char *text, size_t length)
{
	uint64_t told_before = inputs->account->warnings.total;
	int told = maps_read(&inputs->maps, inputs->account, path, text, length);

	if (told == 0 && inputs->account->warnings.total == told_before)
		tell_nothing_known(inputs->account, path);
	return told < 0 ? told : 0;
}

static int add_text(struct inputs *inputs, const char *path, struct line_reader *reader, int64_t ts_ns)
{
	struct text_input *texts = reallocarray(inputs->texts, inputs->text_count + 1, sizeof *texts);

	if (!texts)
		return -ENOMEM;
	inputs->texts = texts;
	texts[inputs->text_count] = (struct text_input){ path, reader, ts_ns, inputs->text_count };
	inputs->text_count++;
	return 0;
}

/* Opens one input; JSON is read at once, text later, in order of time. */
static int open_input(struct inputs *inputs, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "stdin", *head, *text;
	struct line_reader *reader;
	size_t size;
	int64_t length;
	int ret = line_reader_open(path, &reader);

	if (ret)
		return complain(path, ret, ret == -EISDIR ? "is a folder; name the files in it" : strerror(-ret));
	length = line_reader_head(reader, HEAD, &head);
	if (length <= 0) {
		ret = length ? complain(path, (int)length, line_reader_error(reader))
		             : complain(path, -ENODATA,
		                        "is empty; give an OSD log, an osd dump, an OSDMap as JSON, or an interval set");
	} else if (is_json(head, (size_t)length)) {
		const struct place place = { .path = name };

		if (line_reader_rest(reader, &text, &size))
			warn_at(&inputs->account->warnings, &place, "damaged (%s); what came before is counted",
			        line_reader_error(reader));
		ret = read_json(inputs, name, text, size);
	} else {
		ret = add_text(inputs, name, reader, first_stamp(head, (size_t)length));
		if (!ret)
			return 0;
	}
	line_reader_close(reader);
	return ret;
}

static int read_text(struct inputs *inputs, const struct text_input *input)
{
	struct line_parser *parser = line_parser_new(inputs->account, input->path);
	const struct place place = { .path = input->path };
	uint64_t told = 0, warned = inputs->account->warnings.total;
	struct line line;
	int ret = -ENOMEM, more = 0;

	while (parser && (more = line_reader_next(input->reader, &line)) > 0) {
		ret = line_parser_take(parser, &line);
		if (ret < 0)
			break;
		told += (uint64_t)ret;
	}
	if (parser && ret >= 0)
		ret = line_parser_finish(parser);
	if (more < 0)
		warn_at(&inputs->account->warnings, &place, "damaged (%s); what came before is counted",
		        line_reader_error(input->reader));
	else if (!told && ret >= 0 && inputs->account->warnings.total == warned)
		tell_nothing_known(inputs->account, input->path);
	line_parser_free(parser);
	return ret < 0 ? ret : 0;
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
static int read_in_order(struct inputs *inputs)
{
	size_t next = 0;
	int ret = 0;

	if (inputs->text_count)
		qsort(inputs->texts, inputs->text_count, sizeof *inputs->texts, by_time);
	maps_sort(&inputs->maps);
	for (size_t i = 0; i < inputs->text_count && !ret; i++) {
		const struct text_input *text = &inputs->texts[i];

		for (; next < inputs->maps.count && !ret; next++) {
			const struct map *map = &inputs->maps.maps[next];

			if (!text->ts_ns || !map->ts_ns || map->ts_ns > text->ts_ns)
				break;
			ret = map_apply(map, inputs->account);
		}
		if (!ret)
			ret = read_text(inputs, text);
	}
	for (; next < inputs->maps.count && !ret; next++)
		ret = map_apply(&inputs->maps.maps[next], inputs->account);
	return ret;
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
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++)
		ret = open_input(&inputs, paths[i]);
	if (!ret) {
		ret = read_in_order(&inputs);
		if (ret == -ENOMEM)
			fputs("fenceline: out of memory\n", stderr);
	}
	inputs_free(&inputs);
	return ret;
}

static int read_memory_lines(struct account *account, const char *name, const char *text, size_t length)
{
	struct line_parser *parser = line_parser_new(account, name);
	const char *end = text + length, *newline;
	uint64_t number = 0;
	int ret = parser ? 0 : -ENOMEM;

	for (; ret >= 0 && text < end; text = newline + 1) {
		struct line line = { .text = text, .number = ++number };

		newline = memchr(text, '\n', (size_t)(end - text));
		if (!newline)
			newline = end;
		line.length = (size_t)(newline - text);
		line.cut = newline == end;
		ret = line_parser_take(parser, &line);
	}
	if (ret >= 0)
		ret = line_parser_finish(parser);
	line_parser_free(parser);
	return ret;
}

int inputs_read_memory(struct account *account, const char *name, const char *text, size_t length)
{
	struct inputs inputs = { .account = account };
	int ret;

	if (!is_json(text, length))
		return read_memory_lines(account, name, text, length);
	ret = read_json(&inputs, name, text, length);
	if (!ret)
		ret = read_in_order(&inputs);
	inputs_free(&inputs);
	return ret;
}
