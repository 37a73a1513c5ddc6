/* SPDX-License-Identifier: MIT */
/*
 * Did the client fall silent before the fence, and how? All of it is measured within the clock of whoever tells of the watch, up
 * to facts->until_ns. An answer that nobody could have seen (a recording that ended, a process that left no event, what the
 * tracer discarded) is not a lost ping; librados' own word for the age of its last acknowledged one is a witness whatever else is
 * missing.
 */
#include "correlate/silence.h"
#include "correlate/facts.h"
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

/* The watch's error and the answer that says the same come together. */
#define AT_ONCE_NS (10 * NS_PER_MS)

static bool is_ack(const struct ping *ping)
{
	return ping->reply_ns && ping->result >= 0;
}

static bool was_never_sent(const struct facts *facts, const struct watch *watch, const struct ping *ping)
{
	return ping_fate(facts->model, watch, ping) == FATE_NEVER_SENT;
}

static bool in_clock(const struct facts *facts, const struct source *source)
{
	return !source || !facts->clock || is_on_clients_clock(facts, source);
}

/* ---- the last sign of life ---- */

static void take_ack(struct facts *facts, const struct ping *ping, int64_t sent_ns, int64_t ack_ns, const struct source *source)
{
	if (sent_ns <= facts->last_ack_sent_ns)
		return;
	facts->last_ack = ping;
	facts->last_ack_sent_ns = sent_ns;
	facts->last_ack_ns = ack_ns;
	facts->last_ack_source = source;
}

/* When the answer came. The sampler tells only when it saw it, which after a gap in its samples is long after. */
static int64_t answered_ns(const struct ping *ping)
{
	bool late = ping->seen == PING_SAMPLED && ping->reply_ns > ping->sent_ns + WATCH_SLACK_NS;

	return late ? ping->sent_ns + WATCH_SLACK_NS : ping->reply_ns;
}

static void acks_of(struct facts *facts, const struct watch *watch)
{
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns > facts->until_ns || !in_clock(facts, ping->source) || was_never_sent(facts, watch, ping))
			continue;
		facts->pings_known = true;
		if (!is_ack(ping))
			continue;
		take_ack(facts, ping, ping->sent_ns, ping->reply_ns, ping->source);
		facts->life_ns = later(facts->life_ns, answered_ns(ping) < facts->until_ns ? answered_ns(ping) : facts->until_ns);
	}
	/* A recording that began late knows the time only, from the watch's state; when the answer came is not in it. */
	if (watch->last_ack_sent_ns && watch->last_ack_sent_ns <= facts->until_ns && in_clock(facts, watch->last_ack_source) &&
	    watch->last_ack_sent_ns > facts->last_ack_sent_ns + (facts->last_ack ? SAMPLE_NS : 0)) {
		take_ack(facts, NULL, watch->last_ack_sent_ns, watch->last_ack_ns, watch->last_ack_source);
		facts->life_ns = later(facts->life_ns, watch->last_ack_sent_ns);
	}
}

static void find_life(struct facts *facts)
{
	for (const struct watch *watch = facts_next_watch(facts, NULL); watch; watch = facts_next_watch(facts, watch)) {
		if (watch->registered_ns > facts->until_ns)
			continue;
		if (watch_is_registered(watch) && in_clock(facts, watch->registered_source))
			facts->life_ns = later(facts->life_ns, watch->registered_ns);
		acks_of(facts, watch);
	}
}

/* ---- pings that nobody answered ---- */

/* A ping that left a moment before the fence's first sign is not lost if it was answered later, or if the recording ends too
 * early to show the answer. */
static bool was_on_its_way(const struct facts *facts, const struct ping *ping)
{
	if (!facts->sign_ns || facts->came_back || ping->sent_ns <= facts->until_ns - WATCH_SLACK_NS)
		return false;
	return ping->reply_ns || facts->client->last_ns < ping->sent_ns + WATCH_SLACK_NS;
}

/* Pings sent since then that the OSD had not acknowledged when the fence came. While the last sign of life is no older than a
 * healthy one can be, a ping without an answer is only on its way. */
