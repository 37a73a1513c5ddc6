/* SPDX-License-Identifier: MIT */
/*
 * Did the client fall silent before the fence, and how? All of it is measured within the clock of whoever tells of the watch, up
 * to findings->until_ns. An answer that nobody could have seen (a recording that ended, a process that left no event, what the
 * tracer discarded) is not a lost ping; librados' own word for the age of its last acknowledged one is a witness whatever else is
 * missing.
 */
#include "correlate/silence.h"
#include "correlate/broken_watch.h"
#include "correlate/findings.h"
#include "correlate/gone.h"
#include "correlate/look.h"
#include "correlate/ping_fate.h"
#include "correlate/sign.h"
#include "correlate/standstill.h"
#include "correlate/watches.h"
#include "model/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_ack(const struct ping *ping)
{
	return ping->reply_ns && ping->result >= 0;
}

static bool was_never_sent(const struct findings *findings, const struct watch *watch, const struct ping *ping)
{
	return ping_fate(findings->model, watch, ping) == FATE_NEVER_SENT;
}

/* ---- the last sign of life ---- */

static void take_ack(struct findings *findings, const struct ping *ping, int64_t sent_ns, int64_t ack_ns,
                     const struct source *source)
{
	if (sent_ns <= findings->last_ack_sent_ns)
		return;
	findings->last_ack = ping;
	findings->last_ack_sent_ns = sent_ns;
	findings->last_ack_ns = ack_ns;
	findings->last_ack_source = source;
}

/* When the answer came. The sampler tells only when it saw it, which after a gap in its samples is long after. */
static int64_t answered_ns(const struct ping *ping)
{
	bool late = ping->seen == PING_SAMPLED && ping->reply_ns > ping->sent_ns + WATCH_SLACK_NS;

	return late ? ping->sent_ns + WATCH_SLACK_NS : ping->reply_ns;
}

static void acks_of(struct findings *findings, const struct watch *watch)
{
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns > findings->until_ns || !may_be_on_clients_clock(findings, ping->source) ||
		    was_never_sent(findings, watch, ping))
			continue;
		findings->pings_known = true;
		if (!is_ack(ping))
			continue;
		take_ack(findings, ping, ping->sent_ns, ping->reply_ns, ping->source);
		findings->life_ns =
		        later(findings->life_ns, answered_ns(ping) < findings->until_ns ? answered_ns(ping) : findings->until_ns);
	}
	/* A recording that began late knows the time only, from the watch's state; when the answer came is not in it. */
	if (watch->last_ack_sent_ns && watch->last_ack_sent_ns <= findings->until_ns &&
	    may_be_on_clients_clock(findings, watch->last_ack_source) &&
	    watch->last_ack_sent_ns > findings->last_ack_sent_ns + (findings->last_ack ? SAMPLE_NS : 0)) {
		take_ack(findings, NULL, watch->last_ack_sent_ns, watch->last_ack_ns, watch->last_ack_source);
		findings->life_ns = later(findings->life_ns, watch->last_ack_sent_ns);
	}
}

static void find_life(struct findings *findings)
{
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch;
	     watch = findings_next_watch(findings, watch)) {
		if (watch->registered_ns > findings->until_ns)
			continue;
		if (watch_is_registered(watch) && may_be_on_clients_clock(findings, watch->registered_source))
			findings->life_ns = later(findings->life_ns, watch->registered_ns);
		acks_of(findings, watch);
	}
}

/* ---- pings that nobody answered ---- */

/* A ping that left a moment before the fence's first sign is not lost if it was answered later, or if the recording ends too
 * early to show the answer. */
static bool was_on_its_way(const struct findings *findings, const struct ping *ping)
{
	const struct watch *watch = findings->watch;

	/* Nor if the watch's end was told just then: nobody waited for its answer any more. */
	if (watch->error_ns >= ping->sent_ns && watch->error_ns - ping->sent_ns < AT_ONCE_NS && !ping->reply_ns)
		return true;
	if (!findings->sign_ns || findings->came_back || ping->sent_ns <= findings->until_ns - WATCH_SLACK_NS)
		return false;
	return ping->reply_ns || findings->client->last_ns < ping->sent_ns + WATCH_SLACK_NS;
}

/* Pings sent since then that the OSD had not acknowledged when the fence came. While the last sign of life is no older than a
 * healthy one can be, a ping without an answer is only on its way. */
