/* SPDX-License-Identifier: MIT */
/*
 * The fence as the client's own clock shows it. No proof rests on the order of two hosts' clocks, so silence and life are
 * measured within one: up to the first -108 that the client got, or a -107 that nothing but -108 followed (a fence causes both).
 * What was answered with 0 again parts one fence's -108 from another's.
 */
#include "correlate/sign.h"
#include "correlate/episode.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/watches.h"
#include "model/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct moment {
	int64_t ns; /* 0: none */
	const struct source *source;
};

/* The earliest one after `after_ns`; with `last`, the latest one before `before_ns`. */
struct search {
	int64_t after_ns, before_ns;
	bool last;
	struct moment found;
};

static void sign_consider(struct search *search, int64_t ns, const struct source *source)
{
	if (!ns || ns <= search->after_ns || ns >= search->before_ns)
		return;
	if (!search->found.ns || (search->last ? ns > search->found.ns : ns < search->found.ns))
		search->found = (struct moment){ ns, source };
}

/* ---- whose clock ---- */

static const struct source *source_of_watch(const struct watch *watch)
{
	const struct source *source = watch->registered_source ? watch->registered_source : watch->error_source;

	for (size_t i = 0; i < watch->ping_count && !source; i++)
		source = watch->pings[i].seen == PING_OSD_LOG ? NULL : watch->pings[i].source;
	if (!source && watch->overdue_count)
		source = watch->overdues[0].source;
	return source || watch->seen == PING_OSD_LOG ? source : watch->last_ack_source;
}

static const struct source *clients_source(const struct findings *findings)
{
	const struct source *source = NULL;
	bool traced = findings->client && findings->client->process && findings->client->process->pid;

	if (!traced && findings->watch && findings->watch->seen == PING_OSD_LOG && findings->watch->osd_source)
		return findings->watch->osd_source; /* nobody else tells of its pings */
	for (const struct image *image = findings->client ? findings->client->images : NULL; image && !source;
	     image = image->next) {
		for (const struct watch *watch = image->watches; watch && !source; watch = watch->next)
			source = source_of_watch(watch);
		if (!source && image->eshutdown_runs)
			source = image->eshutdown_runs->source;
	}
	if (!source && findings->watch)
		source = findings->watch->osd_source ? findings->watch->osd_source : findings->watch->last_ack_source;
	return source;
}

/* ---- the client's -108, -107, and what was answered with 0 ---- */

/* A client that shuts down with I/O in flight gets -108, too: all of it at once. Where I/O fails one after the other the guest
 * still sends it, and its client was refused, even if the guest gave up soon. */
static bool is_closing(const struct image *image, const struct eshutdown_run *run)
{
	const struct client *client = image->client;

	if (client->shutdown_ns && run->begin_ns >= client->shutdown_ns)
		return true;
	if (run->end_ns - run->begin_ns > AT_ONCE_NS)
		return false;
	return image->close_ns && image->close_ns >= run->begin_ns && image->close_ns - run->begin_ns < CLOSING_NS &&
	       client->shutdown_ns;
}

static void refusals_of_image(struct search *search, const struct image *image)
{
	for (const struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next) {
		if (is_closing(image, run))
			continue;
		sign_consider(search, run->begin_ns, run->source);
		sign_consider(search, run->end_ns, run->source);
	}
	for (const struct watch *watch = image->watches; watch; watch = watch->next) {
		if (watch->error == -ESHUTDOWN)
			sign_consider(search, watch->error_ns, watch->error_source);
		for (size_t i = 0; i < watch->ping_count; i++)
			if (watch->pings[i].result == -ESHUTDOWN)
				sign_consider(search, watch->pings[i].reply_ns, watch->pings[i].source);
	}
}

static struct moment refusal(const struct findings *findings, int64_t after_ns, int64_t before_ns, bool last)
{
	struct search search = { after_ns, before_ns, last, { 0 } };
	const struct client *client = findings->client;

