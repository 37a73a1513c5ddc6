/* SPDX-License-Identifier: MIT */
#include "ingest/log_end.h"

#include <string.h>

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
