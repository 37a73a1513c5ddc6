/* SPDX-License-Identifier: MIT */
/* What is missing, by name and with what would supply it: one sentence for each weak link. */
#include "correlate/words_missing.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/standstill.h"
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

static int missing_fencer(const struct findings *findings, struct incident *incident)
{
	const struct blocklist_action *action = findings->episode->first;
	int error = 0;

	if (!action && findings->episode->listed)
		return missing_add(incident,
		                   "the blocklist command: the address is on the cluster's blocklist, but no input tells who put "
		                   "it there; add the monitors' audit log (ceph.audit.log) of the time before");
	if (!action)
		return missing_add(incident, "the blocklist command: no input holds it; add the monitors' audit log "
		                             "(ceph.audit.log) of the time before the first -108");
	if (!action->trace_ns && findings->breaker)
		error = missing_add(incident,
		                    "the process that sent the blocklist command and its stack: only its log and the audit log "
		                    "tell of it");
	else if (!action->trace_ns && findings->entry_inferred)
		error = missing_add(incident, "the process that sent the blocklist command: only the audit log tells of it");
	else if (!action->trace_ns)
		error = missing_add(
		        incident, "the call that sent the blocklist command, its process and stack: only the audit log tells of "
		                  "it, and a person's command and librbd's own fence look alike there; run the program that "
		                  "takes snapshots under `fenceline run`");
	if (!error && findings->episode->unfinished)
		error = missing_add(
		        incident,
		        "whether the add that %s sent %.1f s earlier was carried out: the log holds no end of it. If it was, "
		        "it fenced the client first",
		        *findings->episode->unfinished->entity ? findings->episode->unfinished->entity : "somebody else",
		        (double)(action->ts_ns - findings->episode->unfinished->ts_ns) / NS_PER_S);
	if (!error && findings->episode->first_is_open)
		error = missing_add(incident,
		                    "the end of this add: no input holds it, and that of a later one is known, which may "
		                    "be the one that fenced; add the monitors' audit log");
	if (!error && result_may_be_discarded(findings))
		error = missing_add(
		        incident, "what the monitors answered to this add: the tracer discarded events of the sender's host just "
		                  "then; add the monitors' audit log");
	if (!error && !*action->entity)
		error = missing_add(incident, "the Ceph user that sent the blocklist command: add the monitors' audit log");
	return error;
}

static int missing_cluster(const struct findings *findings, struct incident *incident)
{
	if (!cluster_is_open(findings))
		return 0;
	return missing_add(incident,
	                   "in which cluster that was: the inputs may be of several, and an address alone does not tell; give "
	                   "each cluster's by themselves");
}

static int missing_other_fencer(const struct findings *findings, struct incident *incident)
{
	if (!other_may_have_fenced(findings))
		return 0;
	return missing_add(incident,
	                   "that nobody fenced it before: another client had the image open when the fencer looked, and may "
	                   "have wanted its lock, too; add the monitors' audit log");
}

static int missing_fence(const struct findings *findings, struct incident *incident)
{
	if (!findings->episode->first || incident->chain[LINK_FENCE].status >= STATUS_SEEN)
		return 0;
	if (incident->chain[LINK_FENCE].status == STATUS_CONTRADICTED)
		return 0; /* the contradiction says it */
	return missing_add(incident, "that the monitors finished the command: add their audit log of the seconds after it, or "
	                             "`ceph osd blocklist ls`");
}

/* ---- the client's silence, its watch ---- */

/* Only logs tell of the client. An OSD's log knows what reached it, not what was sent. */
static int missing_logged_pings(const struct findings *findings, struct incident *incident)
{
	if (findings->expired_from && findings->silence.kind == SILENCE_UNKNOWN)
		return missing_add(incident,
		                   "whether the client's watch pings were lost on the way, or it stood still and sent none: the "
		                   "OSD's log shows only what reached it; run its QEMU under `fenceline run` or with "
		                   "libfenceline.so preloaded, or set debug_ms=1 and log_file for it");
	if (findings->expired_from || findings->silence.kind == SILENCE_ALIVE)
		return 0;
	return missing_add(incident, "the expiry of the client's watch: no log tells of it (an OSD's does with debug_osd=10)");
}

/* The client's shim told itself that it does not record all. */
static int missing_not_understood(const struct findings *findings, struct incident *incident)
{
	const char *what = findings->client && findings->client->process ? findings->client->process->not_understood : NULL;

	if (!what || incident->confidence == CONF_PROVEN)
		return 0;
	return missing_add(incident,
	                   "what the fenced client's libfenceline.so does not understand (%s) and so did not record, such as "
	                   "watches, their pings and what librbd does by itself; a newer fenceline may",
	                   what);
}

