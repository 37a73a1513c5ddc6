/* SPDX-License-Identifier: MIT */
/* The lines of evidence of one incident: what carries each link, with its time and the input that holds it. */
#include "correlate/evidence.h"
#include "correlate/disagree.h"
#include "correlate/episode.h"
#include "correlate/evidence_line.h"
#include "correlate/evidence_logs.h"
#include "correlate/findings.h"
#include "correlate/senders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where more pings than this are unanswered, only their number is shown. */
#define LOST_LINES 6

static double evidence_seconds(int64_t ns)
{
	return (double)ns / NS_PER_S;
}

#define SILENCE ROLE(LINK_SILENCE)
#define WATCH   ROLE(LINK_WATCH)
#define FENCER  ROLE(LINK_FENCER)
#define FENCE   ROLE(LINK_FENCE)
#define HARM    ROLE(LINK_HARM)

/* The places of the contradictions, in the order in which words_contradictions tells them. */
static unsigned int contradiction_role(const struct findings *findings, const struct incident *incident, enum disagreement which)
{
	unsigned int place = 0;

	for (enum disagreement each = 0; each < which; each++)
		place += disagrees(findings, incident, each);
	return disagrees(findings, incident, which) ? ROLE_CONTRADICTION(place) : 0;
}

static int add_registration(const struct findings *findings, struct incident *incident)
{
	const struct watch *watch = findings->watch;

	if (!watch || !watch->registered_ns || watch->registered_ns < findings->last_ack_sent_ns)
		return 0;
	return evidence_add(incident, SILENCE, watch->registered_ns,
	                    watch->registered_source ? watch->registered_source : watch->last_ack_source,
	                    "the client registered its watch on %s", watch->oid);
}

static int add_last_ack(const struct findings *findings, struct incident *incident)
{
	const struct ping *ping = findings->last_ack;
	unsigned int roles = SILENCE | (incident->chain[LINK_WATCH].status == STATUS_INFERRED ? WATCH : 0);

	if (!findings->last_ack_sent_ns)
		return 0;
	if (!ping)
		return evidence_add(incident, roles, findings->last_ack_sent_ns, findings->last_ack_source,
		                    "last watch ping that the OSD acknowledged (from the watch's state)");
	if (ping->seen == PING_OSD_LOG)
		return evidence_add(incident, roles, ping->sent_ns, ping->source, "last watch ping that %s processed",
		                    *ping->osd ? ping->osd : "the OSD");
	if (ping->seen == PING_SAMPLED)
		return evidence_add(incident, roles, ping->sent_ns, ping->source,
		                    "last watch ping that the OSD acknowledged (sampled with watch_check)");
	return evidence_add(incident, roles, ping->sent_ns, ping->source,
	                    "last watch ping that the OSD acknowledged: sent to %s, answered in %.1f ms",
	                    *ping->osd ? ping->osd : "the OSD", (double)(ping->reply_ns - ping->sent_ns) / NS_PER_MS);
}

static int add_lost_ping(const struct findings *findings, struct incident *incident, const struct ping *ping)
{
	unsigned int roles = SILENCE | ROLE_WHERE | contradiction_role(findings, incident, PINGS_WERE_PROCESSED);
	const char *osd = *ping->osd ? ping->osd : "the OSD";

	if (ping->seen == PING_SAMPLED)
		return evidence_add(incident, roles, ping->sent_ns, ping->source,
		                    "a watch ping was due here and was not acknowledged (sampled with watch_check)");
	if (!ping->reply_ns)
		return evidence_add(incident, roles, ping->sent_ns, ping->source, "watch ping sent to %s, never answered", osd);
	if (ping->result == -ENOTCONN)
		return evidence_add(incident, roles, ping->sent_ns, ping->source,
		                    "watch ping sent to %s, answered only %.1f s later: result %" PRId32, osd,
		                    evidence_seconds(ping->reply_ns - ping->sent_ns), ping->result);
	return evidence_add(incident, roles, ping->sent_ns, ping->source,
	                    "watch ping sent to %s, not answered before the fence (%.1f s after its first sign: result %" PRId32
	                    ")",
	                    osd, evidence_seconds(ping->reply_ns - findings->until_ns), ping->result);
}

