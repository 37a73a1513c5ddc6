/* SPDX-License-Identifier: MIT */
/* What is missing, by name and with what would supply it: one sentence for each weak link. */
#include "correlate/words_missing.h"
#include "correlate/facts.h"
#include "correlate/watches.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int missing_add(struct incident *incident, const char *format, ...)
{
	char **list = realloc(incident->missing, (incident->missing_count + 1) * sizeof *list);
	va_list args;
	int length;

	if (!list)
		return -ENOMEM;
	incident->missing = list;
	va_start(args, format);
	length = vasprintf(&list[incident->missing_count], format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	incident->missing_count++;
	return 0;
}

/* ---- the fencer, the fence ---- */

static int missing_fencer(const struct facts *facts, struct incident *incident)
{
	const struct blocklist_action *action = facts->episode->first;
	int error = 0;

	if (!action && facts->episode->listed)
		return missing_add(incident,
		                   "the blocklist command: the address is on the cluster's blocklist, but no input tells who put "
		                   "it there; add the monitors' audit log (ceph.audit.log) of the time before");
	if (!action)
		return missing_add(incident, "the blocklist command: no input holds it; add the monitors' audit log "
		                             "(ceph.audit.log) of the time before the first -108");
	if (!action->trace_ns && facts->breaker)
		error = missing_add(incident,
		                    "the process that sent the blocklist command and its stack: only its log and the audit log "
		                    "tell of it");
	else if (!action->trace_ns && facts->entry_inferred)
		error = missing_add(incident, "the process that sent the blocklist command: only the audit log tells of it");
	else if (!action->trace_ns)
		error = missing_add(
		        incident, "the call that sent the blocklist command, its process and stack: only the audit log tells of "
		                  "it, and a person's command and librbd's own fence look alike there; run the program that "
		                  "takes snapshots under `fenceline run`");
	if (!error && facts->episode->unfinished)
		error = missing_add(
		        incident,
		        "the end of the add that %s sent %.1f s earlier: the log holds none, so it is taken as not carried "
		        "out; had it been, that one fenced",
		        *facts->episode->unfinished->entity ? facts->episode->unfinished->entity : "somebody else",
		        (double)(action->ts_ns - facts->episode->unfinished->ts_ns) / NS_PER_S);
	if (!error && !*action->entity)
		error = missing_add(incident, "the Ceph user that sent the blocklist command: add the monitors' audit log");
	return error;
}

static int missing_fence(const struct facts *facts, struct incident *incident)
{
	if (!facts->episode->first || incident->chain[LINK_FENCE].status >= STATUS_SEEN)
		return 0;
	if (incident->chain[LINK_FENCE].status == STATUS_CONTRADICTED)
		return 0; /* the contradiction says it */
	return missing_add(incident, "that the monitors finished the command: add their audit log of the seconds after it, or "
	                             "`ceph osd blocklist ls`");
}

/* ---- the client's silence, its watch ---- */

/* Only logs tell of the client. An OSD's log knows what reached it, not what was sent. */
static int missing_logged_pings(const struct facts *facts, struct incident *incident)
{
	if (facts->expired_from && facts->silence.kind == SILENCE_UNKNOWN)
		return missing_add(incident,
		                   "whether the client's watch pings were lost on the way, or it stood still and sent none: the "
		                   "OSD's log shows only what reached it; run its QEMU under `fenceline run` or with "
		                   "libfenceline.so preloaded, or set debug_ms=1 and log_file for it");
	if (facts->expired_from || facts->silence.kind == SILENCE_ALIVE)
		return 0;
	return missing_add(incident, "the expiry of the client's watch: no log tells of it (an OSD's does with debug_osd=10)");
}

/* The client's shim told itself that it does not record all. */
static int missing_not_understood(const struct facts *facts, struct incident *incident)
{
	const char *what = facts->client && facts->client->process ? facts->client->process->not_understood : NULL;

	if (!what || incident->confidence == CONF_PROVEN)
		return 0;
	return missing_add(incident,
	                   "what the fenced client's libfenceline.so does not understand (%s) and so did not record, such as "
	                   "watches, their pings and what librbd does by itself; a newer fenceline may",
	                   what);
}

static int missing_recording(const struct facts *facts, struct incident *incident)
{
	if (!facts->client || !facts->client->process || !facts->client->process->pid)
		return missing_add(incident, "the client's watch pings and its watch's expiry: no input is a trace of the fenced "
		                             "client; run its QEMU under `fenceline run` or with libfenceline.so preloaded");
	if (facts->client->first_ns > facts->until_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording began only after it");
	if (!facts->watch)
		return missing_add(incident, "the client's watch on the image's header: no input shows it");
	if (!facts->pings_known && !facts->last_ack_sent_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording shows none");
	return 0;
}

static int missing_pings(const struct facts *facts, struct incident *incident)
{
	if (facts->silence.kind == SILENCE_GONE)
		return 0;
	if (facts->watch && facts->client && !facts->client->process)
		return missing_logged_pings(facts, incident);
	return missing_recording(facts, incident);
}

/* Why a silence that is known is not proof. */
static int missing_proof_of_silence(const struct facts *facts, struct incident *incident)
{
	if (!facts->sign_ns && facts->silence.kind != SILENCE_GONE)
		return missing_add(incident,
		                   "the fence's first sign at the client (-108, -107): its recording shows none, and the "
		                   "clocks of two hosts prove no order");
	if (facts->discarded)
		return missing_add(incident,
		                   "what the tracer discarded while answers would have come: record with larger buffers");
	if (facts->hole)
		return missing_add(incident, "what the client did in %.1f s of its silence: it left no event, not even its state",
		                   (double)(facts->hole->end_ns - facts->hole->begin_ns) / NS_PER_S);
	if (facts->silence.kind == SILENCE_LOST)
		return missing_add(incident,
		                   "a witness that no ping was acknowledged: no input shows the age that librados knows "
		                   "(the shim's samples and states do)");
	return 0;
}

static int missing_watch(const struct facts *facts, struct incident *incident)
{
	bool broken = incident->cause == CAUSE_LOST_PINGS || incident->cause == CAUSE_CLIENT_STALLED ||
	              incident->cause == CAUSE_WATCH_LOST;

	if (!broken || incident->chain[LINK_WATCH].status != STATUS_MISSING)
		return 0;
	if (facts->listing && !facts->listing_complete)
		return missing_add(incident, "the rest of the fencer's list of watchers: record it with larger buffers");
	return missing_add(incident, "the watch's expiry: neither a list of watchers nor this cluster's osd_client_watch_timeout "
	                             "shows it; add `ceph config show osd.0` or give --watch-timeout");
}

static int missing_cause(const struct facts *facts, struct incident *incident)
{
	if (incident->cause != CAUSE_UNKNOWN || !facts->episode->first)
		return 0;
	if (facts->earlier)
		return missing_add(incident, "a sign of life between this fence and the one before it: the client was fenced "
		                             "already, and its watch had not come back");
	if (facts->pause && facts->silence.kind == SILENCE_UNKNOWN)
		return missing_add(incident,
		                   "whether the client sent pings that were lost: the cluster was paused, as %s has it, and "
		                   "then none is sent; record the wire (ms_client_mode=crc)",
		                   facts->pause->source->path);
	if (facts->silent_ns && facts->silence.kind == SILENCE_UNKNOWN && facts->client->process)
		return missing_add(incident,
		                   "anything from the client in the last %.1f s before the fence: it stood still, had died, or "
		                   "its recording had ended",
		                   (double)facts->silent_ns / NS_PER_S);
	if (facts->silence.kind == SILENCE_ALIVE && facts->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return missing_add(incident,
		                   "why the watch was gone while its pings were answered: the client's trace has no watch "
		                   "error before the fence");
	if (facts->last_ack_sent_ns && facts->client->process && facts->silence.kind == SILENCE_UNKNOWN &&
	    facts->client->first_ns <= facts->until_ns)
		return missing_add(incident,
		                   "why the client was silent for %.1f s before the fence: neither unanswered pings, nor a "
		                   "standstill of its process, nor a watch error is in the trace",
		                   (double)(facts->until_ns - facts->last_ack_sent_ns) / NS_PER_S);
	return 0;
}

static int missing_image(const struct facts *facts, struct incident *incident)
{
	size_t named = images_named(facts);

	if (named < 2 || facts->image_from_breaker || facts->silence.kind == SILENCE_GONE ||
	    incident->cause == CAUSE_FENCED_WHILE_ALIVE)
		return 0;
	return missing_add(incident,
	                   "whose image's lock it was about: the client has %zu open, and no input tells which one the fencer "
	                   "wanted",
	                   named);
}

/* ---- the harm ---- */

static int missing_time(const struct failure_run *undated, struct incident *incident)
{
	return missing_add(incident, "when the -108 in %s came: %s", undated->source->path,
	                   undated->layer == LAYER_QEMU
	                           ? "the log gives no time (QEMU does with -msg timestamp=on, libvirt with it in "
	                             "qemu.conf's log_timestamp)"
	                           : "its line has no time; give the whole log");
}

/* -108 in a log that does not say whose it is, or not when. */
static int missing_who_or_when(const struct facts *facts, struct incident *incident)
{
	const struct failure_run *unclear = facts->told_unclear, *undated = facts->told_undated;

	if (facts->told && facts->told_by_time)
		return missing_add(incident,
		                   "that the -108 in %s was this client's: the log names no client; this was the only one "
		                   "fenced at that time",
		                   facts->told->source->path);
	if (unclear)
		return missing_add(incident,
		                   "whose the -108 in %s was: the log names no client, and %zu were fenced at that time",
		                   unclear->source->path, facts->told_candidates);
	if (undated)
		return missing_time(undated, incident);
	return missing_add(incident, "I/O that failed with -108 at the client: add its trace, or QEMU's log");
}

static int missing_harm(const struct facts *facts, struct incident *incident)
{
	if (facts->vm && facts->vm != facts->told &&
	    missing_add(incident, "that this client is of VM %s: known by time only, its QEMU failed in the same moment",
	                facts->vm->process->vm_name))
		return -ENOMEM;
	if (facts->episode->undated)
		return missing_time(facts->told, incident);
	if (incident->chain[LINK_HARM].status == STATUS_NONE || (facts->told && !facts->told_by_time))
		return 0;
	if (facts->failed || (facts->waiting && facts->refused_after_ns))
		return 0;
	if (facts->told || facts->told_unclear || facts->told_undated || !facts->client || !facts->client->process)
		return missing_who_or_when(facts, incident);
	return missing_add(incident, "I/O that failed with -108 after the fence: the client's trace has none%s",
	                   facts->refused_after_ns ? " (it had none in flight, but was told -108 otherwise)" : "");
}

static int missing_discarded(const struct facts *facts, struct incident *incident)
{
	if (!facts->model->lost_events || incident->confidence == CONF_PROVEN || facts->discarded)
		return 0;
	return missing_add(incident, "%llu events that the tracer discarded: record with larger buffers",
	                   (unsigned long long)facts->model->lost_events);
}

int words_missing(const struct facts *facts, struct incident *incident)
{
	bool known = facts->silence.kind != SILENCE_UNKNOWN && incident->cause != CAUSE_FENCED_BY_COMMAND;
	int error = missing_fencer(facts, incident);

	if (!error)
		error = missing_fence(facts, incident);
	if (!error)
		error = missing_pings(facts, incident);
	if (!error && known && facts->silence.status == STATUS_INFERRED)
		error = missing_proof_of_silence(facts, incident);
	if (!error)
		error = missing_watch(facts, incident);
	if (!error)
		error = missing_cause(facts, incident);
	if (!error)
		error = missing_image(facts, incident);
	if (!error)
		error = missing_harm(facts, incident);
	if (!error)
		error = missing_not_understood(facts, incident);
	return error ? error : missing_discarded(facts, incident);
}
