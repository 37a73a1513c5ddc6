/* SPDX-License-Identifier: MIT */
/* One line of a log: from its bytes to its events. */
#include "ingest/log_line.h"
#include "ingest/log_audit.h"
#include "ingest/log_listing.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STARTING "starting up libvirt"
#define NAMED    "-name guest="

static bool is_row_of_columns(const char *text, size_t length)
{
	struct text_buffer plain = { 0 };
	bool is = log_listing_plain(text, length, &plain);

	free(plain.text);
	return is;
}

/* For the unwrapper: where a line of Ceph's, of a client's, QEMU's or a kernel's own begins. `text` ends with NUL. */
static enum unwrap_own log_begins(const void *arg, const char *text, size_t length)
{
	const struct log *log = arg;
	struct log_line parsed;
	struct log_match match;

	if (log_forms_match(text, &log->zone, &parsed) || is_row_of_columns(text, length))
		return UNWRAP_OWN_ENVELOPE;
	if (!log_rows_match(FAMILY_ALL, log_rows_words(text, length), text, length, &match))
		return UNWRAP_NOT_OWN;
	/* what begins with anything may begin with a wrapper */
	return strncmp(match.row->form, "{}", 2) && strncmp(match.row->form, "{counted}", 9) ? UNWRAP_OWN_WORDS : UNWRAP_NOT_OWN;
}

#define HEADING     "==> "
#define HEADING_END " <=="

struct log *log_new(struct ingest *ingest, const char *path)
{
	struct log *log = XNEW(struct log, .zone.tz = ingest->options.tz ?: "UTC", .ingest = ingest, .families = FAMILY_ANY);
	struct log_scan *scan = log_rows_scan();

	if (!ingest->vms)
		ingest->vms = log_vms_new();
	log->source = ingest_source(ingest, path, "unknown", "");
	log->path = log->source->path;
	log->unwrap = unwrap_new(log_begins, log);
	log->audit = log_scan_add(scan, "blocklist") | log_scan_add(scan, "blacklist") | log_scan_add(scan, WATCH_TIMEOUT) |
	             log_scan_add(scan, AUDIT_PAUSE) | log_scan_add(scan, AUDIT_UNPAUSE) | log_scan_add(scan, AUDIT_PAUSE_FLAG);
	log->start = log_scan_add(scan, STARTING);
	log->name = log_scan_add(scan, NAMED);
	log_scan_add(scan, HEADING);
	return log;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	if (log->command)
		log_command_free(log->command);
	unwrap_free(log->unwrap);
	free(log->pieces.text.text);
	free(log->text.text);
	free(log->columns.text);
	free(log);
}

/* A longer line is cut here, so that memory stays bounded. Only a set of snapshots may be longer. */
#define TEXT_MOST ((size_t)1 << 20)

static size_t length_of(const struct line *line)
{
	static const char set[] = "removed_snaps";

	return line->length > TEXT_MOST && !memmem(line->text, 4096, set, sizeof(set) - 1) ? TEXT_MOST : line->length;
}

bool log_parse_whole(struct log *log, const struct line *line, struct log_line *parsed)
{
	size_t length = length_of(line);

	*parsed = (struct log_line){ .kind = "", .text = "" };
	log->text.length = 0;
	text_buffer_add(&log->text, line->text, length);
	if (log_line_parse(log->unwrap, log->text.text, length, &log->zone, parsed))
		return true;
	if (unwrap_straighten(log->text.text, &length) && log_line_parse(log->unwrap, log->text.text, length, &log->zone, parsed))
		return true;
	if (log_listing_plain(parsed->text, strlen(parsed->text), &log->columns))
		parsed->text = log->columns.text;
	return false;
}

bool log_parse(struct log *log, const struct line *line, struct log_line *parsed)
{
	return log_parse_whole(log, line, parsed) || log_line_parse_rest(&log->zone, parsed);
}

struct line log_uncomment(struct line line)
{
	size_t marks = unwrap_marks(line.text, line.length);
	const char *text = line.text + marks + 2;
	struct log_match match;