static int add_lost_pings(const struct findings *findings, struct incident *incident)
{
	size_t shown = findings->lost_count > LOST_LINES ? LOST_LINES - 1 : findings->lost_count;
	int error = 0;

	for (size_t i = 0; i < shown && !error; i++)
		error = add_lost_ping(findings, incident, findings->lost[i]);
	if (!error && shown < findings->lost_count) {
		const struct ping *last = findings->lost[findings->lost_count - 1];
		error = evidence_add(incident, SILENCE, last->sent_ns, last->source,
		                     "%zu more watch pings without an answer, the last of them here",
		                     findings->lost_count - shown);
	}
	if (!error && findings->refused)
		error = evidence_add(incident, SILENCE | WATCH, findings->refused->reply_ns, findings->refused->source,
		                     "the OSD answered a watch ping with %" PRId32 ": it no longer had the watch",
		                     findings->refused->result);
	return error;
}

/* librados' own word, which the wire does not depend on. */
static int add_overdue(const struct findings *findings, struct incident *incident)
{
	const struct overdue *overdue = findings->overdue;
	int64_t at_ns;

	if (!overdue || findings->silence.kind == SILENCE_ALIVE)
		return 0;
	at_ns = overdue->last_ns <= findings->until_ns ? overdue->last_ns : overdue->first_ns;
	return evidence_add(incident, SILENCE, at_ns, overdue->source,
	                    "librados itself says: the last acknowledged ping is %.1f s old (watch_check)",
	                    evidence_seconds(at_ns - overdue->acked_ns));
}

static int add_stall(const struct findings *findings, struct incident *incident)
{
	char buf[256];

	if (!findings->stall)
		return 0;
	if (findings->stall_contradicted)
		return evidence_add(incident, contradiction_role(findings, incident, STALL_WAS_BUSY), findings->stall->begin_ns,
		                    findings->stall->source, "the sampler of %s did not run for %.1f s",
		                    process_text(findings->client->process, buf, sizeof buf),
		                    evidence_seconds(findings->stall->gap_ns));
	return evidence_add(incident, SILENCE, findings->stall->begin_ns, findings->stall->source,
	                    "%s stood still for %.1f s: no ping could leave",
	                    process_text(findings->client->process, buf, sizeof buf), evidence_seconds(findings->stall->gap_ns));
}

static int add_gone(const struct findings *findings, struct incident *incident)
{
	char buf[256];

	if (findings->silence.kind != SILENCE_GONE)
		return 0;
	if (findings->client->shutdown_ns && findings->client->shutdown_ns <= findings->fence_ns)
		return evidence_add(incident, SILENCE, findings->client->shutdown_ns, findings->last_ack_source,
		                    "the client shut down");
	if (findings->successor)
		return evidence_add(incident, SILENCE, findings->successor->first_ns, findings->successor->first_source,
		                    "the same VM started again: %s, client %s",
		                    process_text(findings->successor->process, buf, sizeof buf),
		                    findings->successor->address_text);
	return findings->ended_ns ? evidence_add(incident, SILENCE, findings->ended_ns, findings->ended_source, "the VM ended")
	                          : 0;
}

/* ---- the watch ---- */