static int find_lost(struct facts *facts)
{
	int64_t since_ns = silent_since(facts);
	const struct watch *watch = facts->watch;

	if (!watch || !watch->ping_count || facts->until_ns - since_ns <= WATCH_OVERDUE_NS)
		return 0;
	facts->lost = calloc(watch->ping_count, sizeof *facts->lost);
	if (!facts->lost)
		return -ENOMEM;
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns <= since_ns || ping->sent_ns > facts->until_ns || ping->seen == PING_OSD_LOG ||
		    was_on_its_way(facts, ping) || was_never_sent(facts, watch, ping))
			continue;
		if (ping->reply_ns && ping->result == -ENOTCONN) { /* it arrived, the watch was gone: late, if it took long */
			if (ping->reply_ns <= facts->until_ns + AT_ONCE_NS && !facts->refused)
				facts->refused = ping;
			if (ping->reply_ns - ping->sent_ns <= WATCH_SLACK_NS)
				continue;
		}
		/* -110 says that the OSD still has the watch, only not this connection. */
		if (ping->reply_ns && (ping->reply_ns <= facts->until_ns || facts->came_back) && ping->result != -ESHUTDOWN &&
		    ping->result != -ENOTCONN)
			continue;
		if (facts->stall_contradicted || !sent_around_stall(facts, ping->sent_ns))
			facts->lost[facts->lost_count++] = ping;
	}
	return 0;
}

static void find_overdue(struct facts *facts)
{
	int64_t since_ns = silent_since(facts);

	for (const struct watch *watch = facts_next_watch(facts, NULL); watch; watch = facts_next_watch(facts, watch))
		for (size_t i = 0; i < watch->overdue_count; i++) {
			const struct overdue *overdue = &watch->overdues[i];
			if (overdue->acked_ns >= since_ns - SAMPLE_NS && overdue->first_ns <= facts->until_ns)
				facts->overdue = overdue;
		}
}

/* ---- what nobody could have seen ---- */

static void find_gaps(struct facts *facts)
{
	const struct client *client = facts->client;
	int64_t since_ns = silent_since(facts);

	for (size_t i = 0; i < client->hole_count && client->process; i++) {
		const struct hole *hole = &client->holes[i];
		int64_t from = later(hole->begin_ns, since_ns);
		int64_t until = hole->end_ns < facts->until_ns ? hole->end_ns : facts->until_ns;
		if (until - from > UNHEARD_NS && (!facts->hole || until - from > facts->hole->end_ns - facts->hole->begin_ns))
			facts->hole = hole;
	}
	for (const struct discarded *each = facts->model->discards; each; each = each->next)
		if (each->end_ns >= since_ns && each->begin_ns <= facts->until_ns && in_clock(facts, each->source))
			facts->discarded = each;
	for (const struct pause *each = facts->model->pauses; each; each = each->next)
		if ((!each->end_ns || each->end_ns >= since_ns) && each->begin_ns <= facts->until_ns)
			facts->pause = each;
	/* A client sends none while the cluster is paused: the age of the last acknowledged one grows all the same. */
	if (facts->pause && facts->lost_count && facts->lost[0]->seen < PING_CLIENT_LOG)
		facts->lost_count = 0;
	facts->unrecorded = client->last_ns + UNHEARD_NS < facts->until_ns;
	if (client->process && client->last_ns && facts->until_ns - client->last_ns > 2 * WATCH_OVERDUE_NS)
		facts->silent_ns = facts->until_ns - client->last_ns;
}

bool is_answerable(const struct facts *facts, const struct ping *ping)
{
	int64_t due_ns = ping->sent_ns + WATCH_SLACK_NS;
	int64_t until_ns =
	        !facts->client->process || facts->until_ns < facts->client->last_ns ? facts->until_ns : facts->client->last_ns;

	if (!facts->client->process && ping->source->end_ns && ping->source->end_ns < until_ns)
		until_ns = ping->source->end_ns;
	return due_ns <= until_ns && answer_was_recorded(facts->model, facts->client, ping);
}

static bool any_answerable(const struct facts *facts)
{
	for (size_t i = 0; i < facts->lost_count; i++)
		if (is_answerable(facts, facts->lost[i]))
			return true;
	return false;
}

/* ---- the OSD's own log ---- */

