/* SPDX-License-Identifier: MIT */
/*
 * What only logs tell of a fence. A -108 in a log belongs to the client or the VM that it names. If it names none, it belongs to
 * the only fence that stood at that time; if several stood, that is said, and it counts for none of them.
 */
#include "correlate/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const struct facts *facts, const struct failure_run *run)
{
	const struct client *client = facts->client;

	if (!client)
		return false;
	return run->client == client || run->holder == client ||
	       (run->process && run->process->pid && run->process == client->process);
}

static size_t count_candidates(const struct episodes *episodes, const struct failure_run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < episodes->count; i++)
		count += episode_explains(&episodes->list[i], run);
	return count;
}

static bool is_earlier(const struct failure_run *run, const struct failure_run *than)
{
	return !than || run->begin_ns < than->begin_ns;
}

/* Each I/O once: QEMU, librbd and the OSD may all tell of the same one, so those of one layer are counted. */
static void count_told(struct facts *facts)
{
	const struct failure_run *told = facts->told;

	for (const struct failure_run *run = told && !facts->failed ? told : NULL; run; run = run->next) {
		if (run->result != -ESHUTDOWN || run->layer != told->layer || run->source != told->source ||
		    !facts_inside(facts, run->begin_ns))
			continue;
		facts->failed_ios += run->ios;
		facts->failed_bytes += run->bytes;
	}
}

static void find_told(struct facts *facts, const struct episodes *episodes)
{
	for (const struct failure_run *run = facts->model->failures; run; run = run->next) {
		bool named = is_named(facts, run);
		size_t candidates = run->client && !named ? 0 : count_candidates(episodes, run);
		if (run->result != -ESHUTDOWN)
			continue;
		if (!run->begin_ns) {
			facts->told_undated = named || (!run->client && !run->process) ? run : facts->told_undated;
		} else if (named ? !facts_inside(facts, run->begin_ns) : !candidates || !episode_explains(facts->episode, run)) {
			continue;
		} else if (!named && candidates > 1) {
			facts->told_unclear = run;
			facts->told_candidates = candidates;
		} else if ((named && facts->told_by_time) || is_earlier(run, facts->told)) {
			facts->told = run;
			facts->told_by_time = !named;
		}
	}
	count_told(facts);
}

/* The guest's kernel knows no -108: it says -5, which is no fence by itself. */
static void find_guest_error(struct facts *facts, const struct episodes *episodes)
{
	for (const struct failure_run *run = facts->model->failures; run; run = run->next)
		if (run->layer == LAYER_GUEST && run->result != -ESHUTDOWN && run->begin_ns && !facts->guest_error &&
		    (is_named(facts, run) ? facts_inside(facts, run->begin_ns)
		                          : episode_explains(facts->episode, run) && count_candidates(episodes, run) == 1))
			facts->guest_error = run;
}

static void find_stuck_ping(struct facts *facts)
{
	const struct watch *watch = facts->watch;
	int64_t begin_ns = facts->fence_ns - (int64_t)facts->timeout_s * NS_PER_S - BREAKER_LOOKBACK_NS;

	for (const struct slow_run *run = watch ? facts->model->slow_runs : NULL; run; run = run->next)
		if (run->cookie && run->cookie == watch->cookie && run->ts_ns <= facts->fence_ns + CLOCK_SLACK_NS &&
		    run->last_ns >= begin_ns && (!run->client || run->client == facts->client))
			facts->stuck_ping = run;
}

static void find_breaker(struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;

	for (const struct breaker_logged *each = action ? facts->model->breakers : NULL; each; each = each->next) {
		bool owner = address_same_client(&each->address, &facts->episode->address) ||
		             (each->gid && facts->client && each->gid == facts->client->global_id);
		bool sender = !each->by_gid || !action->by_gid || each->by_gid == action->by_gid;
		if (owner && sender && llabs(each->ts_ns - action->ts_ns) <= BREAKER_LOOKBACK_NS)
			facts->breaker = each;
	}
}

void facts_logs(struct facts *facts, const struct episodes *episodes)
{
	find_told(facts, episodes);
	find_guest_error(facts, episodes);
	find_stuck_ping(facts);
	find_breaker(facts);
}