static int add_listing(const struct findings *findings, struct incident *incident)
{
	const struct watchers_listing *listing = findings->listing;
	unsigned int roles = WATCH | contradiction_role(findings, incident, LIST_HOLDS_OWNER) |
	                     contradiction_role(findings, incident, ANSWERED_AFTER_LIST) |
	                     contradiction_role(findings, incident, LIST_IS_CUT);
	char process[256], owner[128];

	if (!listing)
		return 0;
	process_text(listing->process, process, sizeof process);
	address_format(&findings->episode->address, owner, sizeof owner);
	if (findings->owner_listed)
		return evidence_add(incident, roles, listing->ts_ns, listing->source,
		                    "%s listed the watchers of %s: %s was there, cookie %" PRIu64, process, listing->oid, owner,
		                    findings->owner_listed->cookie);
	if (!findings->listing_complete)
		return evidence_add(incident, roles, listing->ts_ns, listing->source,
		                    "%s listed the watchers of %s: %zu, of which %zu came in", process, listing->oid,
		                    listing->expected, listing->count);
	return evidence_add(incident, roles, listing->ts_ns, listing->source,
	                    "%s listed the watchers of %s: %zu, and %s was not among them: its watch was gone", process,
	                    listing->oid, listing->count, owner);
}

static int add_broken(const struct findings *findings, struct incident *incident)
{
	unsigned int roles = SILENCE | (findings->broken_before ? WATCH : 0);

	if (!findings->broken)
		return 0;
	return evidence_add(incident, roles, findings->broken->error_ns, findings->broken->error_source,
	                    "the client's watch ended with error %" PRId32, findings->broken->error);
}

static int add_expiry(const struct findings *findings, struct incident *incident)
{
	if (add_broken(findings, incident))
		return -ENOMEM;
	if (findings->watch && findings->watch->disconnected_ns && findings->watch->disconnected_ns <= findings->fence_ns &&
	    evidence_add(incident, 0, findings->watch->disconnected_ns, findings->watch->disconnected_source,
	                 "%s lost the client's connection, and it did not come back",
	                 *findings->watch->osd ? findings->watch->osd : "the OSD"))
		return -ENOMEM;
	if (findings->expired_logged &&
	    evidence_add(incident, WATCH | SILENCE, findings->expired_ns, findings->watch->expired_source,
	                 "%s dropped the client's watch on %s: it timed out",
	                 *findings->watch->osd ? findings->watch->osd : "the OSD", findings->watch->oid))
		return -ENOMEM;
	if (findings->expired_from && !strcmp(findings->expired_from, "computed") &&
	    incident->chain[LINK_WATCH].status != STATUS_NONE)
		return evidence_add(
		        incident, findings->timeout_known ? WATCH : 0, findings->expired_ns, findings->last_ack_source,
		        "the watch timed out at the OSD: %" PRIu32 " s after the last acknowledged ping (computed; timeout %s)",
		        findings->timeout_s,
		        !strcmp(findings->timeout_from, "trace")    ? "from the trace"
		        : !strcmp(findings->timeout_from, "log")    ? "from a log"
		        : !strcmp(findings->timeout_from, "option") ? "as given"
		                                                    : "assumed");
	return add_listing(findings, incident);
}

/* What the OSD's log says of pings that the client saw no answer to, or of the side where they were lost. */
static int add_osd_word(const struct findings *findings, struct incident *incident)
{
	unsigned int roles = contradiction_role(findings, incident, PINGS_WERE_PROCESSED) |
	                     (incident->where.side == SIDE_PATH ? ROLE_WHERE : 0);
	bool alive = findings->silence.kind == SILENCE_ALIVE && findings->osd_alive && !findings->silence.osd_only;

	if (!findings->osd_last_ns || (!roles && !alive))
		return 0;
	return evidence_add(incident, roles | (alive ? SILENCE : 0), findings->osd_last_ns, findings->watch->osd_source,
	                    "%s processed a ping of this watch here, by its own log",
	                    *findings->watch->osd ? findings->watch->osd : "the OSD");
}

/* ---- the fencer ---- */

