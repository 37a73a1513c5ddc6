/* SPDX-License-Identifier: MIT */
/* Gathers what is known of one fenced client: its image, watch, pings, stalls, what the lock breaker saw, its failed I/O. */
#include "correlate/gather.h"
#include "correlate/episode.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/findings_after.h"
#include "correlate/findings_logs.h"
#include "correlate/look.h"
#include "correlate/senders.h"
#include "correlate/sign.h"
#include "correlate/silence.h"
#include "correlate/wanted.h"
#include "correlate/watches.h"
#include "model/clients.h"
#include "model/fences.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- whose lock was broken ---- */

static const struct image *image_named(const struct client *client, const char *pool, const char *name, const char *id)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next)
		if (is_on_image(image, pool, name, id))
			return image;
	return NULL;
}

/* The image whose lock, or whose snapshot call, the blocklister was busy with. */
static const struct image *image_of_breaker(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct image *image = findings->wanted ? image_of_header(findings->client, findings->wanted) : NULL, *other;

	if (image || findings->wanted || findings->wants_several || !action)
		return image;
	for (const struct snapshot_call *call = findings->model->snapshots; call; call = call->next) {
		if (!is_sender(action, call->process, call->gid) || !is_open_at(call, action->ts_ns))
			continue;
		other = image_named(findings->client, call->pool, call->image_name, call->image_id);
		if (image && other && image != other) /* it takes snapshots of both */
			return NULL;
		image = image ? image : other;
	}
	for (const struct header_op *op = findings->model->header_ops; op && !image; op = op->next)
		if (is_sender(action, op->process, op->gid) && !strncmp(op->method, "lock.", 5) &&
		    llabs(op->ts_ns - action->ts_ns) < BREAKER_LOOKBACK_NS)
			image = image_of_header(findings->client, op->oid);
	return image;
}

static bool is_named(const struct image *image)
{
	return *image->name || *image->id;
}

/* When the watches on this header were last answered, by what is known at the end. */
static int64_t last_answer(const struct image *image, const char *oid)
{
	int64_t last_ns = 0;

	for (const struct watch *watch = next_watch(image->watches, oid); watch; watch = next_watch(watch->next, oid)) {
		last_ns = watch->last_ack_sent_ns > last_ns ? watch->last_ack_sent_ns : last_ns;
		last_ns = watch_is_registered(watch) && watch->registered_ns > last_ns ? watch->registered_ns : last_ns;
	}
	return last_ns;
}

static bool has_expired(const struct image *image, const char *oid, int64_t by_ns)
{
	for (const struct watch *watch = next_watch(image->watches, oid); watch; watch = next_watch(watch->next, oid))
		if (watch->expired_ns && watch->expired_ns <= by_ns + CLOCK_SLACK_NS)
			return true;
	return false;
}

struct candidate {
	const struct image *image;
	const char *oid; /* NULL: no watch of it is known */
};

static int64_t answered(const struct candidate *candidate)
{
	return candidate->oid ? last_answer(candidate->image, candidate->oid) : 0;
}

static int64_t failed_at(const struct candidate *candidate)
{
	int64_t ns = candidate->image ? candidate->image->first_eshutdown.ts_ns : 0;

	return ns ? ns : INT64_MAX;
}

struct candidates {
	struct candidate first, failed, expired, silent;
	int64_t latest_ns;
};

static void gather_consider(struct candidates *candidates, const struct findings *findings, struct candidate each)
{
	int64_t last_ns = answered(&each);

	if (!candidates->first.image)
		candidates->first = each;
	if (failed_at(&each) < failed_at(&candidates->failed))
		candidates->failed = each;
	if (!candidates->expired.image && each.oid && has_expired(each.image, each.oid, findings->fence_ns))
		candidates->expired = each;
	candidates->latest_ns = last_ns > candidates->latest_ns ? last_ns : candidates->latest_ns;
	if (last_ns && (!candidates->silent.image || last_ns < answered(&candidates->silent)))
		candidates->silent = each;
}

/* Where the blocklister does not say whose lock it wanted: an image whose watch had expired; else the one that fell silent more
 * than a tick before the others; else the one that failed first; else the first. An image that no event names may have watches on
 * several headers. */
static struct candidate likely_image(const struct findings *findings)
{
	struct candidates found = { 0 };

	for (const struct image *image = findings->client ? findings->client->images : NULL; image; image = image->next) {
		bool watched = false;
		if (image->close_ns && image->close_ns < findings->fence_ns - REFUSED_WITHIN_NS)
			continue;
		for (const struct watch *watch = next_watch(image->watches, NULL); watch; watch = next_watch(watch->next, NULL)) {
			gather_consider(&found, findings, (struct candidate){ image, watch->oid });
			watched = true;
		}
		if (!watched && is_named(image))
			gather_consider(&found, findings, (struct candidate){ image, NULL });
	}
	if (found.expired.image)
		return found.expired;
	if (found.silent.image && found.latest_ns - answered(&found.silent) > WATCH_OVERDUE_NS)
		return found.silent;
	return found.failed.image ? found.failed : found.first;
}