/* The OSD complained of a ping of this watch as it fell silent: not half a minute of health before. */
static void find_stuck_ping(struct facts *facts)
{
	const struct watch *watch = facts->watch;

	for (const struct slow_run *run = watch ? facts->model->slow_runs : NULL; run; run = run->next) {
		bool later_answered = facts->life_ns && run->last_ns + WATCH_OVERDUE_NS < facts->life_ns;
		if (run->cookie && run->cookie == watch->cookie && run->ts_ns <= facts->fence_ns + CLOCK_SLACK_NS &&
		    !later_answered &&
		    run->last_ns >= facts->fence_ns - (int64_t)facts->timeout_s * NS_PER_S - BREAKER_LOOKBACK_NS &&
		    (!run->client || run->client == facts->client) && model_log_of_cluster(run->source, facts->client) >= 0)
			facts->stuck_ping = run;
	}
}

static void find_osd_word(struct facts *facts)
{
	const struct watch *watch = facts->watch;
	int64_t until_ns;

	if (!watch || !watch->osd_ping_count)
		return;
	facts->osd_sign_ns = sign_in_osd_log(facts, watch->osd_source);
	until_ns = facts->osd_sign_ns ? facts->osd_sign_ns : facts->fence_ns + CLOCK_SLACK_NS;
	for (size_t i = 0; i < watch->osd_ping_count; i++)
		if (watch->osd_pings[i] <= until_ns)
			facts->osd_last_ns = watch->osd_pings[i];
	facts->osd_alive =
	        facts->osd_sign_ns && facts->osd_last_ns && facts->osd_sign_ns - facts->osd_last_ns <= WATCH_OVERDUE_NS;
}

/* It processed pings that the client calls lost, and so late that the watch cannot have timed out. One that it processed longer
 * before the fence only says that its answer was lost on the way. */
static bool osd_contradicts(const struct facts *facts)
{
	int64_t fence_ns = facts->osd_sign_ns ? facts->osd_sign_ns : facts->fence_ns;

	return facts->osd_last_ns && facts->osd_last_ns > facts->last_ack_sent_ns + WATCH_SLACK_NS &&
	       fence_ns - facts->osd_last_ns < (int64_t)facts->timeout_s * NS_PER_S &&
	       !(facts->watch && facts->watch->expired_ns >= facts->osd_last_ns);
}

/* ---- a watch that broke ---- */

/* Was all recorded from there to the watch's error, so that a registration would have been seen? */
static bool is_recorded_since(const struct facts *facts, const struct watch *broken, int64_t begin_ns)
{
	for (const struct discarded *each = facts->model->discards; each; each = each->next)
		if (each->end_ns >= begin_ns && each->begin_ns <= broken->error_ns && in_clock(facts, each->source))
			return false;
	return facts->client->first_ns <= begin_ns;
}

/* The list from before the fence lacks the owner, so its watch was gone by then. That this error tells of it is certain only
 * where the client had that watch before the fencer looked: one that was registered anew after the list is broken by the fence.
 */
static bool list_explains(const struct facts *facts, const struct watch *broken)
{
	bool not_listed = facts->listing && facts->listing_complete && !facts->owner_listed;

	if (!not_listed)
		return false;
	if (broken->registered_ns)
		return broken->registered_ns <= look_began(facts) || came_with_image(facts->image, broken);
	return is_recorded_since(facts, broken, look_began(facts));
}

/* One clock saw both, and the error came first. */
static bool is_before_command(const struct facts *facts, const struct watch *broken)
{
	const struct blocklist_action *action = facts->episode->first;

	return action && facts->clock && action->trace_ns && in_clock(facts, action->trace_source) &&
	       broken->error_ns + COARSE_CLOCK_NS < action->trace_ns;
}

/* The OSD's word that the watch timed out: the client's error only tells of that, unless one clock has it earlier. */
static bool only_tells_of_timeout(const struct facts *facts, const struct watch *watch)
{
	if (!watch->expired_ns)
		return false;
	return watch->expired_ns <= watch->error_ns + CLOCK_SLACK_NS || !watch->error_source || !watch->expired_source ||
	       !model_clocks_tied(facts->model, watch->expired_source, watch->error_source);
}

static void find_broken_watch(struct facts *facts)
{
	for (const struct watch *watch = facts_next_watch(facts, NULL); watch; watch = facts_next_watch(facts, watch))
		if (watch->error && watch->error != -ESHUTDOWN && watch->error_ns <= facts->until_ns &&
		    watch->error_ns >= facts->life_ns && !only_tells_of_timeout(facts, watch))
			facts->broken = watch;
	facts->broken_before = facts->broken && (facts->broken->error != -ENOTCONN || list_explains(facts, facts->broken) ||
	                                         is_before_command(facts, facts->broken));
}