	for (const struct image *image = client->images; image; image = image->next)
		refusals_of_image(&search, image);
	for (const struct header_op *op = client->process ? findings->model->header_ops : NULL; op; op = op->next)
		if (op->result == -ESHUTDOWN && op->process == client->process && op->gid == client->global_id)
			sign_consider(&search, op->ts_ns, op->source);
	for (const struct failure_run *run = findings->model->failures; run; run = run->next)
		if (run->result == -ESHUTDOWN && run->client == client && is_on_clients_clock(findings, run->source)) {
			sign_consider(&search, run->begin_ns, run->source);
			sign_consider(&search, run->end_ns, run->source);
		}
	return search.found;
}

/* Answered with 0, though sent so long after that every OSD had the map with the fence. */
static struct moment life(const struct findings *findings, int64_t after_ns)
{
	struct search search = { after_ns, INT64_MAX, false, { 0 } };

	for (const struct image *image = findings->client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next) {
			if (watch_is_registered(watch) && watch->registered_ns > after_ns + WATCH_OVERDUE_NS)
				sign_consider(&search, watch->registered_ns, watch->registered_source);
			for (size_t i = 0; i < watch->ping_count; i++)
				if (watch->pings[i].reply_ns && watch->pings[i].result >= 0 &&
				    watch->pings[i].sent_ns > after_ns + WATCH_OVERDUE_NS)
					sign_consider(&search, watch->pings[i].reply_ns, watch->pings[i].source);
		}
	return search.found;
}

/* A run of -108 that no answer with 0 parts. */
struct refusals {
	struct moment begin;
	int64_t end_ns;
	int64_t again_ns; /* answered with 0 after it; 0: never */
};

static bool next_refusals(const struct findings *findings, int64_t after_ns, struct refusals *refusals)
{
	struct moment again;

	refusals->begin = refusal(findings, after_ns, INT64_MAX, false);
	if (!refusals->begin.ns)
		return false;
	again = life(findings, refusals->begin.ns);
	refusals->again_ns = again.ns;
	refusals->end_ns = refusal(findings, after_ns, again.ns ? again.ns : INT64_MAX, true).ns;
	return true;
}

/* ---- which of them are of this fence ---- */

static bool of_same_client(const struct episode *a, const struct episode *b)
{
	if (a->client && b->client && fsids_differ(a->client->fsid, b->client->fsid))
		return false;
	return a == b || (a->client && a->client == b->client) || address_same_client(&a->address, &b->address);
}

static size_t count_episodes(const struct findings *findings, size_t *place)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->episodes->count; i++) {
		if (!of_same_client(&findings->episodes->list[i], findings->episode))
			continue;
		if (&findings->episodes->list[i] == findings->episode)
			*place = count;
		count++;
	}
	return count;
}

static bool in_time(const struct findings *findings, int64_t ts_ns, int64_t before_ns)
{
	int64_t end_ns = findings->episode->end_ns;

	return ts_ns && ts_ns >= findings->fence_ns - before_ns && (end_ns == NO_END_NS || ts_ns <= end_ns + CLOCK_SLACK_NS);
}

bool findings_inside(const struct findings *findings, int64_t ts_ns)
{
	size_t place;

	return in_time(findings, ts_ns,
	               count_episodes(findings, &place) == 1 ? episode_reach(findings->episode) : CLOCK_SLACK_NS);
}

/* When the next fence of the same client came: what follows is not this one's. */
static int64_t next_fence_ns(const struct findings *findings)
{
	int64_t next_ns = INT64_MAX;

	for (size_t i = 0; i < findings->episodes->count; i++) {
		const struct episode *each = &findings->episodes->list[i];
		if (of_same_client(each, findings->episode) && each->begin_ns > findings->fence_ns && each->begin_ns < next_ns)
			next_ns = each->begin_ns;
	}
	return next_ns;
}

static struct refusals refusals_by_time(const struct findings *findings)
{
	int64_t end_ns = findings->episode->end_ns, next_ns = next_fence_ns(findings);
	struct refusals found = { 0 };

	end_ns = end_ns == NO_END_NS ? INT64_MAX : end_ns + CLOCK_SLACK_NS;
	if (next_ns != INT64_MAX && next_ns - CLOCK_SLACK_NS < end_ns)
		end_ns = next_ns - CLOCK_SLACK_NS;
	found.begin = refusal(findings, findings->fence_ns - CLOCK_SLACK_NS - 1, end_ns, false);
	if (found.begin.ns)
		found.end_ns = refusal(findings, found.begin.ns - 1, end_ns, true).ns;
	return found;
}

