/* SPDX-License-Identifier: MIT */
/* Logs: recognised by their first lines, then read once; only the lines that say something of watches, fences, failed I/O or
 * slow requests are looked at, and what they say is kept. */
#include "ingest/log.h"

#include "ingest/log_json.h"
#include "ingest/log_listing.h"
#include "ingest/log_paste.h"
#include "ingest/text_in.h"
#include "ingest/log_wrap.h"
#include "ingest/event_text.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* How far into a file its kind must show: a monitor's log begins with a page of monmap that no form matches. */
#define RECOGNISE_BYTES ((size_t)64 * 1024)

/* The kind of the first line that has one. A line without an envelope tells it if it begins a listing, or if a row knows it. */
static const char *recognise(struct log *log, const char *head, size_t length)
{
	const char *end = head + length, *begin, *kind;
	struct log_line parsed;
	struct line line;

	for (uint64_t number = 1; text_line(&head, end, &begin, &length); number++) {
		line = log_uncomment((struct line){ .text = begin, .length = length, .number = number });
		if (unwrap_prompt(line.text, line.length))
			continue;
		if (log_parse(log, &line, &parsed) && parsed.families & ~(unsigned int)FAMILY_LISTING)
			return strcmp(parsed.channel, "audit") ? parsed.kind : "ceph-audit";
		kind = log_listing_recognise(parsed.text, strlen(parsed.text))
		               ?: log_listing_recognise(begin, (size_t)(end - begin));
		if (kind || log_knows_bare(log, parsed.text, &kind))
			return kind;
		log_note_odd(log, &line);
	}
	return NULL;
}

/* Its kind, asked once: a log that grows stays what it is. */
static const char *known_as(struct log *log, const char *head, size_t length)
{
	if (!log->known_as)
		log->known_as = recognise(log, head, length < RECOGNISE_BYTES ? length : RECOGNISE_BYTES);
	return log->known_as;
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
	size_t length = text_run(at, (size_t)(end - at), DECIMAL);

	if (length && length < 10)
		snprintf(osd, size, "osd.%.*s", (int)length, at);
	return length;
}

/* Whose log it is: many of an OSD's lines do not say. Its path does (ceph-osd.3.log), or its other lines. */
static void find_osd(struct log *log, const char *head, size_t length)
{
	static const char name[] = "osd.", said[] = " osd.";
	const char *base = basename(log->path), *at = strstr(base, name), *end = head + length;

	if (at && read_osd(at + sizeof(name) - 1, base + strlen(base), log->osd, sizeof(log->osd)))
		return;
	for (at = head; (at = memmem(at, (size_t)(end - at), said, sizeof(said) - 1)); at++)
		if (read_osd(at + sizeof(said) - 1, end, log->osd, sizeof(log->osd)))
			return;
}

#define HALF_A_YEAR_NS (180 * 86400 * NS_PER_S)

/* The envelope of the next line that has a stamp; false: there is none. */
static bool next_stamped(struct log *log, const char **at, const char *end, struct log_line *parsed)
{
	struct line line = { 0 };

	while (text_line(at, end, &line.text, &line.length))
		if (log_parse(log, &line, parsed) && parsed->stamp.ns)
			return true;
	return false;
}

#define DATED_WITHIN ((size_t)4096)
#define TS_NS        "\"ts_ns\": "

/* The first stamp with a year at a line's beginning, or the first time of a text event. 0: there is none. */
static int64_t first_time(const char *head, size_t length)
{
	const char *line, *end = head + length, *event = memmem(head, length, TS_NS, strlen(TS_NS));
	int64_t ts_ns;

	if (event && text_events_recognise(head, length))
		return strtoll(event + strlen(TS_NS), NULL, 10);
	for (ts_ns = 0; !ts_ns && text_line(&head, end, &line, &length);)
		ts_ns = stamp_of(line, length, "UTC");
	return ts_ns;
}