	if (line.length < marks + 3 || memcmp(line.text + marks, "# ", 2))
		return line;
	if (log_listing_header(text, line.length - marks - 2) ||
	    log_rows_match(FAMILY_LISTING, 0, text, line.length - marks - 2, &match)) {
		line.text = text;
		line.length -= marks + 2;
	}
	return line;
}

/* A row of a listing tells which it is of; three numbers, or an address and some text, may be anything. */
static const char *listing_of_row(const struct log_row *row)
{
	switch (row->fact) {
	case FACT_lock_logged:
		return "rbd-lock-ls";
	case FACT_watch_logged:
		return "rbd-status";
	case FACT_watch_timeout:
		return "ceph-config";
	default:
		return *row->form == '{' || *row->form == 'c' ? NULL : "ceph-osd-dump";
	}
}

bool log_knows_bare(struct log *log, const char *text, const char **kind)
{
	static const struct {
		enum log_family family;
		const char *kind;
	} kinds[] = { { FAMILY_QEMU, "qemu" },        { FAMILY_KERNEL, "kernel" },   { FAMILY_CLIENT, "ceph-client" },
		      { FAMILY_CEPH, "ceph-daemon" }, { FAMILY_SERVICE, "service" }, { FAMILY_LISTING, NULL } };
	log_words words = log_rows_words(text, strlen(text));
	struct log_match match;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!log_rows_match(kinds[i].family, words, text, strlen(text), &match) ||
		    (kinds[i].family == FAMILY_CLIENT && match.row->fact == FACT_COUNT))
			continue;
		*kind = kinds[i].kind ?: listing_of_row(match.row);
		return *kind;
	}
	*kind = words & log->audit && !strncmp(text, "from=", 5) ? "ceph-audit" : words & log->name ? "qemu" : NULL;
	return *kind;
}

void log_note_kind(struct log *log, const char *kind)
{
	if (kind && !strcmp(log->source->kind, "unknown"))
		log->source->kind = kind;
}

void log_note_zone(struct log *log, const struct log_line *parsed)
{
	if (parsed->stamp.has_zone || !parsed->stamp.ns)
		return;
	log->source->tz = log->zone.tz;
	log->source->tz_from = "option";
}