static int find_lost(struct findings *findings)
{
	int64_t since_ns = silent_since(findings);
	const struct watch *watch = findings->watch;

	if (!watch || !watch->ping_count || findings->until_ns - since_ns <= WATCH_OVERDUE_NS)
		return 0;
	findings->lost = calloc(watch->ping_count, sizeof *findings->lost);
	if (!findings->lost)
		return -ENOMEM;
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns <= since_ns || ping->sent_ns > findings->until_ns || ping->seen == PING_OSD_LOG ||
		    was_on_its_way(findings, ping) || was_never_sent(findings, watch, ping))
			continue;
		if (ping->reply_ns && ping->result == -ENOTCONN) { /* it arrived, the watch was gone: late, if it took long */
			if (ping->reply_ns <= findings->until_ns + SAME_ANSWER_NS && !findings->refused)
				findings->refused = ping;
			if (ping->reply_ns - ping->sent_ns <= WATCH_SLACK_NS)
				continue;
		}
		/* -110 says that the OSD still has the watch, only not this connection. */
		if (ping->reply_ns && (ping->reply_ns <= findings->until_ns || findings->came_back) &&
		    ping->result != -ESHUTDOWN && ping->result != -ENOTCONN)
			continue;
		if (findings->stall_contradicted || !sent_around_stall(findings, ping->sent_ns))
			findings->lost[findings->lost_count++] = ping;
	}
	return 0;
}

static void find_overdue(struct findings *findings)
{
	int64_t since_ns = silent_since(findings);

	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		for (size_t i = 0; i < watch->overdue_count; i++) {
			const struct overdue *overdue = &watch->overdues[i];
			if (overdue->acked_ns >= since_ns - SAMPLE_NS && overdue->first_ns <= findings->until_ns)
				findings->overdue = overdue;
		}
}

/* ---- what nobody could have seen ---- */

static void find_gaps(struct findings *findings)
{
	const struct client *client = findings->client;
	int64_t since_ns = silent_since(findings);

	for (size_t i = 0; i < client->hole_count && client->process; i++) {
		const struct hole *hole = &client->holes[i];
		int64_t from = later(hole->begin_ns, since_ns);
		int64_t until = hole->end_ns < findings->until_ns ? hole->end_ns : findings->until_ns;
		if (until - from > UNHEARD_NS &&
		    (!findings->hole || until - from > findings->hole->end_ns - findings->hole->begin_ns))
			findings->hole = hole;
	}
	findings->discarded = discarded_between(findings, since_ns, findings->until_ns);
	for (const struct pause *each = findings->model->pauses; each; each = each->next)
		if ((!each->end_ns || each->end_ns >= since_ns) && each->begin_ns <= findings->until_ns)
			findings->pause = each;
	/* A client sends no pings while the cluster is paused, and the age of the last acknowledged one still grows. */
	if (findings->pause && findings->lost_count && findings->lost[0]->seen < PING_CLIENT_LOG)
		findings->lost_count = 0;
	findings->unrecorded = client->last_ns + UNHEARD_NS < findings->until_ns;
	if (client->process && client->last_ns && findings->until_ns - client->last_ns > 2 * WATCH_OVERDUE_NS)
		findings->silent_ns = findings->until_ns - client->last_ns;
}

bool is_answerable(const struct findings *findings, const struct ping *ping)
{
	int64_t due_ns = ping->sent_ns + WATCH_SLACK_NS;
	int64_t until_ns = !findings->client->process || findings->until_ns < findings->client->last_ns
	                           ? findings->until_ns
	                           : findings->client->last_ns;

	if (!findings->client->process && ping->source->end_ns && ping->source->end_ns < until_ns)
		until_ns = ping->source->end_ns;
	return due_ns <= until_ns && answer_was_recorded(findings->model, findings->client, ping);
}

static bool any_answerable(const struct findings *findings)
{
	for (size_t i = 0; i < findings->lost_count; i++)
		if (is_answerable(findings, findings->lost[i]))
			return true;
	return false;
}

/* ---- the OSD's own log ---- */

