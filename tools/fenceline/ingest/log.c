/* SPDX-License-Identifier: MIT */
/* Logs: recognised by their first lines, then read once; only the lines that say something of blocklists are kept. */
#include "ingest/event_list.h"
#include "ingest/line_reader.h"
#include "ingest/log_audit.h"
#include "ingest/log_forms.h"
#include "ingest/tz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How far into a file its kind must show: a monitor's log begins with a page of monmap that no form matches. */
#define RECOGNISE_BYTES ((size_t)64 * 1024)

struct log {
	const char *path, *tz;
	struct source *source;
	struct event_list *list;
	bool without_zone; /* a line that matters had no zone */
	uint64_t malformed;
	char last[48]; /* the beginning of the last line: holds its stamp */
};

/* The kind by the first line that has a form; NULL if none has. */
static const char *recognise(const char *head, size_t length)
{
	while (length) {
		const char *newline = memchr(head, '\n', length);
		size_t line = newline ? (size_t)(newline - head) : length;
		char *text = strndup(head, line);
		struct log_line parsed;
		bool known = text && log_line_parse(text, "UTC", &parsed);

		free(text);
		if (known)
			return strcmp(parsed.channel, "audit") ? parsed.kind : "ceph-audit";
		if (!newline)
			break;
		head += line + 1;
		length -= line + 1;
	}
	return NULL;
}

static int add_blocklist(struct log *log, const struct line *line)
{
	char *text = strndup(line->text, line->length);
	struct event event = { .fact = FACT_audit_blocklist, .source = log->source, .line = line->number };
	struct log_line parsed;
	json_t *command;
	int found = 0;

	if (!text)
		return -ENOMEM;
	/* Short forms name no channel; a line of another channel only quotes the command. */
	if (log_line_parse(text, log->tz, &parsed) && (!*parsed.channel || !strcmp(parsed.channel, "audit")))
		found = audit_parse(text + (parsed.text - text), &event.audit, &command);
	if (found < 0)
		log->malformed++;
	if (found <= 0) {
		free(text);
		return 0;
	}
	event.ts_ns = parsed.ts_ns;
	log->without_zone |= !parsed.has_zone;
	return event_list_add(log->list, &event, command, text);
}

/* The time that the log covers: what is not in it did not happen then. */
static void note_span(struct log *log, const char *line)
{
	struct source *source = log->source;
	int64_t ts_ns;
	bool has_zone;

	if (!stamp_parse(line, log->tz, &ts_ns, &has_zone))
		return;
	if (!source->begin_ns)
		source->begin_ns = ts_ns;
	if (ts_ns > source->end_ns)
		source->end_ns = ts_ns;
	if (!has_zone) {
		source->tz = log->tz;
		source->tz_from = "option";
	}
}

static void keep_beginning(struct log *log, const struct line *line)
{
	size_t length = line->length < sizeof(log->last) - 1 ? line->length : sizeof(log->last) - 1;

	if (length < 19 || *line->text < '1' || *line->text > '2')
		return;
	memcpy(log->last, line->text, length);
	log->last[length] = '\0';
	if (!log->source->begin_ns)
		note_span(log, log->last);
}

static int read_lines(struct log *log, struct line_reader *reader)
{
	struct line line = { 0 };
	int error = 0, more = 1;

	while (!error && (more = line_reader_next(reader, &line)) == 1) {
		keep_beginning(log, &line);
		if (audit_maybe(line.text, line.length))
			error = add_blocklist(log, &line);
	}
	if (more < 0)
		ingest_complain(log->path, "damaged, read up to line %llu: %s", (unsigned long long)line.number,
		                line_reader_error(reader));
	note_span(log, log->last);
	return error;
}

static void say_what_was_assumed(struct log *log, bool assumed)
{
	if (log->malformed)
		ingest_complain(log->path, "%llu malformed audit lines; skipped", (unsigned long long)log->malformed);
	if (!assumed || strcmp(log->source->tz_from, "option"))
		return;
	log->source->tz_from = "assumed";
	if (log->without_zone)
		ingest_complain(log->path, "its times name no zone and are taken as UTC; say --tz ZONE if they are not");
}

int log_open(struct ingest *ingest, const char *path, struct line_reader *reader)
{
	const struct ingest_options *options = ingest_options_of(ingest);
	struct log log = { .path = path, .tz = options->tz ? options->tz : "UTC" };
	const char *head, *kind;
	int64_t length = line_reader_head(reader, RECOGNISE_BYTES, &head);
	int error;

	kind = length > 0 ? recognise(head, (size_t)length) : NULL;
	log.source = ingest_source(ingest, path, kind ? kind : "unknown", "");
	if (!kind)
		ingest_complain(path, "holds nothing that fenceline knows: neither a trace nor a log of Ceph; ignored");
	if (!kind || !log.source)
		return log.source ? 0 : -ENOMEM;
	log.list = event_list_new(log.source);
	error = log.list ? read_lines(&log, reader) : -ENOMEM;
	say_what_was_assumed(&log, !options->tz);
	if (!error)
		return event_list_finish(log.list, ingest);
	event_list_free(log.list);
	return error;
}
