/* SPDX-License-Identifier: MIT */
#include "render/json_event.h"
#include "render/entry_words.h"
#include "render/json.h"
#include "render/severity.h"

#include <stdlib.h>

static json_t *io_fields(const struct timeline_entry *entry)
{
	static const char *const ops[] = FL_IO_OP_NAMES;

	return json_pack("{s:o, s:I, s:I, s:I, s:I}", "op",
	                 entry->io.op < FL_IO_OPS ? json_string(ops[entry->io.op]) : json_null(), "offset",
	                 (json_int_t)entry->io.offset, "length", (json_int_t)entry->io.length, "result",
	                 (json_int_t)entry->io.result, "latency_ns", (json_int_t)entry->io.latency_ns);
}

static json_t *ping_fields(const struct timeline_entry *entry)
{
	bool answered = entry->ping.rtt_ns >= 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:I}", "sent_ns", json_time(entry->ping.sent_ns), "rtt_ns",
	                 answered ? json_integer(entry->ping.rtt_ns) : json_null(), "result",
	                 answered ? json_integer(entry->ping.result) : json_null(), "osd", json_name(entry->ping.osd), "seen",
	                 ping_seen_name(entry->ping.seen), "cookie", (json_int_t)entry->ping.cookie);
}

static json_t *snapshot_fields(const struct timeline_entry *entry)
{
	const struct snapshot_call *call = entry->snapshot.call;

	return json_pack("{s:o, s:o, s:I, s:o}", "op", json_name(call->op), "snap", json_name(call->snap), "action",
	                 (json_int_t)call->action, "result",
	                 entry->kind == TL_SNAPSHOT_END ? json_integer(call->result) : json_null());
}

static json_t *blocklist_fields(const struct blocklist_action *action)
{
	static const char *const entries[] = FL_BLOCKLIST_ENTRY_NAMES;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "target", json_name(action->target), "entry",
	                 json_name(action->entry ? entries[action->entry] : NULL), "entity", json_name(action->entity),
	                 "by_address", json_name(action->by_address), "expire_s",
	                 action->expire_s >= 0 ? json_integer(action->expire_s) : json_null());
}

static json_t *summary_fields(const struct timeline_entry *entry)
{
	json_t *latency = json_array();

	for (size_t i = 0; i < FL_LATENCY_BUCKETS; i++)
		json_array_append_new(latency, json_integer(entry->summary->latency[i]));
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "span_ns",
	                 (json_int_t)entry->summary->span_ns, "reads", (json_int_t)entry->summary->reads, "writes",
	                 (json_int_t)entry->summary->writes, "discards", (json_int_t)entry->summary->discards, "flushes",
	                 (json_int_t)entry->summary->flushes, "errors", (json_int_t)entry->summary->errors, "inflight",
	                 (json_int_t)entry->summary->inflight, "read_bytes", (json_int_t)entry->summary->read_bytes,
	                 "write_bytes", (json_int_t)entry->summary->write_bytes, "max_latency_ns",
	                 (json_int_t)entry->summary->max_latency_ns, "latency", latency);
}

static json_t *lock_fields(const struct timeline_entry *entry)
{
	return json_pack("{s:o, s:I, s:I}", "method", json_name(entry->lock.method), "result", (json_int_t)entry->lock.result,
	                 "latency_ns", (json_int_t)entry->lock.latency_ns);
}

static json_t *snaps_fields(const struct snaps_change *change)
{
	return json_pack("{s:o, s:o, s:I, s:I}", "osd", json_name(change->osd), "pool",
	                 change->pool == UINT64_MAX ? json_null() : json_integer((json_int_t)change->pool), "intervals",
	                 (json_int_t)change->intervals, "removed", (json_int_t)change->removed);
}

static json_t *slow_fields(const struct slow_run *run)
{
	return json_pack("{s:o, s:I, s:o, s:o, s:o}", "osd", json_name(run->osd), "count",
	                 (json_int_t)(run->most ? run->most : run->lines), "cookie",
	                 run->cookie ? json_integer((json_int_t)run->cookie) : json_null(), "blocked_ns",
	                 json_time(run->blocked_ns), "last_ns", json_time(run->last_ns));
}

static json_t *guest_fields(const struct timeline_entry *entry)
{
	static const char *const layers[LAYERS] = { "qemu", "guest", "librbd", "osd", "host" };
	static const char *const ops[] = FL_IO_OP_NAMES;

	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I}", "layer", layers[entry->guest.layer], "device",
	                 json_name(entry->guest.device), "op",
	                 entry->guest.op < FL_IO_OPS ? json_string(ops[entry->guest.op]) : json_null(), "offset",
	                 (json_int_t)entry->guest.offset, "length", (json_int_t)entry->guest.length, "result",
	                 (json_int_t)entry->guest.result);
}

static json_t *fields_of_kind(const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_IO:
	case TL_IO_SLOW:
	case TL_IO_ERROR:
	case TL_IO_ESHUTDOWN:
		return io_fields(entry);
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		return ping_fields(entry);
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
		return json_pack("{s:I, s:I}", "cookie", (json_int_t)entry->watch.cookie, "result",
		                 (json_int_t)entry->watch.result);
	case TL_PROCESS_STALLED:
	case TL_RECORDING_GAP:
		return json_pack("{s:I, s:I}", "begin_ns", (json_int_t)entry->stall.begin_ns, "gap_ns",
		                 (json_int_t)entry->stall.gap_ns);
	case TL_NOTIFY:
		return json_pack("{s:I, s:I, s:I}", "cookie", (json_int_t)entry->notify.cookie, "notifier_gid",
		                 (json_int_t)entry->notify.notifier_gid, "op", (json_int_t)entry->notify.op);
	case TL_SNAPSHOT_BEGIN:
	case TL_SNAPSHOT_END:
		return snapshot_fields(entry);
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		return blocklist_fields(entry->blocklist);
	case TL_IO_SUMMARY:
		return summary_fields(entry);
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_CHECKED:
	case TL_LOCK_BROKEN:
		return lock_fields(entry);
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
		return snaps_fields(entry->snaps);
	case TL_SLOW_REQUEST:
		return slow_fields(entry->slow);
	case TL_GUEST_ERROR:
		return guest_fields(entry);
	default:
		return json_object();
	}
}

json_t *json_event(const struct timeline_entry *entry)
{
	char *words = entry_words(entry);
	json_t *event = json_pack("{s:I, s:s, s:s, s:o, s:o}", "ts_ns", (json_int_t)entry->ts_ns, "kind",
	                          timeline_kind_name(entry->kind), "severity", severity_name(severity_of(entry)), "source",
	                          json_name(entry->source ? entry->source->path : NULL), "text",
	                          !words   ? NULL
	                          : *words ? json_name(words)
	                                   : json_string(""));
	json_t *fields = fields_of_kind(entry);

	free(words);
	if (!event || !fields || json_object_update_missing(event, fields)) {
		json_decref(event);
		event = NULL;
	}
	json_decref(fields);
	return event;
}
