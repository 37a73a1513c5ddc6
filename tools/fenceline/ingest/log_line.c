/* SPDX-License-Identifier: MIT */
/* One line of a log: from its bytes to its events. */
#include "ingest/log.h"
#include "ingest/log_audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STARTING "starting up libvirt"
#define NAMED    "-name guest="

int log_init(struct log *log, struct ingest *ingest)
{
	struct log_scan *scan;

	log->ingest = ingest;
	log->vms = ingest_vms(ingest);
	log->source = ingest_source(ingest, log->path, "unknown", "");
	log->list = event_list_new(log->source);
	log->rows = log_rows_new();
	if (!log->vms || !log->source || !log->list || !log->rows)
		return -ENOMEM;
	log->families = FAMILY_ANY;
	scan = log_rows_scan(log->rows);
	log->audit = log_scan_add(scan, "blocklist") | log_scan_add(scan, "blacklist") | log_scan_add(scan, AUDIT_WATCH_TIMEOUT);
	log->start = log_scan_add(scan, STARTING);
	log->name = log_scan_add(scan, NAMED);
	return 0;
}

void log_release(struct log *log)
{
	if (log->command)
		log_command_free(log->command);
	if (!log->list_handed_over)
		event_list_free(log->list);
	log_rows_free(log->rows);
	free(log->text);
}

static bool copy_text(struct log *log, const struct line *line)
{
	if (line->length >= log->text_size) {
		size_t size = line->length + 4096;
		char *text = realloc(log->text, size);

		if (!text)
			return false;
		log->text = text;
		log->text_size = size;
	}
	memcpy(log->text, line->text, line->length);
	log->text[line->length] = '\0';
	return true;
}

bool log_parse(struct log *log, const struct line *line, struct log_line *parsed)
{
	return copy_text(log, line) && log_line_parse(log->text, &log->zone, parsed);
}

/* Without an envelope the line itself is the text. */
static void parse_bare(struct log *log, struct log_line *parsed)
{
	const char *text = log->text + strspn(log->text, " \t");

	*parsed = (struct log_line){ .has_zone = true, .kind = "", .families = log->bare, .text = text };
}

bool log_knows_bare(struct log *log, const struct line *line, const char **kind)
{
	static const struct {
		enum log_family family;
		const char *kind;
	} kinds[] = { { FAMILY_QEMU, "qemu" }, { FAMILY_KERNEL, "kernel" } };
	uint64_t words = log_scan_words(log_rows_scan(log->rows), line->text, line->length);
	struct log_match match;

	if (!words)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (log_rows_match(log->rows, kinds[i].family, words, line->text, line->length, &match)) {
			*kind = kinds[i].kind;
			return true;
		}
	*kind = "qemu";
	return words & log->name;
}

void log_note_zone(struct log *log, const struct log_line *parsed)
{
	if (parsed->has_zone || !parsed->ts_ns)
		return;
	log->source->tz = log->zone.tz;
	log->source->tz_from = "option";
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
	memcpy(host, parsed->host.at, parsed->host.length);
	host[parsed->host.length] = '\0';
	source = ingest_source(log->ingest, log->path, log->source->kind, host);
	log->of_host = source;
	if (source && !parsed->has_zone) {
		source->tz = log->zone.tz;
		source->tz_from = ingest_options_of(log->ingest)->tz ? "option" : "assumed";
	}
	return source;
}

static int add(struct log *log, struct event *event, const struct log_line *parsed)
{
	struct log_vm *vm = log->vm;
	int error = event_list_add(log->list, event, NULL);

	log->without_zone |= !parsed->has_zone && event->ts_ns;
	log->year_assumed |= parsed->year_assumed && event->ts_ns;
	log_note_zone(log, parsed);
	if (!error && parsed->vm.length) {
		vm = log_vm_named(log->vms, parsed->vm);
		error = vm ? 0 : -ENOMEM;
	}
	if (!error && (event->fact == FACT_io_failure || event->fact == FACT_vm_logged))
		error = log_vm_event(log->vms, vm, event_list_last(log->list));
	return error;
}

