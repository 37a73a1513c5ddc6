/* SPDX-License-Identifier: MIT */
#include "render/entry_words.h"
#include "correlate/senders.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static char *sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *sentence(const char *format, ...)
{
	va_list args;
	char *words;
	int length;

	va_start(args, format);
	length = vasprintf(&words, format, args);
	va_end(args);
	return length < 0 ? NULL : words;
}

/* "-108 Cannot send after transport endpoint shutdown"; thread-local buffer. */
static const char *error_words(int64_t result)
{
	static __thread char words[160];

	if (result < 0 && result > -4096)
		snprintf(words, sizeof(words), "%" PRId64 " %s", result, strerror((int)-result));
	else
		snprintf(words, sizeof(words), "%" PRId64, result);
	return words;
}

/* "0.5 ms", "12.3 s"; thread-local buffer. */
static const char *duration_words(int64_t ns)
{
	static __thread char words[32];

	if (ns < 100 * NS_PER_MS)
		snprintf(words, sizeof(words), "%.1f ms", (double)ns / (double)NS_PER_MS);
	else if (ns < NS_PER_S)
		snprintf(words, sizeof(words), "%.0f ms", (double)ns / (double)NS_PER_MS);
	else
		snprintf(words, sizeof(words), "%.1f s", (double)ns / (double)NS_PER_S);
	return words;
}

#define PROCESS_WORDS 192

