/* SPDX-License-Identifier: MIT */
/* What an ingest tells of files, one line an event, so that a test can say what it expects in words. */
#ifndef FENCELINE_TESTS_LOG_EVENTS_H
#define FENCELINE_TESTS_LOG_EVENTS_H

#include "ingest/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void log_events_number(FILE *out, const char *name, uint64_t value)
{
	if (value)
		fprintf(out, " %s=%" PRIu64, name, value);
}

static inline void log_events_text(FILE *out, const char *name, const char *value)
{
	if (*value)
		fprintf(out, " %s=%s", name, value);
}

static inline void log_events_watch(FILE *out, const struct watch_logged *watch)
{
	static const char *const words[] = { "named",     "registered", "pinged", "expired",   "removed",      "failed",
		                             "ping-sent", "ping-reply", "listed", "connected", "disconnected", "fenced" };

	fprintf(out, "watch-%s", words[watch->what]);
	log_events_number(out, "cookie", watch->cookie);
	log_events_number(out, "linger", watch->linger);
	log_events_number(out, "gid", watch->gid);
	log_events_text(out, "address", watch->address);
	log_events_text(out, "object", watch->object);
	log_events_text(out, "osd", watch->osd);
	log_events_number(out, "timeout", watch->timeout_s);
	log_events_number(out, "error", (uint64_t)-watch->result);
}

static inline void log_events_failure(FILE *out, const struct io_failure *failure)
{
	static const char *const layers[] = { "qemu", "guest", "client", "osd", "host" };
	static const char *const ops[] = FL_IO_OP_NAMES;

	fprintf(out, "%s-%s", layers[failure->layer], failure->io ? "io" : "refused");
	log_events_text(out, "vm", failure->vm_name);
	log_events_text(out, "uuid", failure->vm_uuid);
	log_events_text(out, "device", failure->device);
	log_events_text(out, "pool", failure->pool);
	log_events_text(out, "image", failure->image);
	log_events_text(out, "id", failure->image_id);
	log_events_text(out, "op", failure->op < FL_IO_OPS ? ops[failure->op] : "");
	log_events_number(out, "offset", failure->offset);
	log_events_number(out, "length", failure->length);
	log_events_text(out, "address", failure->address);
	log_events_number(out, "error", (uint64_t)-failure->result);
}

static inline void log_events_vm(FILE *out, const struct vm_logged *vm)
{
	static const char *const words[] = { "started", "drive", "ended" };

	fprintf(out, "vm-%s", words[vm->what]);
	log_events_text(out, "name", vm->name);
	log_events_text(out, "uuid", vm->uuid);
	log_events_text(out, "host", vm->host);
	log_events_text(out, "device", vm->device);
	log_events_text(out, "pool", vm->pool);
	log_events_text(out, "namespace", vm->namespace);
	log_events_text(out, "image", vm->image);
	log_events_text(out, "user", vm->user);
}

static inline void log_events_payload(FILE *out, const struct event *event)
{
	static const char *const phases[] = { "dispatch", "finished", "denied" };
	static const char *const locks[] = { "listed", "seen", "blocklisted", "refused" };

	switch (event->fact) {
	case FACT_audit_blocklist:
		fprintf(out, "audit-%s-%s target=%s entity=%s", event->audit.op, phases[event->audit.phase], event->audit.target,
		        event->audit.entity);
		break;
	case FACT_slow_request:
		fprintf(out, "slow");
		log_events_text(out, "osd", event->slow.osd);
		log_events_number(out, "count", event->slow.count);
		log_events_number(out, "ms", (uint64_t)(event->slow.blocked_ns / NS_PER_MS));
		log_events_number(out, "gid", event->slow.gid);
		log_events_number(out, "cookie", event->slow.cookie);
		log_events_text(out, "object", event->slow.object);
		break;
	case FACT_snaptrim:
	case FACT_removed_snaps:
		fprintf(out, "%s", event->fact == FACT_snaptrim ? "snaptrim" : "removed-snaps");
		log_events_text(out, "osd", event->snaps.osd);
		log_events_text(out, "pg", event->snaps.pg);
		log_events_text(out, "intervals", event->snaps.intervals);
		log_events_text(out, "removed", event->snaps.removed);
		break;
	case FACT_watch_logged:
		log_events_watch(out, &event->watch);
		break;
	case FACT_io_failure:
		log_events_failure(out, &event->failure);
		break;
	case FACT_blocklist_entry:
		fprintf(out, "entry%s target=%s until=%" PRId64, event->entry.range ? "-range" : "", event->entry.target,
		        event->entry.expires_ns);
		break;
	case FACT_lock_logged:
		fprintf(out, "lock-%s", locks[event->lock.what]);
		log_events_number(out, "gid", event->lock.gid);
		log_events_number(out, "by", event->lock.by_gid);
		log_events_number(out, "cookie", event->lock.cookie);
		log_events_text(out, "address", event->lock.address);
		log_events_text(out, "device", event->lock.device);
		log_events_number(out, "error", (uint64_t)-event->lock.result);
		break;
	case FACT_snapshot_logged:
		fprintf(out, "snapshot-%s snap=%s", event->snapshot.op, event->snapshot.snap);
		break;
	case FACT_osd_latency:
		fprintf(out, "latency osd=%s", event->latency.osd);
		log_events_number(out, "commit", event->latency.commit_ms);
		log_events_number(out, "apply", event->latency.apply_ms);
		break;
	case FACT_watch_timeout:
		fprintf(out, "timeout %u", event->timeout.seconds);
		break;
	case FACT_cluster_paused:
		fprintf(out, "pause-%s", (const char *[]){ "began", "ended", "none" }[event->paused.what]);
		break;
	case FACT_vm_logged:
		log_events_vm(out, &event->vm);
		break;
	default:
		fprintf(out, "fact %d", (int)event->fact);
	}
}

/* "SECONDS.mmm what key=value …", without the time if it has none. */
static inline int log_events_print(const struct event *event, void *out)
{
	if (event->ts_ns)
		fprintf(out, "%" PRId64 ".%03d ", event->ts_ns / NS_PER_S, (int)(event->ts_ns % NS_PER_S / NS_PER_MS));
	log_events_payload(out, event);
	fputc('\n', out);
	return 0;
}

/* NULL if they cannot be opened; the caller frees it. tz may be NULL. */
static inline char *log_events_of(char *const paths[], size_t count, const char *tz)
{
	const struct ingest_options options = { .tz = tz, .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	struct ingest *ingest = ingest_open(paths, count, &options);
	char *text = NULL;
	size_t size = 0;
	FILE *out = ingest ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	ingest_run(ingest, log_events_print, out);
	ingest_close(ingest);
	fclose(out);
	return text;
}

#endif