void log_note_odd(struct log *log, const struct line *line)
{
	const char *text = line->text + unwrap_marks(line->text, line->length);
	size_t length = (size_t)(line->text + line->length - text), most = sizeof(log->odd.text) - 1;

	if (log->odd.number || !length)
		return;
	log->odd.number = line->number;
	if (length > most)
		length = most;
	/* what a terminal would obey is not handed to one */
	for (size_t i = 0; i < length; i++)
		log->odd.text[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '?' : text[i];
	while (length && ((unsigned char)log->odd.text[length - 1] & 0x80)) /* no half of a letter */
		length--;
	log->odd.text[length] = '\0';
}

/* Lines that came over syslog name the host whose clock made the stamp. */
static struct source *source_of(struct log *log, const struct log_line *parsed)
{
	char host[256];
	struct source *source = log->of_host;

	if (!parsed->host.length || parsed->host.length >= sizeof(host))
		return log->source;
	if (source && strlen(source->host) == parsed->host.length && !memcmp(source->host, parsed->host.at, parsed->host.length))
		return source;
	text_copy(host, sizeof(host), parsed->host.at, parsed->host.length);
	source = ingest_source(log->ingest, log->path, log->source->kind, host);
	log->of_host = source;
	if (!parsed->stamp.has_zone) {
		source->tz = log->zone.tz;
		source->tz_from = log->ingest->options.tz ? "option" : "assumed";
	}
	return source;
}

static struct log_vm *vm_of_file(struct log *log, const char *at, size_t length)
{
	char *path = xstrndup(at, length);
	struct log_vm *vm = log_vm_of_path(log->ingest->vms, path);

	free(path);
	return vm;
}

/* By its own word, by the file that grep found it in, or the log's. */
static struct log_vm *vm_of_line(struct log *log, const struct log_line *parsed)
{
	if (parsed->vm.length)
		return log_vm_named(log->ingest->vms, parsed->vm);
	return parsed->file.length ? vm_of_file(log, parsed->file.at, parsed->file.length) : log->vm;
}

static void line_add(struct log *log, struct event *event, const struct log_line *parsed)
{
	struct event *kept = event_list_add(log->list, event);

	log->events++;
	log->listed_read += event->fact == FACT_blocklist_entry;
	log->without_zone |= !parsed->stamp.has_zone && event->ts_ns;
	log->odd_zone |= parsed->stamp.odd_zone && event->ts_ns;
	log->year_assumed |= parsed->stamp.no_year && event->ts_ns;
	log_note_zone(log, parsed);
	if (event->fact == FACT_io_failure || event->fact == FACT_vm_logged)
		log_vm_event(log->ingest->vms, vm_of_line(log, parsed), kept);
}

/* True: it was one, and is added. */
static bool take_audit(struct log *log, const struct log_line *parsed, struct event *event)
{
	int found = audit_parse(parsed->text, event, log->list);

	if (found == -EINVAL) {
		size_t length = strlen(parsed->text);
		char *text = xstrdup(parsed->text);

		if (unwrap_straighten(text, &length))
			found = audit_parse(text, event, log->list);
		free(text);
	}
	if (found == -EINVAL && !log->malformed++)
		log->first_malformed = event->line;
	if (found == 1) {
		log->audit_read = true;
		line_add(log, event, parsed);
	}
	return found == 1;
}

/* Does a row know the line? */
static bool take_row(struct log *log, const struct log_line *parsed, log_words words, struct event *event)
{
	struct log_match match;
	const struct log_filling fill = { event, &match, parsed, &log->zone, log->osd, log->list };
	struct event named;

	if (!log_rows_match(parsed->families, words, parsed->text, strlen(parsed->text), &match))
		return false;
	/* three numbers are latencies only below that listing's header */
	if (match.row->fact == FACT_osd_latency && (!log->listing || strcmp(log->listing, "ceph-osd-perf")))
		return false;
	if (!log_fill(&fill))
		return true;
	/* a guest writes what it likes into its own log: it has no disk of the host's */
	if (log->vm && event->fact == FACT_io_failure && event->failure.layer == LAYER_HOST)
		return true;
	line_add(log, event, parsed);
	if (log_fill_named_watch(event, &named))
		line_add(log, &named, parsed);
	return true;
}

/* Takes the header of a listing; its rows follow. True if the line is one. */
static bool take_header(struct log *log, const struct log_line *parsed)
{
	const char *kind = parsed->families & FAMILY_LISTING ? log_listing_header(parsed->text, strlen(parsed->text)) : NULL;
	unsigned int listed = 0;

	if (kind)
		log->listing = kind;
	if (kind && sscanf(parsed->text, "listed %9u entr", &listed) == 1)
		log->listed_said += listed;
	return kind;
}

/* libvirt: "starting up libvirt version: 8.0.0, …, hostname: compute1"; the command line follows. */
static void start_command(struct log *log, const struct line *line, const struct log_line *parsed, bool here)
{
	static const char hostname[] = "hostname: ";
	const char *at = strstr(parsed->text, hostname);
	struct log_span host = { 0 };

	if (at)
		host = (struct log_span){ at + sizeof(hostname) - 1, strcspn(at + sizeof(hostname) - 1, " ,") };
	log->command = log_command_new(parsed->stamp.ns, line->number, host);
	if (here)
		log_command_add(log->command, parsed->text, strlen(parsed->text));
}

static void end_command(struct log *log)
{
	struct log_command *command = log->command;

	log->command = NULL;
	if (command)
		log_command_end(command, log->ingest->vms, log->list, log->source, &log->vm);
}

static bool goes_on(const struct line *line)
{
	return line->length && line->text[line->length - 1] == '\\';
}

/* A line while a command line is read: true if it is part of it. */
static bool take_command(struct log *log, const struct line *line, const struct log_line *parsed, bool envelope)
{
	if (!envelope)
		log_command_add(log->command, parsed->text, strlen(parsed->text));
	if (envelope || !goes_on(line))
		end_command(log);
	return !envelope;
}

/* Does the text of a line say something that is known? */
static bool take_text(struct log *log, const struct line *line, const struct log_line *parsed)
{
	struct event event = { .line = line->number, .ts_ns = parsed->stamp.ns };
	log_words words = log_rows_words(parsed->text, strlen(parsed->text));

	if (words & (log->start | log->name) && parsed->families & FAMILY_QEMU) {
		bool here = !(words & log->start);

		start_command(log, line, parsed, here);
		if (here && !goes_on(line))
			end_command(log);
		return true;
	}
	event.source = source_of(log, parsed);
	/* Short forms name no channel; a line of another channel only quotes the command. */
	if (words & log->audit && parsed->families & FAMILY_CEPH && (!*parsed->channel || !strcmp(parsed->channel, "audit")) &&
	    take_audit(log, parsed, &event))
		return true;
	return take_row(log, parsed, words, &event);
}

/* A log goes on: a stamp in the hour that comes twice is of the first pass until the log goes back. A minute backwards is nothing
 * (lines of several threads, logs put together). */
static void put_in_pass(struct log *log, struct log_line *parsed)
{
	int64_t first = parsed->stamp.ns, second = parsed->stamp.again_ns;

	if (parsed->stamp.has_zone || !first)
		return;
	if (second) {
		if (log->last_naive_ns > first + 60000000000LL && log->last_naive_ns <= second + 60000000000LL)
			parsed->stamp.ns = second;
		log->hour_twice = true;
		if (log->source->begin_ns > parsed->stamp.ns)
			log->source->begin_ns = parsed->stamp.ns;
	}
	log->last_naive_ns = parsed->stamp.ns;
}

/* Its envelope is as it was, and a page or a word processor changed what it holds. */
static bool take_straightened(struct log *log, const struct line *line, const struct log_line *parsed)
{
	struct log_line straight = *parsed;
	size_t length = strlen(parsed->text);
	char *text = xstrdup(parsed->text);
	uint64_t malformed = log->malformed; /* it is counted already */
	bool taken;

	straight.text = text;
	taken = unwrap_straighten(text, &length) && take_text(log, line, &straight);
	log->malformed = malformed;
	free(text);
	return taken;
}

/* A command that is in no form that is read: a monitor's own handle_command, a row of a database. */
static void note_unread_command(struct log *log, const struct line *line, const struct log_line *parsed)
{
	if (!strstr(parsed->text, "blocklistop") && !strstr(parsed->text, "blacklistop"))
		return;
	if (!log->unread_commands++)
		log->first_unread = line->number;
}

/* tail and head put the file's name before what they show of several files. */
static bool take_heading(struct log *log, const struct line *line)
{
	size_t begin = strlen(HEADING), end = strlen(HEADING_END);

	if (line->length <= begin + end || memcmp(line->text, HEADING, begin) != 0 ||
	    memcmp(line->text + line->length - end, HEADING_END, end) != 0)
		return false;
	log->vm = vm_of_file(log, line->text + begin, line->length - begin - end);
	return true;
}

static void take_whole(struct log *log, const struct line *line)
{
	struct log_line parsed;
	bool envelope;

	if (take_heading(log, line) || log_pieces_stamp(&log->pieces, line, &log->zone))
		return;
	envelope = log_parse(log, line, &parsed);
	log_pieces_give_stamp(&log->pieces, line, &parsed.stamp);
	if (envelope)
		put_in_pass(log, &parsed);
	if (log->command && take_command(log, line, &parsed, envelope))
		return;
	if (!envelope)
		parsed.families &= log->bare;
	parsed.families &= log->families;
	if (take_text(log, line, &parsed) || take_straightened(log, line, &parsed)) {
		log->known++;
		return;
	}
	note_unread_command(log, line, &parsed);
	if (envelope || take_header(log, &parsed))
		log->known++;
	else
		log_note_odd(log, line);
}

void log_take(struct log *log, const struct line *line)
{
	struct line whole = *line;

	if (!log_pieces_take(&log->pieces, &whole))
		take_whole(log, &whole);
}

void log_take_end(struct log *log)
{
	struct line rest;

	if (log_pieces_end(&log->pieces, &rest))
		take_whole(log, &rest);
	end_command(log);
}
