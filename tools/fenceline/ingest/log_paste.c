/* SPDX-License-Identifier: MIT */
#include "ingest/log_paste.h"

#include "ingest/log_document.h"
#include "ingest/log_strings.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define JSON_TRIES 16 /* places that look like JSON and are none: each costs a look at all that follows */

struct paste {
	struct log *log;
	const char *at, *end;
	uint64_t number; /* of the line at `at` */
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
	paste->number++;
}

/* What follows from here on, without what stands around each line: marks alone, or every wrapper. */
static char *paste_join(const struct paste *paste, bool all, size_t *length)
{
	char *joined = xmalloc((size_t)(paste->end - paste->at) + 1);
	struct paste ahead = *paste;

	*length = 0;
	for (; ahead.at < ahead.end; step(&ahead)) {
		struct line line = line_at(&ahead);
		size_t marks = unwrap_marks(line.text, line.length);
		struct unwrapped inner = { .text = line.text + marks, .length = line.length - marks };

		if (all)
			unwrap_line(paste->log->unwrap, line.text, line.length, &paste->log->zone, &inner);
		memcpy(joined + *length, inner.text, inner.length);
		*length += inner.length;
		joined[(*length)++] = '\n';
	}
	return joined;
}

/* JSON that begins in this line: true, and the lines that it takes are behind us. */
static bool take_json(struct paste *paste, bool all)
{
	struct log *log = paste->log;
	size_t length, used = 0;
	char *joined = paste_join(paste, all, &length);
	const char *kind = NULL;
	size_t events = event_list_count(log->list);
	bool whole;

	log_document_read(joined, length, &log->zone, log->source, log->list, &kind, &whole, &used);
	log_note_kind(log, kind);
	log->events += event_list_count(log->list) - events;
	log->other_json |= used && !kind;
	if (!kind)
		log_strings_take(log, joined, used, paste->number);
	log->damaged_json |= !used && !whole;
	for (const char *at = joined; used && (at = memchr(at, '\n', (size_t)(joined + used - at))); at++)
		step(paste);
	if (used && joined[used - 1] != '\n')
		step(paste);
	paste->tries += !used;
	free(joined);
	return used;
}

static bool try_json(struct paste *paste, const struct line *line)
{
	size_t marks = unwrap_marks(line->text, line->length);
	const char *at = line->text + marks, *end = line->text + line->length;
	struct unwrapped inner;

	if (paste->tries == JSON_TRIES || paste->log->families == FAMILY_KERNEL)
		return false;
	if (log_document_recognise(at, (size_t)(paste->end - at)))
		return take_json(paste, false);
	if (!unwrap_line(paste->log->unwrap, line->text, line->length, &paste->log->zone, &inner) || !inner.length ||
	    !strchr("[{", *inner.text ?: '?') || (inner.text > at && inner.text < end && inner.text - at < 2))
		return false;
	return take_json(paste, true);
}

static bool is_blank(const struct line *line)
{
	return unwrap_marks(line->text, line->length) == line->length;
}

/* Does JSON begin here that is not one line of a log? What looks like an envelope in it is a string's. */
static bool holds_several(const struct paste *paste, const struct line *line)
{
	size_t marks = unwrap_marks(line->text, line->length);
	const char *at = line->text + marks;
	struct unwrapped_json json;

	if (!log_document_recognise(at, line->length - marks))
		return false;
	if (!unwrap_json_object(at, line->length - marks, &paste->log->zone, &json))
		return true;
	unwrap_json_free(&json);
	return false;
}

/* True: more than the line was taken, and is behind us. */
static bool take_line(struct paste *paste)
{
	struct line line = log_uncomment(paste->log, line_at(paste));
	struct log_line parsed;

	if (is_blank(&line))
		return false;
	if (!paste->log->command && unwrap_prompt(line.text, line.length)) {
		paste->log->listing = NULL;
		paste->log->prompts++;
		return false;
	}
	if ((holds_several(paste, &line) || !log_parse(paste->log, &line, &parsed)) && try_json(paste, &line))
		return true;
	log_take(paste->log, &line);
	return false;
}

void log_paste_read(struct log *log, const char *text, size_t length)
{
	struct paste paste = { .log = log, .at = text, .end = text + length, .number = log->line + 1 };

	while (paste.at < paste.end) {
		bool taken = take_line(&paste);

		log->line = paste.number;
		if (!taken)
			step(&paste);
	}
}