/* ---- its watch ---- */

static const struct watch *watch_at(const struct findings *findings, int64_t at_ns)
{
	const struct watch *found = NULL;

	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		if (watch_is_registered(watch) && watch->registered_ns <= at_ns)
			found = watch;
	return found;
}

static void find_image(struct findings *findings)
{
	struct candidate likely;

	findings_wanted(findings);
	findings->image = image_of_breaker(findings);
	findings->image_from_breaker = findings->image != NULL;
	if (findings->image) {
		findings->oid = findings->wanted;
		return;
	}
	likely = likely_image(findings);
	findings->image = likely.image;
	findings->oid = likely.oid;
}

static void find_break_call(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	for (const struct lock_break_call *call = findings->model->lock_breaks; call && action; call = call->next)
		if (is_sender(action, call->process, call->gid) && call->begin_ns <= action->ts_ns &&
		    (!call->end_ns || call->end_ns >= action->ts_ns))
			findings->break_call = call;
}

static void find_earlier_fence(struct findings *findings)
{
	const struct blocklist_action *action = findings->model->blocklists;

	for (; action && findings->episode->first && action->ts_ns < findings->episode->opened_ns; action = action->next)
		if (!strcmp(action->op, "add") && !command_failed(action) &&
		    blocklist_covers(action, &findings->episode->address))
			findings->earlier = action;
}

/* The lock that the fencer broke after its command. It breaks none before the monitors have taken the command. */
static void find_lock_broken(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	for (const struct header_op *op = findings->model->header_ops; op && action; op = op->next)
		if (op->result >= 0 && is_break_after(action, op))
			findings->lock_broken = findings->lock_broken ? findings->lock_broken : op;
}

static bool has_command(const struct findings *findings, const struct header_op *op)
{
	for (const struct blocklist_action *action = findings->model->blocklists; action; action = action->next)
		if (!strcmp(action->op, "add") && blocklist_covers(action, &findings->episode->address) &&
		    is_sender(action, op->process, op->gid))
			return true;
	return false;
}

/* Two clients may want the lock at once. Whose command fenced the owner is open in two cases: another client broke the lock and
 * no input holds its command, or the sender found the lock broken already. */
static void find_other_breaker(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const char *oid = findings->listing ? findings->listing->oid
	                  : findings->oid   ? findings->oid
	                  : findings->watch ? findings->watch->oid
	                                    : NULL;

	for (const struct header_op *op = findings->model->header_ops; op && action && action->trace_ns && oid; op = op->next) {
		bool own = is_sender(action, op->process, op->gid);
		if (strcmp(op->method, "lock.break_lock") || strcmp(op->oid, oid) ||
		    llabs(op->ts_ns - action->trace_ns) > BREAKER_LOOKBACK_NS)
			continue;
		if (own ? op->result == -ENOENT : op->result >= 0 && !has_command(findings, op))
			findings->other_breaker = op;
	}
}

static void find_breaker(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	for (const struct breaker_logged *each = action ? findings->model->breakers : NULL; each; each = each->next)
		if (blocklist_is_of_breaker(findings->model, each, action))
			findings->breaker = each;
}

static bool may_have_sent(const struct findings *findings, const struct client *client)
{
	const struct blocklist_action *action = findings->episode->first;
	const char *fsid = findings->client ? findings->client->fsid : "";

	if (client == findings->client || fsids_differ(fsid, client->fsid))
		return false;
	if (action->by.family && client->address.family)
		return address_same_client(&client->address, &action->by);
	return action->by_gid && client->global_id == action->by_gid;
}

/* The sender has an image open that the fenced client has, too, or one that no input names: a librbd, which may have wanted the
 * lock. `ceph` watches nothing. */
static bool sender_watches_image(const struct findings *findings)
{
	for (const struct client *client = findings->model->clients; client; client = client->next)
		for (const struct image *image = may_have_sent(findings, client) ? client->images : NULL; image;
		     image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next)
				if (!*watch->oid || image_of_header(findings->client, watch->oid))
					return true;
	return false;
}

/* The client's own trace has no sign of the fence, or its clock was set or is in doubt: when it came, by the client's clock, is
 * not known. */
static bool rests_on_two_clocks(const struct findings *findings)
{
	return findings->client && findings->client->process &&
	       (!findings->sign_ns || findings->clock_set || findings->doubtful_clocks);
}