static int missing_recording(const struct findings *findings, struct incident *incident)
{
	if (!findings->client || !findings->client->process || !findings->client->process->pid)
		return missing_add(incident, "the client's watch pings and its watch's expiry: no input is a trace of the fenced "
		                             "client; run its QEMU under `fenceline run` or with libfenceline.so preloaded");
	if (findings->client->first_ns > findings->until_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording began only after it");
	if (!findings->watch)
		return missing_add(incident, "the client's watch on the image's header: no input shows it");
	if (!findings->pings_known && !findings->last_ack_sent_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording shows none");
	return 0;
}

static int missing_pings(const struct findings *findings, struct incident *incident)
{
	if (findings->silence.kind == SILENCE_GONE)
		return 0;
	if (findings->watch && findings->client && !findings->client->process)
		return missing_logged_pings(findings, incident);
	return missing_recording(findings, incident);
}

/* Why a silence that is known is not proof. */
static int missing_proof_of_silence(const struct findings *findings, struct incident *incident)
{
	if (!findings->sign_ns && findings->silence.kind != SILENCE_GONE)
		return missing_add(incident,
		                   "the fence's first sign at the client (-108, -107): its recording shows none, and the "
		                   "clocks of two hosts prove no order");
	if (findings->discarded)
		return missing_add(incident,
		                   "what the tracer discarded while answers would have come: record with larger buffers");
	if (findings->silence.kind == SILENCE_STALLED && !wire_shows(findings))
		return missing_add(incident,
		                   "whether it sent pings meanwhile: its recording has none from the wire (ms_client_mode=crc "
		                   "shows them)");
	if (findings->hole && findings->silence.kind != SILENCE_STALLED)
		return missing_add(incident, "what the client did in %.1f s of its silence: it left no event, not even its state",
		                   (double)(findings->hole->end_ns - findings->hole->begin_ns) / NS_PER_S);
	if (findings->silence.kind == SILENCE_LOST)
		return missing_add(incident,
		                   "a witness that no ping was acknowledged: no input shows the age that librados knows "
		                   "(the shim's samples and states do)");
	return 0;
}

static int missing_clock(const struct findings *findings, struct incident *incident)
{
	const struct process *process = findings->client ? findings->client->process : NULL;

	if (!findings->clock_set)
		return 0;
	return missing_add(
	        incident,
	        "times of one clock: that of %s was set while it was recorded, and its recording has been %.1f s %s it "
	        "since; begin recordings once the time is synchronised (after a step: stop and start again)",
	        *process->host ? process->host : "the client's host", (double)llabs(process->clock_set.ahead_ns) / NS_PER_S,
	        process->clock_set.ahead_ns > 0 ? "ahead of" : "behind");
}

static int missing_watch(const struct findings *findings, struct incident *incident)
{
	bool broken = incident->cause == CAUSE_LOST_PINGS || incident->cause == CAUSE_CLIENT_STALLED ||
	              incident->cause == CAUSE_WATCH_LOST;

	if (!broken || incident->chain[LINK_WATCH].status != STATUS_MISSING)
		return 0;
	if (findings->listing && !findings->listing_complete)
		return missing_add(incident, "the rest of the fencer's list of watchers: record it with larger buffers");
	return missing_add(incident, "the watch's expiry: neither a list of watchers nor this cluster's osd_client_watch_timeout "
	                             "shows it; add `ceph config show osd.0` or give --watch-timeout");
}

static int missing_cause(const struct findings *findings, struct incident *incident)
{
	if (incident->cause != CAUSE_UNKNOWN || !findings->episode->first)
		return 0;
	if (findings->earlier)
		return missing_add(incident, "a sign of life between this fence and the one before it: the client was fenced "
		                             "already, and its watch had not come back");
	if (findings->pause && findings->silence.kind == SILENCE_UNKNOWN)
		return missing_add(incident,
		                   "whether the client sent pings that were lost: the cluster was paused, as %s has it, and "
		                   "then none is sent; record the wire (ms_client_mode=crc)",
		                   findings->pause->source->path);
	if (findings->silent_ns && findings->silence.kind == SILENCE_UNKNOWN && findings->client->process)
		return missing_add(incident,
		                   "anything from the client in the last %.1f s before the fence: it stood still, had died, or "
		                   "its recording had ended",
		                   (double)findings->silent_ns / NS_PER_S);
	if (findings->silence.contradicted)
		return 0; /* the contradiction says it */
	if (findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK && findings->owner_listed)
		return missing_add(incident,
		                   "the lock's own cookie: that it was another than the watch's follows only from the fence "
		                   "(`rbd lock ls` shows it as long as the lock stands)");
	if (findings->silence.kind == SILENCE_ALIVE && findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK)
		return missing_add(incident,
		                   "why the watch was gone while its pings were answered: the client's trace has no watch "
		                   "error before the fence");
	if (findings->last_ack_sent_ns && findings->client->process && findings->silence.kind == SILENCE_UNKNOWN &&
	    findings->client->first_ns <= findings->until_ns)
		return missing_add(incident,
		                   "why the client was silent for %.1f s before the fence: neither unanswered pings, nor a "
		                   "standstill of its process, nor a watch error is in the trace",
		                   (double)(findings->until_ns - findings->last_ack_sent_ns) / NS_PER_S);
	return 0;
}

static int missing_image(const struct findings *findings, struct incident *incident)
{
	size_t named = images_named(findings);

	if (named < 2 || findings->image_from_breaker || findings->silence.kind == SILENCE_GONE ||
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
static int missing_who_or_when(const struct findings *findings, struct incident *incident)
{
	const struct failure_run *unclear = findings->unclear_failure, *undated = findings->undated_failure;

	if (findings->logged_failure && findings->logged_by_time)
		return missing_add(incident,
		                   "that the -108 in %s was this client's: the log names no client; this was the only one "
		                   "fenced at that time",
		                   findings->logged_failure->source->path);
	if (unclear && findings->unclear_candidates < 2)
		return missing_add(incident,
		                   "whose the -108 in %s was: the logs of several VMs have one at that time, and name no client",
		                   unclear->source->path);
	if (unclear)
		return missing_add(incident,
		                   "whose the -108 in %s was: the log names no client, and %zu were fenced at that time",
		                   unclear->source->path, findings->unclear_candidates);
	if (undated)
		return missing_time(undated, incident);
	return missing_add(incident, "I/O that failed with -108 at the client: add its trace, or QEMU's log");
}

static int missing_harm(const struct findings *findings, struct incident *incident)
{
	if (findings->vm && findings->vm != findings->logged_failure &&
	    missing_add(incident, "that this client is of VM %s: known by time only, its QEMU failed in the same moment",
	                findings->vm->process->vm_name))
		return -ENOMEM;
	if (findings->episode->undated)
		return missing_time(findings->logged_failure, incident);
	if (incident->chain[LINK_HARM].status == STATUS_NONE || (findings->logged_failure && !findings->logged_by_time))
		return 0;
	if (findings->failed || (findings->waiting && findings->refused_after_ns))
		return 0;
	if (findings->logged_failure || findings->unclear_failure || findings->undated_failure || !findings->client ||
	    !findings->client->process)
		return missing_who_or_when(findings, incident);
	if (findings->waiting_cut && !findings->refused_after_ns)
		return missing_add(
		        incident,
		        "what came of its I/O: what is recorded of the client ends before the command, and whoever fenced it "
		        "in between is not shown");
	return missing_add(incident, "I/O that failed with -108 after the fence: the client's trace has none%s",
	                   findings->unrecorded_ios     ? ", though the shim counted some: it was recorded too late, or in part"
	                   : findings->refused_after_ns ? " (it had none in flight, but was told -108 otherwise)"
	                                                : "");
}

static int missing_discarded(const struct findings *findings, struct incident *incident)
{
	if (!findings->model->lost_events || incident->confidence == CONF_PROVEN || findings->discarded)
		return 0;
	return missing_add(incident, "%llu events that the tracer discarded: record with larger buffers",
	                   (unsigned long long)findings->model->lost_events);
}

int words_missing(const struct findings *findings, struct incident *incident)
{
	bool known = findings->silence.kind != SILENCE_UNKNOWN && incident->cause != CAUSE_FENCED_BY_COMMAND;
	int error = missing_fencer(findings, incident);

	if (!error)
		error = missing_other_fencer(findings, incident);
	if (!error)
		error = missing_cluster(findings, incident);
	if (!error)
		error = missing_fence(findings, incident);
	if (!error)
		error = missing_pings(findings, incident);
	if (!error && known && findings->silence.status == STATUS_INFERRED)
		error = missing_proof_of_silence(findings, incident);
	if (!error)
		error = missing_clock(findings, incident);
	if (!error)
		error = missing_watch(findings, incident);
	if (!error)
		error = missing_cause(findings, incident);
	if (!error)
		error = missing_image(findings, incident);
	if (!error)
		error = missing_harm(findings, incident);
	if (!error)
		error = missing_not_understood(findings, incident);
	return error ? error : missing_discarded(findings, incident);
}