/* When the last of the inputs that name a year began; 0: none does. Only while inputs are opened. */
static int64_t dated_ns(struct ingest *ingest)
{
	if (ingest->dated_ns >= 0)
		return ingest->dated_ns;
	ingest->dated_ns = 0;
	for (size_t i = 0; i < ingest->path_count; i++) {
		struct line_reader *reader;
		struct stat info;
		const char *head;
		int64_t length, ts_ns;
		if (stat(ingest->paths[i], &info) || !S_ISREG(info.st_mode) || line_reader_open(ingest->paths[i], &reader))
			continue;
		length = line_reader_head(reader, DATED_WITHIN, &head);
		ts_ns = length > 0 ? first_time(head, (size_t)length < DATED_WITHIN ? (size_t)length : DATED_WITHIN) : 0;
		if (ts_ns > ingest->dated_ns)
			ingest->dated_ns = ts_ns;
		line_reader_close(reader);
	}
	return ingest->dated_ns;
}

/* The year of stamps without one: that of a stamp with one in the same file, else the one that puts them beside the other inputs,
 * else that of the file, which was written last in the year of its last stamp. */
static void find_year(struct log *log, const char *head, size_t length)
{
	const char *end = head + length;
	struct log_line parsed;
	struct stat info;
	bool assumed = false;

	log->zone.near_ns = (strcmp(log->path, "-") && !stat(log->path, &info) ? info.st_mtime : time(NULL)) * NS_PER_S;
	while (next_stamped(log, &head, end, &parsed)) {
		if (!parsed.stamp.no_year) { /* such a log may go on for half a year */
			log->zone.near_ns = parsed.stamp.ns + HALF_A_YEAR_NS;
			return;
		}
		assumed = true;
	}
	log->year_of_others = assumed && dated_ns(log->ingest);
	if (log->year_of_others)
		log->zone.near_ns = dated_ns(log->ingest) + HALF_A_YEAR_NS;
}

/* The time that the log covers: what is not in it did not happen then. */
static void note_span(struct log *log, const char *text, size_t length, bool last)
{
	struct source *source = log->source;
	const char *end = text + length;
	struct log_line parsed;

	while (next_stamped(log, &text, end, &parsed)) {
		if (!source->begin_ns || parsed.stamp.ns < source->begin_ns)
			source->begin_ns = parsed.stamp.ns;
		if (parsed.stamp.ns > source->end_ns)
			source->end_ns = parsed.stamp.ns;
		log_note_zone(log, &parsed);
		if (!last)
			break;
	}
}

static void say_what_was_assumed(struct log *log)
{
	bool say = !log->assumed_said;

	log->assumed_said = log->events;
	if (say && log->malformed)
		ingest_complain(
		        log->path,
		        "%llu malformed audit lines, the first in line %llu: cut, or changed on their way; skipped: give the log "
		        "itself",
		        (unsigned long long)log->malformed, (unsigned long long)log->first_malformed);
	if (say && log->year_assumed)
		ingest_complain(log->path, "its times name no year, which is assumed by the %s",
		                log->year_of_others ? "other inputs' times" : "file's own time");
	if (say && log->hour_twice)
		ingest_complain(log->path,
		                "its times fall into the hour that comes twice in %s; taken as the first pass until they go back",
		                log->zone.tz);
	if (log->ingest->options.tz || strcmp(log->source->tz_from, "option"))
		return;
	log->source->tz_from = "assumed";
	if (say && log->without_zone)
		ingest_complain(log->path, "its times name %s and are taken as UTC; say --tz ZONE if they are not",
		                log->odd_zone ? "a zone whose offset is not known (CET, CST)" : "no zone");
}

static bool is_listing(const char *kind)
{
	static const char *const kinds[] = { "ceph-blocklist-ls", "ceph-osd-dump", "ceph-osd-perf", "rbd-status", "rbd-lock-ls",
		                             "ceph-config",       "object-info",   "ceph-osd-ops",  NULL };

	for (const char *const *known = kinds; *known; known++)
		if (!strcmp(kind, *known))
			return true;
	return false;
}