/* ---- how it was ---- */

static int64_t silence_ns(const struct facts *facts)
{
	return facts->life_ns ? facts->until_ns - facts->life_ns : 0;
}

static bool stood_still(const struct facts *facts)
{
	int64_t since_ns = silent_since(facts), until_ns = facts->until_ns;

	if (!facts->stall || facts->stall_contradicted || until_ns - since_ns <= WATCH_OVERDUE_NS)
		return false;
	/* It ran, unheard, until the watch had run out: something else was the reason. */
	if (facts->overdue && facts->overdue->first_ns < facts->stall->begin_ns &&
	    facts->stall->begin_ns - since_ns >= facts->timeout_s * NS_PER_S)
		return false;
	for (size_t i = 0; i < facts->lost_count; i++) /* what was sent once it was awake again does not matter */
		if (facts->lost[i]->sent_ns < facts->stall->begin_ns + facts->stall->gap_ns)
			return false;
	/* After the watch has expired nothing matters any more: a client may be awake for a long time before it is fenced. */
	if (since_ns + facts->timeout_s * NS_PER_S < until_ns)
		until_ns = since_ns + facts->timeout_s * NS_PER_S;
	return 2 * stalled_between(facts->model, facts->client, since_ns, facts->until_ns, NULL) >= until_ns - since_ns;
}

/* A client that runs pings once a tick. If the last sign of life is older than that, the standstill does not explain the silence
 * before it. */
static bool was_healthy_till_stall(const struct facts *facts)
{
	return facts->stall->begin_ns - silent_since(facts) <= WATCH_OVERDUE_NS;
}

static bool surely_overdue(const struct facts *facts)
{
	return facts->overdue && facts->overdue->sure_ns && facts->overdue->sure_ns <= facts->until_ns;
}

/* Who saw that nothing was acknowledged: librados, the OSD by -107 after it, or the OSD's log. */
static bool has_witness(const struct facts *facts)
{
	return surely_overdue(facts) || facts->refused || facts->stuck_ping ||
	       (facts->broken && facts->broken->error == -ENOTCONN &&
	        facts->broken->error_ns - facts->life_ns > WATCH_OVERDUE_NS) ||
	       (facts->watch && facts->watch->expired_ns);
}

static bool hole_is_most(const struct facts *facts)
{
	int64_t since_ns = silent_since(facts);

	return facts->hole && 2 * facts_unheard(facts->client, since_ns, facts->until_ns) >= facts->until_ns - since_ns;
}

static enum link_status status_of_lost(const struct facts *facts)
{
	bool wire = facts->lost_count && facts->lost[0]->seen >= PING_CLIENT_LOG;
	bool witness = has_witness(facts) && !(facts->discarded && !surely_overdue(facts) && !facts->stuck_ping);

	if (facts->stuck_ping && facts->silence.osd_only)
		return STATUS_SEEN;
	/* A standstill hides no answer to a ping that had time enough outside of it. */
	if (facts->hole && !(facts->stall && !facts->stall_contradicted && any_answerable(facts)))
		return STATUS_INFERRED;
	if (!facts->sign_ns || !facts->one_clock || !witness)
		return STATUS_INFERRED;
	return wire || !facts->discarded ? STATUS_SEEN : STATUS_INFERRED;
}

/* A client that runs and is recorded, and yet sends no ping for long, was told not to: its pool is paused. A ping that it sends
 * later, and that the fence leaves unanswered, was not the reason for the fence. */
static bool sent_none_for_long(const struct facts *facts)
{
	int64_t since_ns = silent_since(facts), sent_ns = facts->lost[0]->sent_ns;

	if (facts->lost[0]->seen < PING_CLIENT_LOG || facts->hole || facts->discarded || facts->client->first_ns > since_ns)
		return false;
	return sent_ns - since_ns - stalled_between(facts->model, facts->client, since_ns, sent_ns, NULL) > 2 * WATCH_OVERDUE_NS;
}

static bool pings_were_lost(const struct facts *facts)
{
	if (facts->stuck_ping && facts->until_ns - silent_since(facts) > WATCH_OVERDUE_NS)
		return true;
	if (!facts->lost_count || sent_none_for_long(facts))
		return false;
	return any_answerable(facts) || (has_witness(facts) && !hole_is_most(facts));
}

