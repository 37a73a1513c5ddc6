/* SPDX-License-Identifier: MIT */
#include "ingest/log_paste.h"

#include "ingest/log_document.h"
#include "ingest/text_in.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define JSON_TRIES   16 /* places that look like JSON and are none: each costs a look at all that follows */
#define DEEPEST_TEXT 4  /* what a command printed, in what an automation said of it, in its log */

struct paste {
	struct log *log;
	const char *at, *end;
	uint64_t number;   /* of the line at `at` */
	unsigned int deep; /* so many texts around this one; their first line's number is that of all its lines */
	unsigned int tries;
};

static const char *line_end(const struct paste *paste)
{
	return memchr(paste->at, '\n', (size_t)(paste->end - paste->at)) ?: paste->end;
}

static struct line line_at(const struct paste *paste)
{
	struct line line = { .text = paste->at, .number = paste->number };

	line.length = (size_t)(line_end(paste) - paste->at);
	if (line.length && line.text[line.length - 1] == '\r')
		line.length--;
	return line;
}

static void step(struct paste *paste)
{
	const char *newline = line_end(paste);

	paste->at = newline < paste->end ? newline + 1 : paste->end;
	paste->number += !paste->deep;
}

/* What follows from `at` on, without what stands around each line: marks alone, or every wrapper. */
static struct text_buffer paste_join(const struct paste *paste, const char *at, bool all)
{
	struct text_buffer joined = { 0 };
	struct paste ahead = *paste;

	ahead.at = at;
	for (; ahead.at < ahead.end; step(&ahead)) {
		struct line line = line_at(&ahead);
		size_t marks = unwrap_marks(line.text, line.length);
		struct log_line inner = { .text = line.text + marks, .length = line.length - marks };

		if (all)
			unwrap_line(paste->log->unwrap, line.text, line.length, &paste->log->zone, &inner);
		text_buffer_add(&joined, inner.text, inner.length);
		text_buffer_add(&joined, "\n", 1);
	}
	return joined;
}

static void paste_read(struct paste *paste);

/* A text in a string: what a command printed, or lines of a log, whatever is around it. */
static void take_text(void *arg, const char *text, size_t length)
{
	const struct paste *paste = arg;
	struct log *log = paste->log;
	struct paste inside = { log, text, text + length, paste->number, paste->deep + 1, 0 };
	unsigned int families = log->families, bare = log->bare;

	log->listing = NULL;
	if (families != FAMILY_KERNEL) {
		log->families = FAMILY_ALL;
		log->bare = FAMILY_ALL & ~(unsigned int)FAMILY_KERNEL;
	}
	paste_read(&inside);
	log->families = families;
	log->bare = bare;
	log->listing = NULL;
}

static struct log_documents read_documents(struct paste *paste, const char *text, size_t length)
{
	struct log *log = paste->log;
	struct log_documents documents = {
		.zone = &log->zone, .source = log->source, .list = log->list, .other = take_text, .arg = paste
	};

	log_document_read(text, length, &documents);
	return documents;
}

/* A value that begins at `at` in this line: true, and the lines that it takes are behind us. */
static bool take_json(struct paste *paste, const char *at, bool all)
{
	struct log *log = paste->log;
	size_t events = event_list_count(log->list);
	struct text_buffer joined = paste_join(paste, at, all);
	struct log_documents documents = read_documents(paste, joined.text, joined.length);
	size_t used = documents.used;

	log_note_kind(log, documents.kind);
	log->events += event_list_count(log->list) - events;
	log->other_json |= used && !documents.kind;
	log->damaged_json |= !used && !documents.whole;
	for (size_t i = 0; i < used; i++)
		if (joined.text[i] == '\n' || i + 1 == used)
			step(paste);
	paste->tries += !used;
	free(joined.text);
	return used;
}

static bool try_json(struct paste *paste, const struct line *line)
{
	const char *text = line->text + unwrap_marks(line->text, line->length), *end = line->text + line->length, *at;
	struct log_line inner;

	if (paste->tries == JSON_TRIES || paste->deep == DEEPEST_TEXT || paste->log->families == FAMILY_KERNEL)
		return false;
	at = log_json_in(line->text, (size_t)(paste->end - line->text), line->length);
	if (at)
		return take_json(paste, at, false);
	if (!unwrap_line(paste->log->unwrap, line->text, line->length, &paste->log->zone, &inner) || !inner.length ||
	    !char_in(*inner.text, "[{") || (inner.text > text && inner.text < end && inner.text - text < 2))
		return false;
	return take_json(paste, paste->at, true);
}

/* Does JSON begin here that is not one line of a log? What looks like an envelope in it is a string's. */
static bool holds_several(const struct paste *paste, const struct line *line)
{
	size_t marks = unwrap_marks(line->text, line->length);
	const char *at = line->text + marks;
	struct unwrapped_json json;

	if (!log_json_recognise(at, line->length - marks))
		return false;
	if (!unwrap_json_object(at, line->length - marks, &paste->log->zone, &json))
		return true;
	unwrap_json_free(&json);
	return false;
}

/* True: more than the line was taken, and is behind us. */
static bool take_line(struct paste *paste)
{
	struct line line = log_uncomment(line_at(paste));
	struct log_line parsed;

	if (unwrap_marks(line.text, line.length) == line.length) /* it is blank */
		return false;
	if (!paste->log->command && unwrap_prompt(line.text, line.length)) {
		paste->log->listing = NULL;
		return false;
	}
	if ((holds_several(paste, &line) || !log_parse(paste->log, &line, &parsed)) && try_json(paste, &line))
		return true;
	log_take(paste->log, &line);
	return false;
}

static void paste_read(struct paste *paste)
{
	while (paste->at < paste->end) {
		bool taken = take_line(paste);

		if (!paste->deep)
			paste->log->line = paste->number;
		if (!taken)
			step(paste);
	}
}

void log_paste_read(struct log *log, const char *text, size_t length)
{
	struct paste paste = { .log = log, .at = text, .end = text + length, .number = log->line + 1 };

	paste_read(&paste);
}

void log_paste_read_json(struct log *log, const char *text, size_t length)
{
	struct paste paste = { .log = log, .number = 1 };
	struct log_documents documents = read_documents(&paste, text, length);

	log_note_kind(log, documents.kind ?: "json");
	log->events = event_list_count(log->list);
	log->other_json = !documents.kind;
	log->damaged_json = !documents.whole;
}
