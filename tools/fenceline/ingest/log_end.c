/* SPDX-License-Identifier: MIT */
/* What is said of an input that gave no event. */
#include "ingest/log.h"
#include "ingest/unwrap_marks.h"

#include <string.h>

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

static bool is_listing(const char *kind)
{
	static const char *const kinds[] = { "ceph-blocklist-ls", "ceph-osd-dump", "ceph-osd-perf", "rbd-status",
		                             "rbd-lock-ls",       "ceph-config",   "object-info",   NULL };

	for (const char *const *known = kinds; *known; known++)
		if (!strcmp(kind, *known))
			return true;
	return false;
}

void log_say_what_it_held(const struct log *log)
{
	const char *kind = log->source->kind;

	if (log->damaged_json)
		ingest_complain(log->path, "is damaged JSON; what stands before the damage is used");
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