static void set_kind(struct facts *facts, enum silence_kind kind, enum link_status status)
{
	facts->silence.kind = kind;
	facts->silence.status = status;
}

/* A command needs no watch to be gone. Where the call is not known, a lock breaker may have looked at another time than that of
 * the fence's first sign. */
static enum link_status status_of_alive(const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;
	bool command = action && action->entry && action->entry != FL_ENTRY_EXCLUSIVE_LOCK_BREAK;

	if (!facts->one_clock || !sign_is_near_refusal(facts))
		return STATUS_INFERRED;
	return command || watch_stood(facts) ? STATUS_SEEN : STATUS_INFERRED;
}

/* It failed long before the client was refused: hardly by the fence. */
static bool failed_long_before(const struct facts *facts)
{
	return facts->broken && facts->refused_from_ns && facts->broken->error_ns == facts->sign_ns &&
	       !sign_is_near_refusal(facts);
}

/* Its watch failed before the fence, and it was well until then. What was sent after that is of another watch. */
static bool failed_alive(const struct facts *facts)
{
	return facts->broken && (facts->broken_before || failed_long_before(facts)) && facts->life_ns &&
	       facts->broken->error_ns - facts->life_ns <= WATCH_OVERDUE_NS;
}

static void judge_silence(struct facts *facts)
{
	enum link_status gone = facts_gone(facts);
	bool alive = facts->life_ns && silence_ns(facts) <= WATCH_OVERDUE_NS;

	facts->silence.osd_only =
	        facts->watch && facts->watch->seen == PING_OSD_LOG && (!facts->client->process || !facts->client->process->pid);
	if (gone != STATUS_MISSING)
		set_kind(facts, SILENCE_GONE, gone);
	else if (stood_still(facts))
		set_kind(facts, SILENCE_STALLED,
		         facts->one_clock && facts->sign_ns && wire_shows(facts) && was_healthy_till_stall(facts)
		                 ? STATUS_SEEN
		                 : STATUS_INFERRED);
	else if (failed_alive(facts))
		set_kind(facts, SILENCE_ERROR, facts->one_clock && facts->broken_before ? STATUS_SEEN : STATUS_INFERRED);
	else if (alive)
		set_kind(facts, SILENCE_ALIVE, status_of_alive(facts));
	else if (pings_were_lost(facts))
		set_kind(facts, SILENCE_LOST, status_of_lost(facts));
	else if (facts->osd_alive)
		set_kind(facts, SILENCE_ALIVE, status_of_alive(facts));
	if (facts->silence.kind == SILENCE_LOST && osd_contradicts(facts)) {
		facts->silence.contradicted = true;
		facts->silence.status = STATUS_CONTRADICTED;
		if (facts->osd_alive) /* what the OSD has decides over the watch */
			facts->silence.kind = SILENCE_ALIVE;
	}
}

/* All that is found below, of a silence that ended at another time. */
void facts_silence_forget(struct facts *facts)
{
	free(facts->lost);
	facts->lost = NULL;
	facts->lost_count = 0;
	facts->last_ack = NULL;
	facts->last_ack_source = NULL;
	facts->last_ack_sent_ns = facts->last_ack_ns = facts->life_ns = 0;
	facts->refused = NULL;
	facts->overdue = NULL;
	facts->stall = NULL;
	facts->stalled_ns = facts->silent_ns = 0;
	facts->stall_contradicted = facts->unrecorded = facts->broken_before = facts->osd_alive = false;
	facts->hole = NULL;
	facts->discarded = NULL;
	facts->broken = NULL;
	facts->osd_last_ns = facts->osd_sign_ns = 0;
	facts->stuck_ping = NULL;
	facts->expired_ns = 0;
	facts->expired_from = NULL;
	facts->expired_logged = false;
	facts->silence.kind = SILENCE_UNKNOWN;
	facts->silence.status = STATUS_MISSING;
	facts->silence.contradicted = facts->silence.osd_only = false;
}

int facts_silence(struct facts *facts)
{
	if (!facts->client)
		return 0;
	find_life(facts);
	facts_standstills(facts);
	if (find_lost(facts))
		return -ENOMEM;
	find_overdue(facts);
	find_gaps(facts);
	find_stuck_ping(facts);
	find_osd_word(facts);
	find_broken_watch(facts);
	judge_silence(facts);
	return 0;
}
