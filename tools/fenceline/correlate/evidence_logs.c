/* SPDX-License-Identifier: MIT */
/* The lines of evidence that only logs hold: failed I/O, slow requests, removed snapshots, the cluster's own blocklist. */
#include "correlate/evidence_logs.h"
#include "correlate/evidence_line.h"
#include "correlate/findings.h"
#include "correlate/where.h"
#include "model/clients.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int evidence_listed(const struct findings *findings, struct incident *incident)
{
	const struct fence_listed *listed = findings->episode->listed;
	time_t seconds = listed ? (time_t)(listed->expires_ns / NS_PER_S) : 0;
	char until[64] = "";
	struct tm tm;

	if (!listed)
		return 0;
	if (listed->expires_ns)
		strftime(until, sizeof until, " until %Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &tm));
	return evidence_add(incident, ROLE(LINK_FENCE), listed->ts_ns, listed->source, "%s is on the cluster's blocklist%s",
	                    listed->target, until);
}

static const char *layer_text(enum io_layer layer)
{
	static const char *const names[] = { "QEMU", "the guest's kernel", "librbd", "the OSD", "the host's kernel" };

	return names[layer];
}

static int add_failure_run(struct incident *incident, const struct failure_run *run, const char *note)
{
	unsigned int roles = run->result == -ESHUTDOWN ? ROLE(LINK_HARM) | ROLE(LINK_FENCE) : 0;
	char vm[160] = "";

	if (run->process && run->process->vm_name)
		snprintf(vm, sizeof vm, " of VM %.128s", run->process->vm_name);
	return evidence_add(incident, roles, run->begin_ns, run->source, "%s%s says: %.300s%s", layer_text(run->layer), vm,
	                    run->text, note);
}

int evidence_failures(const struct findings *findings, struct incident *incident)
{
	if (findings->logged_failure &&
	    add_failure_run(incident, findings->logged_failure, findings->logged_by_time ? " (this client's, by its time)" : ""))
		return -ENOMEM;
	if (findings->vm && findings->vm != findings->logged_failure &&
	    add_failure_run(incident, findings->vm, " (this client's, by its time)"))
		return -ENOMEM;
	if (findings->guest_error)
		return add_failure_run(incident, findings->guest_error, "");
	return 0;
}

/* Slow requests from the last acknowledged ping (else as long as a watch takes to expire) until a minute after the fence: the
 * client's own, and the worst that any OSD told of. */
static bool is_slow_then(const struct findings *findings, const struct slow_run *run)
{
	int64_t begin_ns =
	        findings->last_ack_sent_ns ? findings->last_ack_sent_ns : findings->fence_ns - findings->timeout_s * NS_PER_S;

	return run->last_ns >= begin_ns - ROTATION_GAP_NS && run->ts_ns <= findings->fence_ns + ROTATION_GAP_NS;
}

static int add_slow_run(struct incident *incident, const struct slow_run *run, unsigned int roles)
{
	char count[64] = "", blocked[64] = "";

	if (run->blocked_ns)
		snprintf(blocked, sizeof blocked, ", blocked for up to %.1f s", (double)run->blocked_ns / NS_PER_S);
	if (run->most)
		snprintf(count, sizeof count, ", %" PRIu64 " of them", run->most);
	if (run->cookie)
		return evidence_add(incident, roles, run->ts_ns, run->source,
		                    "%s complained of a slow operation on the watch: %.200s", *run->osd ? run->osd : "an OSD",
		                    run->text);
	return evidence_add(incident, roles, run->ts_ns, run->source, "%s complained of slow requests%s%s%.128s%s",
	                    *run->osd ? run->osd : "the cluster", count, *run->object ? " on " : "", run->object, blocked);
}

int evidence_slow(const struct findings *findings, struct incident *incident)
{
	const struct slow_run *blamed = incident->where.side == SIDE_OSD ? where_complaint(findings, incident->header_osd) : NULL;
	bool several = model_several_clusters(findings->model);
	const struct slow_run *worst = NULL, *own = NULL;

	for (const struct slow_run *run = findings->model->slow_runs; run; run = run->next) {
		bool is_own = run->client && run->client == findings->client;
		int same = model_log_of_cluster(run->source, findings->client);
		if (!is_slow_then(findings, run) || run == findings->stuck_ping || run == blamed)
			continue;
		if (is_own && (!own || run->blocked_ns > own->blocked_ns))
			own = run;
		if (!is_own && (several ? same > 0 : same >= 0) && (!worst || run->blocked_ns > worst->blocked_ns))
			worst = run;
	}
	if (findings->stuck_ping && add_slow_run(incident, findings->stuck_ping, ROLE(LINK_SILENCE) | ROLE_WHERE))
		return -ENOMEM;
	if (blamed && blamed != findings->stuck_ping && add_slow_run(incident, blamed, ROLE_WHERE))
		return -ENOMEM;
	if (own && !blamed && add_slow_run(incident, own, 0))
		return -ENOMEM;
	return worst ? add_slow_run(incident, worst, 0) : 0;
}

/* Deletions and lost pings meet: what OSDs say of removed snapshots from the last acknowledged ping (else as long as the watch
 * takes to expire) until a minute after the fence, one line each for growth and for trimming. */
static int add_snaps(const struct findings *findings, struct incident *incident, bool trim)
{
	int64_t begin_ns =
	        findings->last_ack_sent_ns ? findings->last_ack_sent_ns : findings->fence_ns - findings->timeout_s * NS_PER_S;
	const struct snaps_change *first = NULL;
	uint64_t count = 0, removed = 0, intervals = 0;
	char pool[40] = "", in_all[64] = "";
	const char *when;

	if (incident->window && incident->window->begin_ns < begin_ns)
		begin_ns = incident->window->begin_ns;
	for (const struct snaps_change *each = findings->model->snaps_changes; each; each = each->next) {
		if (each->trim != trim || each->last_ns < begin_ns || each->ts_ns > findings->fence_ns + ROTATION_GAP_NS)
			continue;
		if (first && first->ts_ns <= findings->fence_ns && each->ts_ns > findings->fence_ns)
			continue; /* what went before the fence is not mixed with what came after it */
		first = first ? first : each;
		if (strcmp(each->osd, first->osd) || each->pool != first->pool)
			continue; /* every OSD takes over the same ids: one of them is shown */
		intervals = each->intervals;
		removed += each->removed;
		count++;
	}
	if (!first)
		return 0;
	if (first->pool != UINT64_MAX)
		snprintf(pool, sizeof pool, " of pool %" PRIu64, first->pool);
	when = first->ts_ns > findings->fence_ns ? "right after the fence"
	       : findings->lost_count            ? "while watch pings went unanswered"
	                                         : "shortly before the fence";
	if (trim)
		return evidence_add(incident, 0, first->ts_ns, first->source, "%s trimmed removed snapshots%s %s",
		                    *first->osd ? first->osd : "an OSD", pool, when);
	if (intervals) /* from Mimic on no OSD keeps the set */
		snprintf(in_all, sizeof in_all, ": %" PRIu64 " interval%s in all", intervals, intervals == 1 ? "" : "s");
	return evidence_add(incident, 0, first->ts_ns, first->source,
	                    "%s took over %" PRIu64 " newly removed snapshot id%s%s %s, in %" PRIu64 " change%s%s",
	                    *first->osd ? first->osd : "an OSD", removed, removed == 1 ? "" : "s", pool, when, count,
	                    count == 1 ? "" : "s", in_all);
}

int evidence_deletions(const struct findings *findings, struct incident *incident)
{
	return add_snaps(findings, incident, false) ? -ENOMEM : add_snaps(findings, incident, true);
}