static int add_window(const struct findings *findings, struct incident *incident)
{
	char buf[256];
	int error = 0;

	for (const struct snapshot_call *call = incident->window ? findings->model->snapshots : NULL; call && !error;
	     call = call->next)
		for (size_t i = 0; i < incident->window->count && !error; i++)
			if (incident->window->ops[i].begin_ns == call->begin_ns && incident->window->ops[i].snap == call->snap)
				error = evidence_add(incident, call->snap == incident->window->snap ? FENCER : 0, call->begin_ns,
				                     call->source, "%s began to %s snapshot %s%s%s%s%s",
				                     process_text(call->process, buf, sizeof buf), call->op, call->snap,
				                     *call->image_name ? " of " : "", call->pool, *call->pool ? "/" : "",
				                     call->image_name);
	if (!error && findings->break_call)
		error = evidence_add(incident, FENCER, findings->break_call->begin_ns, findings->break_call->source,
		                     "%s called %s on the lock of %s",
		                     process_text(findings->break_call->process, buf, sizeof buf), findings->break_call->call,
		                     findings->break_call->locker);
	return error;
}

static int add_command(const struct findings *findings, struct incident *incident, const struct blocklist_action *action)
{
	static const char *const names[] = FL_BLOCKLIST_ENTRY_NAMES;
	const char *range = action->range ? " range" : "";
	bool own = action == findings->episode->first;
	unsigned int doubt = own ? contradiction_role(findings, incident, REFUSED_BEFORE_COMMAND) |
	                                     contradiction_role(findings, incident, COMMAND_APART)
	                         : 0;
	char buf[256];
	int error = 0;

	if (action->trace_ns)
		error = evidence_add(incident, own ? FENCER | doubt : 0, action->trace_ns, action->trace_source,
		                     "%s sent `osd blocklist%s %s %s`%s%s", process_text(action->process, buf, sizeof buf), range,
		                     action->op, action->target, action->entry ? ", entry: " : "", names[action->entry]);
	if (!error && action->dispatch_ns && !*action->entity) /* no monitor says so, which always names one */
		error = evidence_add(incident, 0, action->dispatch_ns, action->audit_source,
		                     "a program's own log: it sends `osd blocklist%s %s %s`", range, action->op, action->target);
	else if (!error && action->dispatch_ns)
		error = evidence_add(incident, own ? FENCER | doubt : 0, action->dispatch_ns, action->audit_source,
		                     "audit log: `osd blocklist%s %s %s` by %s dispatched", range, action->op, action->target,
		                     action->entity);
	if (!error && action->finished_ns)
		error = evidence_add(incident,
		                     own ? FENCE | (action->trace_ns || action->dispatch_ns ? 0 : FENCER) |
		                                     contradiction_role(findings, incident, ANSWERED_AFTER)
		                         : 0,
		                     action->finished_ns, action->audit_source,
		                     "audit log: `osd blocklist%s %s %s` by %s finished", range, action->op, action->target,
		                     action->entity);
	return error;
}

/* The episode's adds (a second lock breaker, a retry, one that was never carried out), and its rm. */
static int add_blocklist(const struct findings *findings, struct incident *incident)
{
	const struct episode *episode = findings->episode;
	int error = evidence_listed(findings, incident);

	if (!error && findings->breaker)
		error = evidence_add(incident, FENCER | WATCH, findings->breaker->ts_ns, findings->breaker->source,
		                     "the lock breaker's own log: it blocklists the lock's owner");

	if (!error && findings->earlier)
		error = evidence_add(incident, 0, findings->earlier->ts_ns,
		                     findings->earlier->trace_source ? findings->earlier->trace_source
		                                                     : findings->earlier->audit_source,
		                     "the client had been fenced before: `osd blocklist add %s`", findings->earlier->target);
	for (const struct blocklist_action *action = findings->model->blocklists; action && episode->first && !error;
	     action = action->next) {
		bool inside = action->ts_ns >= episode->opened_ns && action->ts_ns < episode->end_ns;
		bool add = !strcmp(action->op, "add") && inside && !command_failed(action) &&
		           (action->range ? !strcmp(action->target, episode->first->target)
		                          : blocklist_covers(action, &episode->address));
		if (add || action == episode->removed)
			error = add_command(findings, incident, action);
	}
	return error;
}