/* The OSD complained of a ping of this watch as it fell silent: not half a minute of health before. */
static void find_stuck_ping(struct findings *findings)
{
	const struct watch *watch = findings->watch;

	for (const struct slow_run *run = watch ? findings->model->slow_runs : NULL; run; run = run->next) {
		bool later_answered = findings->life_ns && run->last_ns + WATCH_OVERDUE_NS < findings->life_ns;
		if (run->cookie && run->cookie == watch->cookie && run->ts_ns <= findings->fence_ns + CLOCK_SLACK_NS &&
		    !later_answered &&
		    run->last_ns >= findings->fence_ns - (int64_t)findings->timeout_s * NS_PER_S - BREAKER_LOOKBACK_NS &&
		    (!run->client || run->client == findings->client) && model_log_of_cluster(run->source, findings->client) >= 0)
			findings->stuck_ping = run;
	}
}

static void find_osd_word(struct findings *findings)
{
	const struct watch *watch = findings->watch;
	int64_t until_ns;

	if (!watch || !watch->osd_ping_count)
		return;
	findings->osd_sign_ns = sign_in_osd_log(findings, watch->osd_source);
	until_ns = findings->osd_sign_ns ? findings->osd_sign_ns : findings->fence_ns + CLOCK_SLACK_NS;
	for (size_t i = 0; i < watch->osd_ping_count; i++)
		if (watch->osd_pings[i] <= until_ns)
			findings->osd_last_ns = watch->osd_pings[i];
	findings->osd_alive = findings->osd_sign_ns && findings->osd_last_ns &&
	                      findings->osd_sign_ns - findings->osd_last_ns <= WATCH_OVERDUE_NS;
}

/* It processed pings that the client calls lost, and so late that the watch cannot have timed out. One that it processed longer
 * before the fence only says that its answer was lost on the way. */
static bool osd_contradicts(const struct findings *findings)
{
	int64_t fence_ns = findings->osd_sign_ns ? findings->osd_sign_ns : findings->fence_ns;

	return findings->osd_last_ns && findings->osd_last_ns > findings->last_ack_sent_ns + WATCH_SLACK_NS &&
	       fence_ns - findings->osd_last_ns < (int64_t)findings->timeout_s * NS_PER_S &&
	       !(findings->watch && findings->watch->expired_ns >= findings->osd_last_ns);
}

/* ---- how it was ---- */

static int64_t silence_ns(const struct findings *findings)
{
	return findings->life_ns ? findings->until_ns - findings->life_ns : 0;
}

static bool stood_still(const struct findings *findings)
{
	int64_t since_ns = silent_since(findings), until_ns = findings->until_ns;

	if (!findings->stall || findings->stall_contradicted || until_ns - since_ns <= WATCH_OVERDUE_NS)
		return false;
	/* It ran, unheard, until the watch had run out: something else was the reason. */
	if (findings->overdue && findings->overdue->first_ns < findings->stall->begin_ns &&
	    findings->stall->begin_ns - since_ns >= findings->timeout_s * NS_PER_S)
		return false;
	/* What was sent once it was awake again does not matter, unless the watch still lived then: that ping decided. */
	for (size_t i = 0; i < findings->lost_count; i++)
		if (findings->lost[i]->sent_ns < findings->stall->begin_ns + findings->stall->gap_ns ||
		    (findings->lost[i]->sent_ns + WATCH_SLACK_NS < since_ns + findings->timeout_s * NS_PER_S &&
		     is_answerable(findings, findings->lost[i])))
			return false;
	/* After the watch has expired nothing matters any more: a client may be awake for a long time before it is fenced. */
	if (since_ns + findings->timeout_s * NS_PER_S < until_ns)
		until_ns = since_ns + findings->timeout_s * NS_PER_S;
	return 2 * stalled_between(findings->model, findings->client, since_ns, findings->until_ns, NULL) >= until_ns - since_ns;
}

/* A client that runs pings once a tick. If the last sign of life is older than that, the standstill does not explain the silence
 * before it. */
static bool was_healthy_till_stall(const struct findings *findings)
{
	return findings->stall->begin_ns - silent_since(findings) <= WATCH_OVERDUE_NS;
}

/* Between what shows the silence and the fence nobody could see whether the client came back: its recording has a gap that no
 * standstill explains, or the tracer discarded events. */
static bool is_unseen_since(const struct findings *findings, int64_t shown_ns)
{
	int64_t until_ns = later(findings->until_ns, findings->refused_from_ns), unheard_ns;

	if (!findings->client->process)
		return false;
	unheard_ns = findings_unheard(findings->client, shown_ns, until_ns) -
	             stalled_between(findings->model, findings->client, shown_ns, until_ns, NULL);
	return unheard_ns > UNHEARD_NS || discarded_between(findings, shown_ns, until_ns);
}