/* 1: it was one, and is added; 0: it was none; -ENOMEM. */
static int take_audit(struct log *log, const struct log_line *parsed, struct event *event)
{
	char *text = strdup(parsed->text);
	json_t *command = NULL;
	int found = text ? audit_parse(text, event, &command) : -ENOMEM;

	if (found == -EINVAL)
		log->malformed++;
	if (found == 1) {
		audit_keep(event, log->list);
		found = add(log, event, parsed) ?: 1;
	}
	json_decref(command);
	free(text);
	return found == -EINVAL ? 0 : found;
}

/* A slow operation on a watch names client, watch and object: of an OSD at its default level nothing else does. */
static int add_named_watch(struct log *log, const struct event *slow, const struct log_line *parsed)
{
	struct event event = { .ts_ns = slow->ts_ns, .fact = FACT_watch_logged, .source = slow->source, .line = slow->line };

	event.watch = (struct watch_logged){ .what = WATCH_NAMED,
		                             .cookie = slow->slow.cookie,
		                             .gid = slow->slow.gid,
		                             .address = "",
		                             .object = slow->slow.object,
		                             .osd = slow->slow.osd };
	return add(log, &event, parsed);
}

static int take_row(struct log *log, const struct log_line *parsed, uint64_t words, struct event *event)
{
	const struct log_origin origin = { .zone = &log->zone, .osd = log->osd };
	struct log_match match;

	if (!log_rows_match(log->rows, parsed->families, words, parsed->text, strlen(parsed->text), &match))
		return 0;
	if (!log_fill(event, &match, parsed, &origin, log->list))
		return 0;
	if (event->fact == FACT_slow_request && event->slow.cookie && *event->slow.object)
		return add(log, event, parsed) ?: add_named_watch(log, event, parsed);
	return add(log, event, parsed);
}

/* libvirt: "starting up libvirt version: 8.0.0, …, hostname: compute1"; the command line follows. */
static int start_command(struct log *log, const struct line *line, const struct log_line *parsed, bool here)
{
	static const char hostname[] = "hostname: ";
	const char *at = strstr(parsed->text, hostname);
	struct log_span host = { 0 };

	if (at)
		host = (struct log_span){ at + sizeof(hostname) - 1, strcspn(at + sizeof(hostname) - 1, " ,") };
	log->command = log_command_new(parsed->ts_ns, line->number, host);
	if (!log->command)
		return -ENOMEM;
	return here ? log_command_add(log->command, parsed->text, strlen(parsed->text)) : 0;
}

int log_take_end(struct log *log)
{
	struct log_command *command = log->command;

	log->command = NULL;
	return command ? log_command_end(command, log->vms, log->list, log->source, &log->vm) : 0;
}

static bool goes_on(const struct line *line)
{
	return line->length && line->text[line->length - 1] == '\\';
}

/* A line while a command line is read: true if it is part of it. */
static bool take_command(struct log *log, const struct line *line, bool envelope, int *error)
{
	if (envelope) {
		*error = log_take_end(log);
		return false;
	}
	*error = log_command_add(log->command, line->text, line->length);
	if (!*error && !goes_on(line))
		*error = log_take_end(log);
	return true;
}

int log_take(struct log *log, const struct line *line)
{
	struct event event = { .line = line->number };
	struct log_line parsed;
	uint64_t words;
	bool envelope = log_parse(log, line, &parsed);
	int error = 0, found;

	if (!envelope && !log->text)
		return -ENOMEM;
	if (log->command && take_command(log, line, envelope, &error))
		return error;
	if (error)
		return error;
	if (!envelope)
		parse_bare(log, &parsed);
	parsed.families &= log->families;
	words = log_scan_words(log_rows_scan(log->rows), parsed.text, strlen(parsed.text));
	if (words & log->start && parsed.families & FAMILY_QEMU)
		return start_command(log, line, &parsed, false);
	if (words & log->name && parsed.families & FAMILY_QEMU) {
		error = start_command(log, line, &parsed, true);
		return error || goes_on(line) ? error : log_take_end(log);
	}
	event.ts_ns = parsed.ts_ns;
	event.source = source_of(log, &parsed);
	if (!event.source)
		return -ENOMEM;
	/* Short forms name no channel; a line of another channel only quotes the command. */
	if (words & log->audit && parsed.families & FAMILY_CEPH && (!*parsed.channel || !strcmp(parsed.channel, "audit"))) {
		found = take_audit(log, &parsed, &event);
		if (found)
			return found < 0 ? found : 0;
	}
	return take_row(log, &parsed, words, &event);
}