/* "rbd (pid 4711, client.cinder)" */
static char *process_words(const struct process *process, const char *entity, char buf[PROCESS_WORDS])
{
	const char *name = process && *process->name ? process->name : "a process";

	if (!process)
		snprintf(buf, PROCESS_WORDS, "%s", *entity ? entity : "an unknown client");
	else
		snprintf(buf, PROCESS_WORDS, "%s (pid %u%s%s)", name, process->pid, *entity ? ", " : "", entity);
	return buf;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static const char *osd_words(const char *osd)
{
	return osd && *osd ? osd : "the OSD";
}

/* ---- images and their locks ---- */

static char *open_words(const struct timeline_entry *entry)
{
	const __typeof__(entry->open) *open = &entry->open;

	if (open->device)
		return sentence("QEMU was started with it as %s%s%s", *open->device ? open->device : "a drive",
		                *open->user ? ", client." : "", open->user);
	if (open->result < 0)
		return sentence("image not opened: %s", error_words(open->result));
	return sentence("image opened%s%s%s", *open->snap ? " at snapshot " : "", open->snap,
	                open->read_only ? ", read only" : "");
}

static char *close_words(const struct timeline_entry *entry)
{
	if (entry->close.vm_ended)
		return sentence("QEMU ended");
	if (entry->close.result < 0)
		return sentence("image closed: %s", error_words(entry->close.result));
	return sentence("image closed%s", entry->close.unknown ? ", with which result is not known" : "");
}

static const char *lock_deed(const struct timeline_entry *entry)
{
	bool done = entry->lock.result >= 0;

	if (!strcmp(entry->lock.method, "lock.lock"))
		return done ? "exclusive lock acquired" : "exclusive lock not acquired";
	if (!strcmp(entry->lock.method, "lock.unlock"))
		return done ? "exclusive lock released" : "exclusive lock not released";
	if (!strcmp(entry->lock.method, "lock.break_lock"))
		return done ? "exclusive lock of another client broken" : "exclusive lock of another client not broken";
	return "exclusive lock looked at";
}

static char *lock_words(const struct timeline_entry *entry)
{
	char who[PROCESS_WORDS];

	if (entry->lock.by_entity)
		return sentence("exclusive lock broken by %s", process_words(entry->lock.by, entry->lock.by_entity, who));
	return sentence("%s%s%s", lock_deed(entry), entry->lock.result < 0 ? ": " : "",
	                entry->lock.result < 0 ? error_words(entry->lock.result) : "");
}

/* ---- watches ---- */

/* What the OSD's and the client's own log say of it. */
static char *logged_watch_words(const struct timeline_entry *entry)
{
	const char *on = *entry->watch.oid ? " on " : "", *oid = entry->watch.oid;
	uint64_t cookie = entry->watch.cookie;

	switch (entry->kind) {
	case TL_WATCH_EXPIRED:
		return sentence("watch%s%s expired at %s: no ping of it came in time, cookie %" PRIu64, on, oid,
		                osd_words(entry->watch.osd), cookie);
	case TL_WATCH_REGISTERED:
		return sentence("watch%s%s registered at %s, cookie %" PRIu64, on, oid, osd_words(entry->watch.osd), cookie);
	case TL_WATCH_UNREGISTERED:
		return sentence("watch%s%s given up, cookie %" PRIu64, on, oid, cookie);
	default:
		return sentence("watch%s%s failed: %s, cookie %" PRIu64, on, oid, error_words(entry->watch.result), cookie);
	}
}

static const char *watch_error_meaning(int32_t result)
{
	switch (result) {
	case -107:
		return "the OSD no longer has it";
	case -108:
		return "this client is blocklisted";
	case -110:
		return "the OSD knows it, but not the connection";
	default:
		return "librados gave it up";
	}
}

static char *reconnect_words(const struct timeline_entry *entry)
{
	if (entry->kind == TL_WATCH_REGISTERED)
		return sentence("watch on %s goes on at %s: its reconnect was answered", entry->watch.oid, entry->watch.osd);
	return sentence("reconnect of the watch on %s refused by %s: %s", entry->watch.oid, entry->watch.osd,
	                error_words(entry->watch.result));
}

static char *watch_words(const struct timeline_entry *entry)
{
	const char *oid = entry->watch.oid;

	if (entry->watch.found)
		return sentence("%s", entry->watch.found);
	if (entry->watch.by == WATCH_BY_LOG)
		return logged_watch_words(entry);
	if (entry->watch.by == WATCH_BY_RECONNECT)
		return reconnect_words(entry);
	if (entry->kind == TL_WATCH_REGISTERED)
		return sentence("watch on %s registered, cookie %" PRIu64, oid, entry->watch.cookie);
	if (entry->kind == TL_WATCH_UNREGISTERED)
		return sentence("watch on %s given up, cookie %" PRIu64, oid, entry->watch.cookie);
	if (entry->watch.by == WATCH_BY_REGISTERING)
		return sentence("watch on %s not registered: %s", oid, error_words(entry->watch.result));
	return sentence("watch on %s failed: %s: %s", oid, error_words(entry->watch.result),
	                watch_error_meaning(entry->watch.result));
}

static char *ping_words(const struct timeline_entry *entry)
{
	const __typeof__(entry->ping) *ping = &entry->ping;
	const char *osd = osd_words(ping->osd);
	bool late = entry->kind == TL_PING_LATE, sampled = ping->seen == PING_SAMPLED;

	if (entry->kind == TL_PING_LOST && ping->result >= 0)
		return sentence("ping sent to %s never answered%s", osd, sampled ? " (sampled)" : "");
	if (entry->kind == TL_PING_LOST)
		return sentence("ping refused by %s after %s: %s", osd, duration_words(ping->rtt_ns), error_words(ping->result));
	if (ping->seen == PING_OSD_LOG)
		return sentence("ping processed by %s", osd);
	if (sampled)
		return sentence("ping answered%s (sampled)", late ? " late" : "");
	return sentence("ping answered by %s %s %s", osd, late ? "only after" : "in", duration_words(ping->rtt_ns));
}

/* librbd's NotifyOp, as an operator would say it. */
static const char *notify_deed(int32_t op)
{
	static const char *const words[] = { "has acquired the exclusive lock",
		                             "has released the exclusive lock",
		                             "asks for the exclusive lock",
		                             "has changed the header",
		                             "reports progress of a request",
		                             "reports a request as done",
		                             "asks for flatten",
		                             "asks for resize",
		                             "asks for snapshot create",
		                             "asks for snapshot remove",
		                             "asks for an object map rebuild",
		                             "asks for snapshot rename",
		                             "asks for snapshot protect",
		                             "asks for snapshot unprotect",
		                             "asks for rename",
		                             "asks for a change of features",
		                             "asks for migration",
		                             "asks for sparsify",
		                             "asks to quiesce",
		                             "asks to end the quiesce",
		                             "has changed the metadata" };

	return op >= 0 && op < (int32_t)(sizeof(words) / sizeof(*words)) ? words[op] : "notifies";
}

static char *notify_words(const struct timeline_entry *entry)
{
	return sentence("client.%" PRIu64 "%s %s", entry->notify.notifier_gid, entry->notify.own ? " (itself)" : "",
	                notify_deed(entry->notify.op));
}

/* ---- what others did ---- */

static char *snapshot_words(const struct timeline_entry *entry)
{
	const struct snapshot_call *call = entry->snapshot.call;
	bool failed = call->result < 0;
	char who[PROCESS_WORDS];

	if (entry->kind == TL_SNAPSHOT_BEGIN)
		return sentence("snapshot %s of %s begun by %s", call->op, call->snap,
		                process_words(call->process, entry->snapshot.by ? entry->snapshot.by->entity : "", who));
	return sentence("snapshot %s of %s %s %s%s%s", call->op, call->snap, failed ? "failed after" : "done after",
	                duration_words(call->end_ns - call->begin_ns), failed ? ": " : "",
	                failed ? error_words(call->result) : "");
}

#define ROUTE_WORDS 128

static const char *route_words(const struct blocklist_action *action, char buf[ROUTE_WORDS])
{
	switch (action->entry) {
	case FL_ENTRY_EXCLUSIVE_LOCK_BREAK:
		return " while breaking the exclusive lock";
	case FL_ENTRY_BREAK_LOCK_API:
		return " inside a break_lock call";
	case FL_ENTRY_BLOCKLIST_API:
		snprintf(buf, ROUTE_WORDS, " through %s", *action->call ? action->call : "librados' API");
		return buf;
	case FL_ENTRY_MONITOR_COMMAND:
		return " as a monitor command";
	default:
		return "";
	}
}

static char *command_words(const struct blocklist_action *action)
{
	bool failed = action->has_result && action->result < 0;
	char who[PROCESS_WORDS], route[ROUTE_WORDS];

	if (!action->process && !*action->entity && *action->by_address)
		snprintf(who, sizeof(who), "%s", action->by_address);
	else
		process_words(action->process, action->entity, who);
	return sentence("osd blocklist %s%s%s%s sent by %s%s%s%s", action->range ? "range " : "", action->op,
	                *action->target ? " " : "", action->target, who, route_words(action, route),
	                !failed                  ? ""
	                : command_failed(action) ? ", refused: "
	                                         : ", not answered in its sender's time: ",
	                failed ? error_words(action->result) : "");
}

/* "osd.3: 44 slow requests, the oldest blocked for 49.9 s, reported for 80.1 s" */
static char *slow_words(const struct slow_run *run)
{
	char what[96], blocked[64] = "", during[64] = "";

	if (run->cookie)
		snprintf(what, sizeof(what), "slow request: a watch ping or another operation on a watch");
	else if (run->most)
		snprintf(what, sizeof(what), "%" PRIu64 " slow request%s", run->most, plural(run->most));
	else if (run->gid || run->lines == 1)
		snprintf(what, sizeof(what), "slow request%s", plural(run->lines));
	else
		snprintf(what, sizeof(what), "%" PRIu64 " reports of slow requests", run->lines);
	if (run->blocked_ns)
		snprintf(blocked, sizeof(blocked), ", %sblocked for %s", run->most > 1 || run->lines > 1 ? "the oldest " : "",
		         duration_words(run->blocked_ns));
	if (run->last_ns - run->ts_ns >= NS_PER_S)
		snprintf(during, sizeof(during), ", reported for %s", duration_words(run->last_ns - run->ts_ns));
	return sentence("%s: %s%s%.128s%s%s", *run->osd ? run->osd : "the cluster", what, *run->object ? " on " : "", run->object,
	                blocked, during);
}

/* "osd.3 took over newly removed snapshots in pool 1: 2 ids new, 3 intervals in all" */
static char *snaps_words(const struct snaps_change *change)
{
	char pool[40] = "", counts[128] = "", in_all[64] = "";

	if (change->pool != UINT64_MAX)
		snprintf(pool, sizeof(pool), " in pool %" PRIu64, change->pool);
	if (change->intervals) /* from Mimic on no OSD keeps the set */
		snprintf(in_all, sizeof(in_all), ", %" PRIu64 " interval%s in all", change->intervals, plural(change->intervals));
	if (!change->trim)
		snprintf(counts, sizeof(counts), ": %" PRIu64 " id%s new%s", change->removed, plural(change->removed), in_all);
	else if (change->removed)
		snprintf(counts, sizeof(counts), ": %" PRIu64 " id%s queued", change->removed, plural(change->removed));
	return sentence("%s %s%s%s", *change->osd ? change->osd : "an OSD",
	                change->trim ? "trims removed snapshots" : "took over newly removed snapshots", pool, counts);
}

/* ---- I/O ---- */

/* "write at 70438912, 4096 bytes" */
static char *io_words(const struct timeline_entry *entry)
{
	static const char *const ops[FL_IO_OPS] = FL_IO_OP_NAMES;
	const __typeof__(entry->io) *io = &entry->io;
	char what[96];

	if (io->op == FL_IO_FLUSH)
		snprintf(what, sizeof(what), "flush");
	else
		snprintf(what, sizeof(what), "%s at %" PRIu64 ", %" PRIu64 " bytes", io->op < FL_IO_OPS ? ops[io->op] : "I/O",
		         io->offset, io->length);
	if (entry->kind == TL_IO_SLOW)
		return sentence("%s, took %s", what, duration_words((int64_t)io->latency_ns));
	if (entry->kind == TL_IO && io->result >= 0)
		return sentence("%s, in %s", what, duration_words((int64_t)io->latency_ns));
	return sentence("%s, failed: %s", what, error_words(io->result));
}

static char *summary_words(const struct io_second *second)
{
	return sentence("%u reads, %u writes, %u discards, %u flushes, %u failed, longest %s", second->reads, second->writes,
	                second->discards, second->flushes, second->errors, duration_words((int64_t)second->max_latency_ns));
}

static char *guest_words(const struct timeline_entry *entry)
{
	static const char *const layers[LAYERS] = { "QEMU", "the guest", "librbd", "the OSD", "the host's kernel" };

	return sentence("%s: %s", layers[entry->guest.layer], entry->guest.text);
}

/* ---- what is said of a process, a client, a host ---- */

static char *listed_words(const struct fence_listed *listed)
{
	time_t seconds = (time_t)(listed->expires_ns / NS_PER_S);
	char until[48] = "";
	struct tm tm;

	if (listed->expires_ns)
		strftime(until, sizeof(until), " until %Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &tm));
	return sentence("on the cluster's blocklist%s%s", until, listed->lifted ? ", and taken off it" : "");
}

static char *state_words(const struct timeline_entry *entry)
{
	switch (entry->state.said) {
	case STATE_COUNTS:
		return sentence("%" PRIu64 " I/Os done, %" PRIu64 " failed, %u in flight", entry->state.ios, entry->state.errors,
		                entry->state.inflight);
	case STATE_NOT_UNDERSTOOD:
		return sentence("not all is recorded here: libfenceline.so does not understand %s", entry->state.not_understood);
	case STATE_CLAIMED_TWICE:
		return sentence("uid %u and uid %u both say that they are this VM; this is uid %u's (--uid keeps one of them)",
		                entry->state.other, entry->state.owner, entry->state.owner);
	default:
		return listed_words(entry->state.listed);
	}
}

char *entry_words(const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_IMAGE_OPEN:
		return open_words(entry);
	case TL_IMAGE_CLOSE:
		return close_words(entry);
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
		return watch_words(entry);
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		return ping_words(entry);
	case TL_PROCESS_STALLED:
		return sentence("the process stood still for %s", duration_words(entry->stall.gap_ns));
	case TL_NOTIFY:
		return notify_words(entry);
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_CHECKED:
	case TL_LOCK_BROKEN:
		return lock_words(entry);
	case TL_SNAPSHOT_BEGIN:
	case TL_SNAPSHOT_END:
		return snapshot_words(entry);
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		return command_words(entry->blocklist);
	case TL_IO:
	case TL_IO_SLOW:
	case TL_IO_ERROR:
	case TL_IO_ESHUTDOWN:
		return io_words(entry);
	case TL_IO_SUMMARY:
		return summary_words(entry->summary);
	case TL_SLOW_REQUEST:
		return slow_words(entry->slow);
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
		return snaps_words(entry->snaps);
	case TL_GUEST_ERROR:
		return guest_words(entry);
	case TL_STATE:
		return state_words(entry);
	case TL_WINDOW_BEGIN:
		return sentence("snapshot window opened%s: %s", entry->window.full ? ", every I/O is recorded" : "",
		                entry->window.why);
	case TL_WINDOW_END:
		return sentence("snapshot window closed after %s", duration_words(entry->window.lasted_ns));
	case TL_RECORDING_GAP:
		return sentence("this host's recording has a gap of %s: %s", duration_words(entry->stall.gap_ns),
		                entry->stall.why);
	default:
		return sentence("%s", "");
	}
}