static bool surely_overdue(const struct findings *findings)
{
	return findings->overdue && findings->overdue->sure_ns && findings->overdue->sure_ns <= findings->until_ns;
}

/* Who saw that nothing was acknowledged: librados, the OSD by -107 after it, or the OSD's log. */
static bool has_witness(const struct findings *findings)
{
	return surely_overdue(findings) || findings->refused || findings->stuck_ping ||
	       (findings->broken && findings->broken->error == -ENOTCONN &&
	        findings->broken->error_ns - findings->life_ns > WATCH_OVERDUE_NS) ||
	       (findings->watch && findings->watch->expired_ns);
}

static bool hole_is_most(const struct findings *findings)
{
	int64_t since_ns = silent_since(findings);

	return findings->hole &&
	       2 * findings_unheard(findings->client, since_ns, findings->until_ns) >= findings->until_ns - since_ns;
}

/* Until when it is shown that nothing was acknowledged. That the OSD no longer has the watch does not tell since when. */
static int64_t last_shown(const struct findings *findings)
{
	if (!findings->overdue)
		return silent_since(findings);
	return findings->overdue->last_ns <= findings->until_ns ? findings->overdue->last_ns : findings->until_ns;
}

static enum link_status status_of_lost(const struct findings *findings)
{
	bool wire = findings->lost_count && findings->lost[0]->seen >= PING_CLIENT_LOG;
	bool witness = has_witness(findings) && !(findings->discarded && !surely_overdue(findings) && !findings->stuck_ping);

	if (findings->stuck_ping && findings->silence.osd_only)
		return STATUS_SEEN;
	/* A standstill hides no answer to a ping that had time enough outside of it. */
	if (findings->hole && !(findings->stall && !findings->stall_contradicted && any_answerable(findings)))
		return STATUS_INFERRED;
	if (!findings->sign_ns || !findings->one_clock || !witness)
		return STATUS_INFERRED;
	if (findings->unseen)
		return STATUS_INFERRED;
	return wire || !findings->discarded ? STATUS_SEEN : STATUS_INFERRED;
}

/* A client that runs and is recorded, and yet sends no ping for long, was told not to: its pool is paused. A ping that it sends
 * later, and that the fence leaves unanswered, was not the reason for the fence. */
static bool sent_none_for_long(const struct findings *findings)
{
	int64_t since_ns = silent_since(findings), sent_ns = findings->lost[0]->sent_ns;

	if (findings->lost[0]->seen < PING_CLIENT_LOG || findings->hole || findings->discarded ||
	    findings->client->first_ns > since_ns)
		return false;
	return sent_ns - since_ns - stalled_between(findings->model, findings->client, since_ns, sent_ns, NULL) >
	       2 * WATCH_OVERDUE_NS;
}

/* The recording ends before the watch can have run out, and so long before the fence that the client had time to be well again
 * and fall silent once more: the pings that it lost are not what it was fenced for. Unless the OSD's log tells of the watch on.
 */
static bool ended_long_before(const struct findings *findings)
{
	int64_t timeout_ns = findings->timeout_s * NS_PER_S;
	const struct client *client = findings->client;

	return client->process && findings->unrecorded && !findings->watch->expired_ns &&
	       client->last_ns < silent_since(findings) + timeout_ns && findings->until_ns - client->last_ns > timeout_ns;
}

static bool pings_were_lost(const struct findings *findings)
{
	if (findings->stuck_ping && findings->until_ns - silent_since(findings) > WATCH_OVERDUE_NS)
		return true;
	if (!findings->lost_count || sent_none_for_long(findings) || ended_long_before(findings))
		return false;
	return any_answerable(findings) || (has_witness(findings) && !hole_is_most(findings));
}

static void set_kind(struct findings *findings, enum silence_kind kind, enum link_status status)
{
	findings->silence.kind = kind;
	findings->silence.status = status;
}

/* A command needs no watch to be gone. Where the call is not known, a lock breaker may have looked at another time than that of
 * the fence's first sign. */
