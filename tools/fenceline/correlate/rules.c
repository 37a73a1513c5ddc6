/* SPDX-License-Identifier: MIT */
/*
 * The rules of the verdict. One function per cause says whether that cause fits the facts; they are asked in the order
 * of the table at the end, and the first that fits is the verdict. A second function per cause says whether every link
 * of it was seen. In plain words:
 *
 *   client-stalled      the client's own process stood still for most of the time since its last acknowledged ping, and
 *                       no ping sent outside that time went unanswered: it sent none, so none was lost
 *   lost-pings          pings were sent and the OSD did not acknowledge them until the watch had timed out; or the OSD complained
 *                       itself that it had a ping of this watch and was slow to answer it
 *   watch-lost          the watch ended with an error (or was gone from the OSD) although its pings had been answered
 *   fenced-while-alive  the last ping was acknowledged no more than a tick and 2 s before the fence
 *   unknown             none of these can be shown
 *
 *   proven    every link: those of the cause, the blocklist command, and -108 at the same client after it
 *   likely    the blocklist command (or its entry in the cluster's blocklist) and a -108 after it, but a link of the cause is
 *             missing, or whose -108 it was is known by time only: the client was the only one fenced then
 *   possible  less than that
 *
 * -5 and -110 are no fence, nor is what a guest's kernel says: it knows no -108. A line without a time proves nothing about when.
 */
#include "correlate/facts.h"

#include <errno.h>
#include <string.h>

static int64_t silence_ns(const struct facts *facts)
{
	return facts->last_ack_sent_ns ? facts->fence_ns - facts->last_ack_sent_ns : 0;
}

/* ---- one function per cause ---- */

static bool client_stood_still(const struct facts *facts)
{
	int64_t registered_ns = facts->watch ? facts->watch->registered_ns : 0;
	int64_t since_ns = facts->last_ack_sent_ns > registered_ns ? facts->last_ack_sent_ns : registered_ns;
	int64_t until_ns = facts->fence_ns;

	if (!facts->stall || facts->lost_count || until_ns - since_ns <= WATCH_OVERDUE_NS)
		return false;
	/* What came after the watch had expired no longer matters: the client may long be awake when it is fenced. */
	if (facts->expired_ns && since_ns + facts->timeout_s * NS_PER_S < until_ns)
		until_ns = since_ns + facts->timeout_s * NS_PER_S;
	return 2 * facts->stalled_ns >= until_ns - since_ns;
}

static bool pings_were_lost(const struct facts *facts)
{
	bool breaker_found_no_owner = facts->episode->first && facts->episode->first->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK;

	if (facts->stuck_ping && facts->expired_from)
		return true;
	return facts->lost_count && (facts->expired_from || breaker_found_no_owner);
}

static bool watch_was_lost(const struct facts *facts)
{
	return facts->broken || facts->refused ||
	       (facts->expired_from && !strcmp(facts->expired_from, "seen") && facts->client && facts->last_ack_sent_ns &&
	        silence_ns(facts) <= WATCH_OVERDUE_NS);
}

static bool client_was_alive(const struct facts *facts)
{
	return facts->episode->first && facts->last_ack_sent_ns && silence_ns(facts) <= WATCH_OVERDUE_NS;
}

static bool nothing_can_be_shown(const struct facts *facts)
{
	(void)facts;
	return true;
}

/* ---- and its links ---- */

static bool expiry_is_known(const struct facts *facts)
{
	return facts->expired_from != NULL;
}

static bool watch_error_is_known(const struct facts *facts)
{
	return facts->broken || facts->refused;
}

static bool always(const struct facts *facts)
{
	(void)facts;
	return true;
}

static bool never(const struct facts *facts)
{
	(void)facts;
	return false;
}

static const struct rule {
	enum cause cause;
	bool (*fits)(const struct facts *facts);
	bool (*complete)(const struct facts *facts);
} rules[] = {
	{ CAUSE_CLIENT_STALLED, client_stood_still, always },
	{ CAUSE_LOST_PINGS, pings_were_lost, expiry_is_known },
	{ CAUSE_WATCH_LOST, watch_was_lost, watch_error_is_known },
	{ CAUSE_FENCED_WHILE_ALIVE, client_was_alive, always },
	{ CAUSE_UNKNOWN, nothing_can_be_shown, never },
};

static const struct rule *rule_that_fits(const struct facts *facts)
{
	const struct rule *rule = rules;

	while (!rule->fits(facts))
		rule++;
	return rule;
}

static enum confidence confidence_of(const struct facts *facts, const struct rule *rule)
{
	bool said_108 = facts->failed || facts->refused_after_ns || (facts->told && !facts->told_by_time);
	bool blocklisted = facts->episode->first || facts->episode->listed;

	if (!blocklisted || !(said_108 || facts->told || facts->vm_failed))
		return CONF_POSSIBLE;
	return said_108 && facts->episode->first && rule->complete(facts) ? CONF_PROVEN : CONF_LIKELY;
}

/* ---- what is missing, by name and with what would supply it ---- */