/* All that the client has open, so that none of them can be the one whose owner was found without a watch. An OSD's log tells of
 * those that this OSD holds. */
static bool images_are_known(const struct findings *findings)
{
	return findings->client && findings->client->process;
}

/* How the command came in. An audit line alone does not tell: librbd's own fence and a person's look alike in it, but librbd
 * fences nobody whose watch it finds, and never a range or a whole host. */
static void find_entry(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (!action)
		return;
	findings->entry = action->entry;
	if (!findings->entry && findings->breaker)
		findings->entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK;
	if (findings->entry)
		return;
	if (blocklist_is_of_many(action) ||
	    (!strcmp(action->entity, "client.admin") && !findings->silence.contradicted &&
	     (findings->silence.kind == SILENCE_ALIVE || findings->watch_there) && !rests_on_two_clocks(findings) &&
	     sign_is_by_fence(findings) && watch_stood(findings) && images_are_known(findings) &&
	     !sender_watches_image(findings))) {
		findings->entry = FL_ENTRY_MONITOR_COMMAND;
		findings->entry_inferred = true;
	}
}

/* The last answer with 0 while the fence should have stood, and before anything was refused. */
static int64_t last_answer_under_fence(const struct findings *findings)
{
	int64_t end_ns = findings->refused_from_ns ? findings->refused_from_ns : findings->episode->end_ns, last_ns = 0;

	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		for (size_t i = 0; i < watch->ping_count; i++)
			if (watch->pings[i].result >= 0 && watch->pings[i].reply_ns > last_ns &&
			    watch->pings[i].reply_ns < end_ns)
				last_ns = watch->pings[i].reply_ns;
	return last_ns;
}

/* A command that never finished fenced nobody. */
static void find_uncommitted(struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	int64_t since_ns = action ? action->finished_ns ? action->finished_ns : action->ts_ns : 0;
	int64_t answered_ns = action ? last_answer_under_fence(findings) : 0;

	/* If the sender's clock and the monitors' disagree, the earlier of the two times proves nothing. */
	if (findings->lock_broken && (findings->lock_broken->ts_ns < since_ns) == !command_is_apart(action))
		since_ns = findings->lock_broken->ts_ns;
	if (action && command_is_apart(action) && action->trace_ns > since_ns)
		since_ns = action->trace_ns;
	if (answered_ns > since_ns + FENCE_REACHES_ALL_NS)
		findings->answered_after_ns = answered_ns;
	findings->answered_between = findings->episode->adds > 1 && answered_ns > since_ns + CLOCK_SLACK_NS;
	findings->uncommitted = action && findings->answered_after_ns && !findings->refused_from_ns &&
	                        !findings->episode->listed && !blocklist_committed(findings->model, action);
}

/* The silence that the fencer found, if the client came back before the fence reached it. */
static int find_silence_before(struct findings *findings)
{
	const struct watch *back = watch_come_back(findings), *before;

	if (!back)
		return 0;
	findings->came_back = back;
	findings->until_ns = back->registered_ns - later(back->registered_latency_ns, 1);
	before = watch_at(findings, findings->until_ns);
	if (!before)
		return 0;
	if (before->error && before->error_ns < findings->until_ns)
		findings->until_ns = before->error_ns;
	findings->watch = before;
	findings_silence_forget(findings);
	if (findings_silence(findings))
		return -ENOMEM;
	findings_expiry(findings);
	return 0;
}

int findings_gather(struct findings *findings, const struct model *model, const struct episodes *episodes,
                    const struct episode *episode, const struct correlate_options *options)
{
	*findings = (struct findings){ .model = model, .episodes = episodes, .episode = episode, .client = episode->client };
	findings->fence_ns = episode->begin_ns;
	find_image(findings);
	findings->watch = watch_at(findings, findings->fence_ns);
	find_earlier_fence(findings);
	findings_sign(findings);
	findings->watch = watch_at(findings, findings->until_ns);
	findings->timeout_s = watch_timeout(model, findings->watch, findings->watch ? findings->watch->oid : NULL,
	                                    findings->fence_ns, options, &findings->timeout_from, &findings->timeouts_differ);
	findings_listing(findings);
	if (findings_silence(findings))
		return -ENOMEM;
	findings_expiry(findings);
	find_break_call(findings);
	find_lock_broken(findings);
	find_other_breaker(findings);
	find_breaker(findings);
	find_entry(findings);
	if (find_silence_before(findings))
		return -ENOMEM;
	find_uncommitted(findings);
	findings_after(findings);
	findings_logs(findings);
	return 0;
}

void findings_release(struct findings *findings)
{
	free(findings->lost);
	findings->lost = NULL;
}