static enum link_status status_of_alive(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	bool command = action && action->entry && action->entry != FL_ENTRY_EXCLUSIVE_LOCK_BREAK;

	if (!findings->one_clock || !sign_is_near_refusal(findings))
		return STATUS_INFERRED;
	/* The OSD drops a fenced client's watch whether it lives or not: it may have ended since its last ping. */
	if (findings->silence.osd_only && !was_alive_when_refused(findings))
		return STATUS_INFERRED;
	return command || watch_stood(findings) ? STATUS_SEEN : STATUS_INFERRED;
}

/* It failed long before the client was refused: hardly by the fence. */
static bool failed_long_before(const struct findings *findings)
{
	return findings->broken && findings->refused_from_ns && findings->broken->error_ns == findings->sign_ns &&
	       !sign_is_near_refusal(findings);
}

/* Its watch failed before the fence, and it was well until then. What was sent after that is of another watch. */
static bool failed_alive(const struct findings *findings)
{
	return findings->broken && (findings->broken_before || failed_long_before(findings)) && findings->life_ns &&
	       findings->broken->error_ns - findings->life_ns <= WATCH_OVERDUE_NS;
}

static void judge_silence(struct findings *findings)
{
	enum link_status gone = findings_gone(findings);
	bool alive = findings->life_ns && silence_ns(findings) <= WATCH_OVERDUE_NS;

	findings->silence.osd_only = findings->watch && findings->watch->seen == PING_OSD_LOG &&
	                             (!findings->client->process || !findings->client->process->pid);
	if (gone != STATUS_MISSING)
		set_kind(findings, SILENCE_GONE, gone);
	else if (cut_off_before(findings))
		return; /* not known: an earlier fence explains all of its silence */
	else if (stood_still(findings))
		set_kind(findings, SILENCE_STALLED,
		         findings->one_clock && findings->sign_ns && wire_shows(findings) && was_healthy_till_stall(findings) &&
		                         !is_unseen_since(findings, findings->stall->begin_ns + findings->stall->gap_ns)
		                 ? STATUS_SEEN
		                 : STATUS_INFERRED);
	else if (failed_alive(findings))
		set_kind(findings, SILENCE_ERROR,
		         findings->one_clock && findings->broken_before && !is_unseen_since(findings, findings->broken->error_ns)
		                 ? STATUS_SEEN
		                 : STATUS_INFERRED);
	else if (alive)
		set_kind(findings, SILENCE_ALIVE, status_of_alive(findings));
	else if (pings_were_lost(findings)) {
		findings->unseen = is_unseen_since(findings, last_shown(findings));
		set_kind(findings, SILENCE_LOST, status_of_lost(findings));
	} else if (findings->osd_alive)
		set_kind(findings, SILENCE_ALIVE, status_of_alive(findings));
	if (findings->silence.kind == SILENCE_LOST && osd_contradicts(findings)) {
		findings->silence.contradicted = true;
		findings->silence.status = STATUS_CONTRADICTED;
		if (findings->osd_alive) /* what the OSD has decides over the watch */
			findings->silence.kind = SILENCE_ALIVE;
	}
}

/* All that is found below, of a silence that ended at another time. */
void findings_silence_forget(struct findings *findings)
{
	free(findings->lost);
	findings->lost = NULL;
	findings->lost_count = 0;
	findings->last_ack = NULL;
	findings->last_ack_source = NULL;
	findings->last_ack_sent_ns = findings->last_ack_ns = findings->life_ns = 0;
	findings->refused = NULL;
	findings->overdue = NULL;
	findings->stall = NULL;
	findings->stalled_ns = findings->silent_ns = 0;
	findings->stall_contradicted = findings->unseen = findings->unrecorded = findings->broken_before = findings->osd_alive =
	        false;
	findings->hole = NULL;
	findings->discarded = NULL;
	findings->broken = NULL;
	findings->osd_last_ns = findings->osd_sign_ns = 0;
	findings->stuck_ping = NULL;
	findings->expired_ns = 0;
	findings->expired_from = NULL;
	findings->expired_logged = false;
	findings->silence.kind = SILENCE_UNKNOWN;
	findings->silence.status = STATUS_MISSING;
	findings->silence.contradicted = findings->silence.osd_only = false;
}

int findings_silence(struct findings *findings)
{
	if (!findings->client)
		return 0;
	find_life(findings);
	findings_standstills(findings);
	if (find_lost(findings))
		return -ENOMEM;
	find_overdue(findings);
	find_gaps(findings);
	find_stuck_ping(findings);
	find_osd_word(findings);
	find_broken_watch(findings);
	judge_silence(findings);
	return 0;
}