/* If there are as many runs of -108 as fences, the first run belongs to the first fence, the second to the second, and so on,
 * whatever the clocks say. Otherwise time decides. */
static bool refusals_of_fence(const struct findings *findings, struct refusals *found)
{
	size_t place = 0, fences = count_episodes(findings, &place), runs = 0;
	struct refusals each, nth = { 0 };

	for (int64_t after_ns = 0; next_refusals(findings, after_ns, &each); after_ns = each.end_ns, runs++)
		if (runs == place)
			nth = each;
	/* Under a fence that was never lifted nothing is answered again. */
	if (nth.again_ns && findings->episode->end_ns > nth.again_ns && !findings->episode->removed && place + 1 == fences)
		runs = fences + 1;
	*found = runs == fences && in_time(findings, nth.begin.ns, episode_reach(findings->episode)) ? nth
	                                                                                             : refusals_by_time(findings);
	return found->begin.ns != 0;
}

int64_t cut_off_before(const struct findings *findings)
{
	int64_t until_ns = findings->refused_from_ns ? findings->refused_from_ns : findings->until_ns;

	return findings->client && findings->earlier ? refusal(findings, findings->life_ns, until_ns, false).ns : 0;
}

/* A ping's -107 that ends its watch is told a moment before the watch's error: the two are one, and the error is it. */
static bool ends_its_watch(const struct watch *watch, const struct ping *ping)
{
	return watch->error == -ENOTCONN && watch->error_ns >= ping->reply_ns && watch->error_ns - ping->reply_ns <= AT_ONCE_NS;
}

/* -107 to a ping, or as the watch's error, after which nothing was answered with 0. */
static struct moment watch_refusal(const struct findings *findings, int64_t before_ns)
{
	struct search search = { 0, before_ns, false, { 0 } };

	for (const struct image *image = findings->client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next) {
			if (watch->error == -ENOTCONN)
				sign_consider(&search, watch->error_ns, watch->error_source);
			for (size_t i = 0; i < watch->ping_count; i++)
				if (watch->pings[i].result == -ENOTCONN && !ends_its_watch(watch, &watch->pings[i]))
					sign_consider(&search, watch->pings[i].reply_ns, watch->pings[i].source);
		}
	return search.found;
}

static struct moment last_watch_refusal(const struct findings *findings, int64_t before_ns)
{
	struct moment found = watch_refusal(findings, before_ns), again;

	/* An earlier failure that the client recovered from is no sign of this fence. Bounded by the pings that are kept. */
	for (int tries = 0; found.ns && tries < WATCH_PINGS; tries++) {
		struct search search = { found.ns, before_ns, false, { 0 } };
		for (const struct image *image = findings->client->images; image; image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next) {
				if (watch_is_registered(watch))
					sign_consider(&search, watch->registered_ns, watch->registered_source);
				for (size_t i = 0; i < watch->ping_count; i++)
					if (watch->pings[i].reply_ns && watch->pings[i].result >= 0)
						sign_consider(&search, watch->pings[i].reply_ns, watch->pings[i].source);
			}
		again = search.found;
		if (!again.ns)
			return found;
		search = (struct search){ again.ns, before_ns, false, { 0 } };
		for (const struct image *image = findings->client->images; image; image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next)
				if (watch->error == -ENOTCONN)
					sign_consider(&search, watch->error_ns, watch->error_source);
		found = search.found;
	}
	return (struct moment){ 0 };
}

/* ---- the clocks ---- */

/* When the command was given, by the clock that has it earliest. */
static int64_t command_ns(const struct blocklist_action *action)
{
	return earlier_ns(action->trace_ns, action->dispatch_ns ? action->dispatch_ns : action->finished_ns);
}

static bool is_refusal_of_osd(const struct failure_run *run, const struct client *client)
{
	return run->layer == LAYER_OSD && run->result == -ESHUTDOWN && run->client == client;
}