static int missing_blocklist(const struct facts *facts, struct incident *incident)
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
	if (!action->trace_ns && !strcmp(action->entity, "client.admin"))
		error = missing_add(incident, "the process that sent the blocklist command: only the audit log tells of it, and "
		                              "that client.admin means a command or a script");
	else if (!action->trace_ns && facts->breaker)
		error = missing_add(incident,
		                    "the process that sent the blocklist command and its stack: only its log and the audit log "
		                    "tell of it");
	else if (!action->trace_ns)
		error = missing_add(incident,
		                    "the call that sent the blocklist command, its process and stack: only the audit log "
		                    "tells of it; run the program that takes snapshots under `fenceline run`");
	if (!error && !*action->entity)
		error = missing_add(incident, "the Ceph user that sent the blocklist command: add the monitors' audit log");
	return error;
}

/* Only logs tell of the client. An OSD's log knows what reached it, not what was sent. */
static int missing_logged_pings(const struct facts *facts, struct incident *incident)
{
	if (facts->expired_from && !facts->lost_count && !facts->stuck_ping)
		return missing_add(incident,
		                   "whether the client's watch pings were lost on the way, or it stood still and sent none: the "
		                   "OSD's log shows only what reached it; run its QEMU under `fenceline run` or with "
		                   "libfenceline.so preloaded, or set debug_ms=1 and log_file for it");
	if (facts->expired_from || client_was_alive(facts))
		return 0;
	return missing_add(incident, "the expiry of the client's watch: no log tells of it (an OSD's does with debug_osd=10)");
}

static int missing_pings(const struct facts *facts, struct incident *incident)
{
	if (facts->watch && facts->client && !facts->client->process)
		return missing_logged_pings(facts, incident);
	if (!facts->client || !facts->client->process || !facts->client->process->pid)
		return missing_add(incident, "the client's watch pings and its watch's expiry: no input is a trace of the fenced "
		                             "client; run its QEMU under `fenceline run` or with libfenceline.so preloaded");
	if (facts->client->first_ns > facts->fence_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording began only after it");
	if (!facts->watch)
		return missing_add(incident, "the client's watch on the image's header: no input shows it");
	if (!facts->pings_known && !facts->last_ack_sent_ns)
		return missing_add(incident, "the client's watch pings before the fence: its recording shows none");
	return 0;
}

static int missing_links(const struct facts *facts, const struct rule *rule, struct incident *incident)
{
	if (rule->cause == CAUSE_LOST_PINGS && !rule->complete(facts))
		return missing_add(incident, "the watch's expiry: neither a list of watchers nor the watch timeout shows it; "
		                             "give --watch-timeout if osd_client_watch_timeout is not 30 s");
	if (rule->cause == CAUSE_WATCH_LOST && !rule->complete(facts))
		return missing_add(incident, "why the watch was gone while its pings were answered: the client's trace has no "
		                             "watch error");
	if (rule->cause == CAUSE_UNKNOWN && facts->earlier)
		return missing_add(incident, "a sign of life between this fence and the one before it: the client was fenced "
		                             "already, and its watch had not come back");
	if (rule->cause == CAUSE_UNKNOWN && facts->episode->first && facts->silent_ns)
		return missing_add(incident,
		                   "anything from the client in the last %.1f s before the fence: it stood still, had died, or "
		                   "its recording had ended",
		                   (double)facts->silent_ns / NS_PER_S);
	if (rule->cause == CAUSE_UNKNOWN && facts->episode->first && facts->last_ack_sent_ns && facts->client->process &&
	    facts->client->first_ns <= facts->fence_ns)
		return missing_add(incident,
		                   "why the client was silent for %.1f s before the fence: neither unanswered pings, nor a "
		                   "standstill of its process, nor a watch error is in the trace",
		                   (double)silence_ns(facts) / NS_PER_S);
	return 0;
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
		return missing_add(incident,
		                   "when the -108 in %s came: the log gives no time (QEMU does with -msg timestamp=on, libvirt "
		                   "with it in qemu.conf's log_timestamp)",
		                   undated->source->path);
	return missing_add(incident, "I/O that failed with -108 at the client: add its trace, or QEMU's log");
}

static int missing_failure(const struct facts *facts, struct incident *incident)
{
	if (facts->vm && facts->vm != facts->told &&
	    missing_add(incident, "that this client is of VM %s: known by time only, its QEMU failed in the same moment",
	                facts->vm->process->vm_name))
		return -ENOMEM;
	if (facts->told && !facts->told_by_time)
		return 0;
	if (facts->failed || (facts->waiting && facts->refused_after_ns))
		return 0;
	if (facts->told || facts->told_unclear || facts->told_undated || !facts->client || !facts->client->process)
		return missing_who_or_when(facts, incident);
	return missing_add(incident, "I/O that failed with -108 after the fence: the client's trace has none%s",
	                   facts->refused_after_ns ? " (it had none in flight, but was told -108 otherwise)" : "");
}

int rules_apply(const struct facts *facts, struct incident *incident)
{
	const struct rule *rule = rule_that_fits(facts);
	int error;

	incident->cause = rule->cause;
	incident->confidence = confidence_of(facts, rule);
	error = missing_blocklist(facts, incident);
	if (!error)
		error = missing_pings(facts, incident);
	if (!error)
		error = missing_links(facts, rule, incident);
	if (!error)
		error = missing_failure(facts, incident);
	if (!error && facts->model->lost_events && incident->confidence < CONF_PROVEN)
		error = missing_add(incident, "%llu events that the tracer discarded: record with larger buffers",
		                    (unsigned long long)facts->model->lost_events);
	return error;
}