static int add_other_breaker(const struct findings *findings, struct incident *incident)
{
	const struct header_op *op = findings->other_breaker;
	char buf[256];

	if (!op)
		return 0;
	return evidence_add(incident, FENCER | contradiction_role(findings, incident, OTHER_BREAKER), op->ts_ns, op->source,
	                    "%s: lock.break_lock on %s, result %" PRId32, process_text(op->process, buf, sizeof buf), op->oid,
	                    op->result);
}

/* ---- what followed ---- */

static int add_refused(const struct findings *findings, struct incident *incident)
{
	unsigned int doubt = contradiction_role(findings, incident, REFUSED_BEFORE_COMMAND);

	if (findings->refused_op)
		return evidence_add(incident, HARM | FENCE | doubt, findings->refused_after_ns, findings->refused_after_source,
		                    "the client's %s on its image's header was answered with -108: it is blocklisted",
		                    findings->refused_op->method);
	if (findings->refused_after_ns)
		return evidence_add(incident, HARM | FENCE | doubt, findings->refused_after_ns, findings->refused_after_source,
		                    "the client's watch was answered with -108: it is blocklisted");
	return 0;
}

static int add_failure(const struct findings *findings, struct incident *incident)
{
	static const char *const ops[] = FL_IO_OP_NAMES;
	const struct eshutdown_run *failed = findings->failed;

	if (evidence_failures(findings, incident) || add_refused(findings, incident))
		return -ENOMEM;
	if (findings->answered_after_ns && findings->last_ack &&
	    evidence_add(incident, contradiction_role(findings, incident, ANSWERED_AFTER), findings->answered_after_ns,
	                 findings->last_ack->source, "a ping was still answered with 0"))
		return -ENOMEM;
	if (findings->waiting &&
	    evidence_add(incident, HARM, findings->waiting->waiting.since_ns, findings->waiting->waiting.source,
	                 "from here on no I/O was completed, for %.1f s; %" PRIu32 " waiting at the end",
	                 (double)(findings->waiting->waiting.until_ns - findings->waiting->waiting.since_ns) / NS_PER_S,
	                 findings->waiting->waiting.ios))
		return -ENOMEM;
	if (findings->counted &&
	    evidence_add(incident, HARM, findings->counted->counted_failures.ts_ns, findings->counted->counted_failures.source,
	                 "the shim has counted %" PRIu64 " I/Os of image %s that failed with -108, since that was opened",
	                 findings->counted->counted_failures.ios, findings->counted->name))
		return -ENOMEM;
	if (!failed)
		return 0;
	return evidence_add(incident, HARM | FENCE | contradiction_role(findings, incident, REFUSED_BEFORE_COMMAND),
	                    failed->begin_ns, failed->source,
	                    "first %sI/O that failed: %s of %" PRIu64 " bytes at offset %" PRIu64
	                    ": -108, Cannot send after transport "
	                    "endpoint shutdown",
	                    findings->unrecorded_ios ? "recorded " : "", failed->op < FL_IO_OPS ? ops[failed->op] : "I/O",
	                    failed->length, failed->offset);
}

int evidence_collect(const struct findings *findings, struct incident *incident)
{
	static int (*const collectors[])(const struct findings *findings, struct incident *incident) = {
		add_registration, add_last_ack, add_lost_pings, add_overdue,       add_stall,   add_gone,           add_window,
		add_expiry,       add_osd_word, add_blocklist,  add_other_breaker, add_failure, evidence_deletions, evidence_slow,
	};

	for (size_t i = 0; i < sizeof collectors / sizeof *collectors; i++)
		if (collectors[i](findings, incident))
			return -ENOMEM;
	evidence_sort(incident);
	return 0;
}