void log_say_what_it_held(const struct log *log)
{
	const char *kind = log->source->kind;

	if (log->archive)
		ingest_complain(log->path, "is %s%s; unpack it, and give what is in it: folders of traces, logs by their names",
		                log->archive, log->events ? ", read as one log: the first line of each file in it is lost" : "");
	if (log->archive)
		return;
	if (log->listed_said > log->listed_read)
		ingest_complain(
		        log->path,
		        "says that %llu entries were listed, and %llu %s in it: it is a part of the list, or rows are cut",
		        (unsigned long long)log->listed_said, (unsigned long long)log->listed_read,
		        log->listed_read == 1 ? "is" : "are");
	if (log->damaged_json)
		ingest_complain(log->path, "is damaged JSON; what stands before the damage is used");
	if (log->unread_commands && !log->audit_read && !log->malformed) {
		ingest_complain(
		        log->path,
		        "the blocklist command in line %llu is in a form that is not read (lines with such a one: %llu); the "
		        "monitors' audit log (ceph.audit.log) has it with its sender",
		        (unsigned long long)log->first_unread, (unsigned long long)log->unread_commands);
		return;
	}
	if (log->events || log->malformed || log->damaged_json)
		return;
	if (is_listing(kind))
		ingest_complain(log->path, "is read as %s, and lists nothing: no entry, no lock, no watcher, no value", kind);
	else if (log->other_json)
		ingest_complain(log->path, "is JSON of another kind than fenceline reads: no blocklist, osd dump, lock, watcher, "
		                           "latency or setting is in it");
	else if (log->known)
		ingest_complain(log->path,
		                "is read as a log (%s); none of its lines tells of a fence, a watch, a lock, failed I/O "
		                "or a slow request",
		                kind);
	else if (log->odd.number)
		ingest_complain(
		        log->path,
		        "holds nothing that fenceline knows: neither a trace nor a log or listing of Ceph, QEMU or a kernel; the "
		        "first line that is not understood is line %llu: %s",
		        (unsigned long long)log->odd.number, log->odd.text);
	else
		ingest_complain(log->path, "holds blank lines and prompts only");
}

/* All has been read, of a log that grows all of this part; `tail` are its last bytes. */
static void end_reading(struct log *log, const char *tail, size_t length)
{
	if (!log->grows)
		log_take_end(log);
	note_span(log, tail, length, true);
	say_what_was_assumed(log);
	if (!log->grows)
		log_say_what_it_held(log);
}

/* The next line that may say something; false at the end. */
static bool read_line(void *arg)
{
	struct log *log = arg;
	struct line line;
	const char *tail;
	size_t length;
	int more;

	/* a command line, and a container's line in pieces, go on in lines that hold no word */
	if (log->every_line || log->command || *log->pieces.stream)
		more = line_reader_next(log->reader, &line);
	else
		more = line_reader_find(log->reader, log_rows_scan(), &line);
	if (more == 1) {
		log->line = line.number;
		log_take(log, &line);
		return true;
	}
	if (more < 0)
		ingest_complain(log->path, "damaged, read up to line %llu: %s", (unsigned long long)log->line,
		                line_reader_error(log->reader));
	length = line_reader_tail(log->reader, &tail);
	end_reading(log, tail, length);
	return false;
}

static void release(void *arg)
{
	struct log *log = arg;

	line_reader_close(log->reader);
	log_free(log);
}

/* Reads as many events as are held at a time. True: there is more. */
static bool read_lines(struct log *log)
{
	while (event_list_count(log->list) < EVENT_LIST_WINDOW)
		if (!read_line(log))
			return false;
	return true;
}

static void read_document(struct log *log)
{
	const char *text;
	size_t length;

	if (line_reader_rest(log->reader, &text, &length)) {
		ingest_complain(log->path, "damaged: %s", line_reader_error(log->reader));
		return;
	}
	log_paste_read_json(log, text, length);
	log_say_what_it_held(log);
}

/* Its lines have no word to scan for, or words may be broken: by colours, by being spread over the lines of an entry, by being
 * cut into pieces. */
static bool needs_every_line(const char *head, size_t length)
{
	static const char *const signs[] = { "\033[",          "^[[",        "#033[",     "\nMESSAGE=", "\n    MESSAGE=",
		                             "\"MESSAGE\" : ", " stderr P ", " stdout P " };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (memmem(head, length, signs[i], strlen(signs[i])))
			return true;
	return false;
}

/* A log of a known kind, before its lines are read. What they may say is what the kind lets them: a guest writes into its own log
 * whatever it wants. */