/* The first -108 that an OSD's log has of this fence; 0: none has. */
static int64_t refused_by_osd(const struct findings *findings)
{
	int64_t first_ns = 0;

	for (const struct failure_run *run = findings->model->failures; run; run = run->next)
		if (is_refusal_of_osd(run, findings->client) && findings_inside(findings, run->begin_ns))
			first_ns = earlier_ns(first_ns, run->begin_ns);
	return first_ns;
}

/* Refused before the command: a clock is wrong, or a command that no input holds had fenced it already. */
static void find_doubt(struct findings *findings)
{
	int64_t command = findings->episode->first ? command_ns(findings->episode->first) : 0;
	int64_t refused_ns = findings->refused_from_ns, osd_ns = findings->client ? refused_by_osd(findings) : 0;

	if (osd_ns && osd_ns + CLOCK_SLACK_NS < command)
		refused_ns = earlier_ns(refused_ns, osd_ns);
	if (!command || !refused_ns || refused_ns + COARSE_CLOCK_NS >= command)
		return;
	findings->doubtful_clocks = true;
	findings->clock_off_ns = command - refused_ns;
}

static bool is_commands_clock(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (!action)
		return false;
	return is_on_clients_clock(findings, action->trace_ns ? action->trace_source : action->audit_source);
}

int64_t sign_in_osd_log(const struct findings *findings, const struct source *log)
{
	const char *clock = model_clock(findings->model, log);
	const struct client *client = findings->client;
	int64_t sign_ns = 0;

	if (client && client->osd_fenced_source && !strcmp(clock, model_clock(findings->model, client->osd_fenced_source)))
		sign_ns = client->osd_fenced_ns;
	for (const struct failure_run *run = findings->model->failures; run; run = run->next)
		if (is_refusal_of_osd(run, client) && !strcmp(clock, model_clock(findings->model, run->source)))
			sign_ns = earlier_ns(sign_ns, run->begin_ns);
	return sign_ns;
}

void findings_sign(struct findings *findings)
{
	const struct source *source = clients_source(findings);
	struct refusals refusals = { 0 };
	struct moment lost_watch = { 0 };
	int64_t osd_ns = 0;

	findings->clock = source ? model_clock(findings->model, source) : NULL;
	findings->until_ns = findings->fence_ns;
	findings->one_clock = is_commands_clock(findings);
	if (!findings->client)
		return;
	if (refusals_of_fence(findings, &refusals)) {
		findings->refused_from_ns = refusals.begin.ns;
		findings->refused_until_ns = refusals.end_ns;
		findings->again_ns = life(findings, refusals.end_ns).ns;
	}
	lost_watch = last_watch_refusal(findings, refusals.begin.ns ? refusals.begin.ns : INT64_MAX);
	/* Without a -108 after it, a -107 is a sign only of what happened then; with one of another fence, it is of that. */
	if (lost_watch.ns && !refusals.begin.ns &&
	    (!in_time(findings, lost_watch.ns, episode_reach(findings->episode)) ||
	     refusal(findings, lost_watch.ns, INT64_MAX, false).ns))
		lost_watch.ns = 0;
	findings->sign_ns = earlier_ns(refusals.begin.ns, lost_watch.ns);
	findings->sign_source = findings->sign_ns == refusals.begin.ns ? refusals.begin.source : lost_watch.source;
	if (source && findings->watch && findings->watch->osd_source == source)
		osd_ns = sign_in_osd_log(findings, source);
	/* Where the OSD's log tells of the watch, it may have dropped that long before it refused the client anything. */
	if (osd_ns && in_time(findings, osd_ns, episode_reach(findings->episode)) &&
	    (!findings->sign_ns || osd_ns < findings->sign_ns)) {
		findings->sign_ns = osd_ns;
		findings->sign_source = source;
	}
	if (findings->sign_ns) {
		findings->until_ns = findings->sign_ns;
		findings->one_clock = true;
	}
	findings->clock_set = findings->client->process && findings->client->process->clock_set.ts_ns &&
	                      findings->client->process->clock_set.ts_ns <= findings->until_ns + WATCH_OVERDUE_NS;
	findings->one_clock &= !findings->clock_set;
	find_doubt(findings);
}
