/* SPDX-License-Identifier: MIT */
/* Logs: recognised by their first lines, then read once; only the lines that say something of watches, fences, failed I/O or
 * slow requests are looked at, and what they say is kept. */
#include "ingest/log.h"

#include "ingest/line_reader.h"
#include "ingest/log_document.h"
#include "ingest/log_listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* How far into a file its kind must show: a monitor's log begins with a page of monmap that no form matches. */
#define RECOGNISE_BYTES ((size_t)64 * 1024)

/* The kind of the first line that has one. A line without an envelope tells it if a row knows it. */
static const char *recognise(struct log *log, const char *head, size_t length)
{
	const char *newline, *kind;

	for (const char *end = head + length; head < end; head = newline + 1) {
		struct line line = { .text = head };
		struct log_line parsed;

		newline = memchr(head, '\n', (size_t)(end - head)) ?: end;
		line.length = (size_t)(newline - head);
		if (log_parse(log, &line, &parsed))
			return strcmp(parsed.channel, "audit") ? parsed.kind : "ceph-audit";
		if (log_knows_bare(log, &line, &kind))
			return kind;
	}
	return NULL;
}

/* Which daemon's log it is, by what its first lines say; a monitor's and a client's have the same envelope. */
static const char *daemon_kind(const char *head, size_t length)
{
	static const struct {
		const char *words, *kind;
	} signs[] = {
		{ "process ceph-osd", "ceph-osd" },   { "process ceph-mon", "ceph-mon" }, { " librbd::", "ceph-client" },
		{ ".objecter ", "ceph-client" },      { " pg_epoch: ", "ceph-osd" },      { "(leader) e", "ceph-mon" },
		{ "get_health_metrics", "ceph-osd" },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (memmem(head, length, signs[i].words, strlen(signs[i].words)))
			return signs[i].kind;
	return "ceph-daemon";
}

static size_t read_osd(const char *at, const char *end, char *osd, size_t size)
{
	size_t length = 0;

	while (at + length < end && at[length] >= '0' && at[length] <= '9')
		length++;
	if (length && length < 10)
		snprintf(osd, size, "osd.%.*s", (int)length, at);
	return length;
}

/* Whose log it is: many of an OSD's lines do not say. Its path does (ceph-osd.3.log), or its other lines. */
static void find_osd(struct log *log, const char *head, size_t length)
{
	static const char name[] = "osd.", said[] = " osd.";
	const char *base = strrchr(log->path, '/'), *at, *end = head + length;

	base = base ? base + 1 : log->path;
	at = strstr(base, name);
	if (at && read_osd(at + sizeof(name) - 1, base + strlen(base), log->osd, sizeof(log->osd)))
		return;
	for (at = head; (at = memmem(at, (size_t)(end - at), said, sizeof(said) - 1)); at++)
		if (read_osd(at + sizeof(said) - 1, end, log->osd, sizeof(log->osd)))
			return;
}

/* The year of stamps without one: the file was written last in the year of its last stamp. A stamp with a year in it is better
 * still. */
static void find_year(struct log *log, const char *head, size_t length)
{
	const char *newline;
	struct stat info;

	log->zone.near_ns = (strcmp(log->path, "-") && !stat(log->path, &info) ? info.st_mtime : time(NULL)) * NS_PER_S;
	for (const char *end = head + length; head < end; head = newline + 1) {
		struct line line = { .text = head };
		struct log_line parsed;

		newline = memchr(head, '\n', (size_t)(end - head)) ?: end;
		line.length = (size_t)(newline - head);
		if (!log_parse(log, &line, &parsed) || parsed.year_assumed || !parsed.ts_ns)
			continue;
		/* such a log may go on for half a year */
		log->zone.near_ns = parsed.ts_ns + 180 * 86400 * NS_PER_S;
		return;
	}
}

/* The time that the log covers: what is not in it did not happen then. */
static void note_span(struct log *log, const char *text, size_t length, bool last)
{
	struct source *source = log->source;
	const char *newline;

	for (const char *end = text + length; text < end; text = newline + 1) {
		struct line line = { .text = text };
		struct log_line parsed;

		newline = memchr(text, '\n', (size_t)(end - text)) ?: end;
		line.length = (size_t)(newline - text);
		if (!log_parse(log, &line, &parsed) || !parsed.ts_ns)
			continue;
		if (!source->begin_ns || parsed.ts_ns < source->begin_ns)
			source->begin_ns = parsed.ts_ns;
		if (parsed.ts_ns > source->end_ns)
			source->end_ns = parsed.ts_ns;
		log_note_zone(log, &parsed);
		if (!last)
			break;
	}
}

static const char *find_word(const void *scan, const char *text, size_t length)
{
	return log_scan_find(scan, text, length);
}

static void say_what_was_assumed(struct log *log)
{
	if (log->malformed)
		ingest_complain(log->path, "%llu malformed audit lines; skipped", (unsigned long long)log->malformed);
	if (log->year_assumed)
		ingest_complain(log->path, "its times name no year, which is assumed by the file's own time");
	if (ingest_options_of(log->ingest)->tz || strcmp(log->source->tz_from, "option"))
		return;
	log->source->tz_from = "assumed";
	if (log->without_zone)
		ingest_complain(log->path, "its times name no zone and are taken as UTC; say --tz ZONE if they are not");
}

/* The next line that may say something: 1; 0 at the end; -errno, told on stderr but for -ENOMEM. */
static int read_line(struct log *log)
{
	struct line line;
	const char *tail;
	size_t length;
	int more, error;

	if (log->families == FAMILY_LISTING || log->command) /* a command line goes on in lines that hold no word */
		more = line_reader_next(log->reader, &line);
	else
		more = line_reader_find(log->reader, find_word, log_rows_scan(log->rows), &line);
	if (more == 1) {
		log->line = line.number;
		return log_take(log, &line) ?: 1;
	}
	error = log_take_end(log);
	if (more < 0)
		ingest_complain(log->path, "damaged, read up to line %llu: %s", (unsigned long long)log->line,
		                line_reader_error(log->reader));
	length = line_reader_tail(log->reader, &tail);
	note_span(log, tail, length, true);
	say_what_was_assumed(log);
	return error;
}

static int read_on(void *arg)
{
	struct log *log = arg;
	int more = read_line(log);

	if (more == -ENOMEM)
		ingest_complain(log->path, "out of memory at line %llu; what follows is not used", (unsigned long long)log->line);
	return more;
}

static void release(void *arg)
{
	struct log *log = arg;

	line_reader_close(log->reader);
	log_release(log);
	free(log);
}

/* Reads as many events as are held at a time. 0: all of it; 1: there is more; -ENOMEM. */
static int read_lines(struct log *log)
{
	int more = 1;

	while (more == 1 && event_list_count(log->list) < EVENT_LIST_WINDOW)
		more = read_line(log);
	return more == -ENOMEM || more > 0 ? more : 0;
}

static int read_document(struct log *log)
{
	const char *text, *kind;
	size_t length;
	bool whole;
	int error = line_reader_rest(log->reader, &text, &length);

	if (error) {
		ingest_complain(log->path, "damaged: %s", line_reader_error(log->reader));
		return error == -ENOMEM ? error : 0;
	}
	error = log_document_read(text, length, &log->zone, log->source, log->list, &kind, &whole);
	if (kind)
		log->source->kind = kind;
	if (!kind)
		ingest_complain(log->path,
		                "holds nothing that fenceline knows: neither a trace nor a log, and JSON of another kind; "
		                "ignored");
	else if (!whole)
		ingest_complain(log->path, "is damaged JSON; what stands before the damage is used");
	return error;
}

/* What the kind lets its lines say: a guest writes into its own log whatever it wants. */
static void set_kind(struct log *log, const char *kind, const char *head, size_t length)
{
	if (!strcmp(kind, "ceph-daemon"))
		kind = daemon_kind(head, length);
	log->families = !strcmp(kind, "kernel") ? FAMILY_KERNEL : FAMILY_ANY;
	log->bare = !strcmp(kind, "kernel")                             ? FAMILY_KERNEL
	            : !strcmp(kind, "qemu") || !strcmp(kind, "libvirt") ? FAMILY_QEMU | FAMILY_CLIENT
	                                                                : 0;
	log->source->kind = kind;
}

/* 0: all of it has been read; 1: there is more; -ENOMEM. */
static int read_any(struct log *log, const char *head, size_t length)
{
	const char *kind = log_document_recognise(head, length) ? "json" : recognise(log, head, length);
	int error = 0;

	if (kind && !strcmp(kind, "json")) {
		log->source->kind = kind;
		return read_document(log);
	}
	if (!kind && (kind = log_listing_recognise(head, length))) {
		log->families = log->bare = FAMILY_LISTING;
		log->source->kind = kind;
		return read_lines(log);
	}
	if (!kind) {
		ingest_complain(log->path,
		                "holds nothing that fenceline knows: neither a trace nor a log of Ceph, QEMU or a kernel; "
		                "ignored");
		return 0;
	}
	set_kind(log, kind, head, length);
	if (!strcmp(log->source->kind, "ceph-osd") || !strcmp(log->source->kind, "ceph-daemon"))
		find_osd(log, head, length);
	find_year(log, head, length);
	if (log->bare)
		log->vm = log_vm_of_path(log->vms, log->path, &error);
	note_span(log, head, length, false);
	return error ? error : read_lines(log);
}

/* What is left of a large log is read while its events are delivered. */
static int read_later(struct log *log, struct line_reader **reader)
{
	struct log *kept = malloc(sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	*kept = *log;
	kept->path = log->source->path;
	*log = (struct log){ .list = kept->list };
	*reader = NULL;
	event_list_read_on(kept->list, read_on, release, kept);
	kept->list_handed_over = true;
	return 0;
}

int log_open(struct ingest *ingest, const char *path, struct line_reader **reader)
{
	const struct ingest_options *options = ingest_options_of(ingest);
	struct log log = { .path = path, .zone = { .tz = options->tz ? options->tz : "UTC" }, .reader = *reader };
	const char *head;
	int64_t length = line_reader_head(*reader, RECOGNISE_BYTES, &head);
	int error = log_init(&log, ingest);

	if (!error && length > 0)
		error = read_any(&log, head, (size_t)length);
	if (error == 1)
		error = read_later(&log, reader);
	if (!error) {
		error = event_list_finish(log.list, ingest);
		log.list = NULL;
	}
	log_release(&log);
	return error;
}