static void begin_log(struct log *log, const char *kind, const char *head, size_t length)
{
	bool kernel = !strcmp(kind, "kernel"), qemu = !strcmp(kind, "qemu") || !strcmp(kind, "libvirt");

	log->families = kernel ? FAMILY_KERNEL : FAMILY_ALL;
	log->bare = kernel ? FAMILY_KERNEL : qemu ? FAMILY_ALL & ~(unsigned int)FAMILY_KERNEL : FAMILY_ALL;
	log_note_kind(log, strcmp(kind, "ceph-daemon") ? kind : daemon_kind(head, length));
	if (!*log->osd && (!strcmp(log->source->kind, "ceph-osd") || !strcmp(log->source->kind, "ceph-daemon")))
		find_osd(log, head, length);
	find_year(log, head, length);
	if (!log->vm && (kernel || qemu))
		log->vm = log_vm_of_path(log->ingest->vms, log->path);
	note_span(log, head, length, false);
}

/* All of it is at hand. */
static void read_small(struct log *log)
{
	const char *text, *tail, *kind;
	size_t length;
	char *joined;

	if (line_reader_rest(log->reader, &text, &length)) {
		ingest_complain(log->path, "damaged: %s", line_reader_error(log->reader));
		return;
	}
	/* what a log grew by was sent and broken by nobody */
	joined = log->known_as ? NULL : log_wrap_join(log, text, length, &length);
	text = joined ?: text;
	kind = known_as(log, text, length);
	if (kind)
		begin_log(log, kind, text, length < RECOGNISE_BYTES ? length : RECOGNISE_BYTES);
	log_paste_read(log, text, length);
	tail = text + length - (length < LINE_READER_TAIL ? length : LINE_READER_TAIL);
	end_reading(log, tail, (size_t)(text + length - tail));
	free(joined);
}

/* True: there is more than could be read at once. */
static bool read_any(struct log *log, const char *head, size_t length)
{
	const char *kind;

	if (length < LOG_PASTE_MOST) {
		read_small(log);
		return false;
	}
	kind = known_as(log, head, length);
	if (!kind && log_json_recognise(head, length)) {
		read_document(log);
		return false;
	}
	if (!kind) {
		log_say_what_it_held(log);
		return false;
	}
	begin_log(log, kind, head, RECOGNISE_BYTES);
	/* what stands in such a log is not its own -108 */
	if (!strcmp(log->source->kind, "ceph-osd") || !strcmp(log->source->kind, "ceph-mon"))
		log->families &= ~(unsigned int)FAMILY_CLIENT;
	log->every_line = needs_every_line(head, length) || log_listing_recognise(head, length);
	return read_lines(log);
}

/* What is in it is read all the same, as far as it is lines. */
static const char *archive_of(const char *head, size_t length)
{
	static const struct {
		size_t at;
		const char *magic, *is;
	} archives[] = { { 257, "ustar", "a tar archive" }, { 0, "PK\003\004", "a zip archive" } };

	for (size_t i = 0; i < sizeof(archives) / sizeof(*archives); i++)
		if (length > archives[i].at && text_begins(head + archives[i].at, length - archives[i].at, archives[i].magic))
			return archives[i].is;
	return NULL;
}

static bool begin_reading(struct log *log, struct line_reader *reader)
{
	const char *head;
	int64_t length = line_reader_head(reader, LOG_PASTE_MOST, &head);

	log->reader = reader;
	log->list = event_list_new();
	log->archive = length > 0 ? archive_of(head, (size_t)length) : NULL;
	return length > 0 && read_any(log, head, (size_t)length);
}

void log_open(struct ingest *ingest, const char *path, struct line_reader **reader)
{
	struct log *log = log_new(ingest, path);
	bool more = begin_reading(log, *reader);
	struct event_list *list = log->list;

	if (more) {
		/* What is left of a large log is read while its events are delivered: the log is the list's from here on. */
		*reader = NULL;
		event_list_read_on(list, read_line, release, log);
	} else {
		log_free(log);
	}
	event_list_finish(list, ingest);
}

bool log_read_part(struct log *log, struct line_reader *part, uint64_t lines)
{
	log->grows = true;
	log->line = lines;
	if (begin_reading(log, part))
		while (read_line(log))
			;
	event_list_finish(log->list, log->ingest);
	return log->known_as || log->events;
}
