/* SPDX-License-Identifier: MIT */
/*
 * When did the fencer look, by the client's own clock? Some time before the fence's first sign there: the monitors take their
 * time to commit, the map travels, and the client has to ask for something. A client whose watch was gone then may be back, and
 * well, when the fence arrives; one whose watch failed long before may get its first -108 much later.
 */
#include "correlate/look.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/senders.h"
#include "correlate/watches.h"

#include <errno.h>
#include <string.h>

bool is_on_clients_clock(const struct findings *findings, const struct source *source)
{
	return source && findings->clock && !strcmp(findings->clock, model_clock(findings->model, source));
}

bool may_be_on_clients_clock(const struct findings *findings, const struct source *source)
{
	return !source || !findings->clock || is_on_clients_clock(findings, source);
}

const struct discarded *discarded_between(const struct findings *findings, int64_t begin_ns, int64_t end_ns)
{
	const struct discarded *found = NULL;

	for (const struct discarded *each = findings->model->discards; each; each = each->next)
		if (each->end_ns >= begin_ns && each->begin_ns <= end_ns && may_be_on_clients_clock(findings, each->source))
			found = each;
	return found;
}

/* How long the monitors took, at most. */
int64_t commit_took(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (action && action->dispatch_ns && action->finished_ns >= action->dispatch_ns)
		return action->finished_ns - action->dispatch_ns;
	if (action && action->trace_ns && findings->lock_broken)
		return findings->lock_broken->ts_ns - action->trace_ns;
	return COMMIT_TAKES_NS;
}

int64_t look_began(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (action && action->trace_ns && is_on_clients_clock(findings, action->trace_source))
		return action->trace_ns - CLOCK_SLACK_NS;
	return findings->until_ns - commit_took(findings) - REFUSED_WITHIN_NS;
}

bool image_is_open(const struct findings *findings, const struct image *image)
{
	return !image->close_ns || image->close_ns >= look_began(findings);
}

size_t images_named(const struct findings *findings)
{
	size_t named = 0;

	for (const struct image *image = findings->client ? findings->client->images : NULL; image; image = image->next)
		named += (*image->name || *image->id) && image_is_open(findings, image);
	return named;
}

/* The watch that ended with the sign: was it the fence that the OSD dropped it for? */
static bool ended_watch_was_dropped(const struct findings *findings)
{
	for (const struct image *image = findings->client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next) {
			if (watch->dropped_fenced && watch->error_ns == findings->sign_ns)
				return true;
			for (size_t i = 0; i < watch->ping_count && watch->dropped_fenced; i++)
				if (watch->pings[i].reply_ns == findings->sign_ns)
					return true;
		}
	return false;
}

bool was_alive_when_refused(const struct findings *findings)
{
	return findings->refused_from_ns && findings->refused_from_ns - findings->life_ns <= WATCH_OVERDUE_NS;
}

/* librbd takes a watch that ended anew at once. Of a client that was alive a tick ago that is refused only if the fence was
 * there already: the OSD dropped the watch for it. (Seen on 16.2.15: -108 1 to 2 ms after the -107.) */
static bool was_refused_at_once(const struct findings *findings)
{
	return was_alive_when_refused(findings) && findings->refused_from_ns >= findings->sign_ns &&
	       findings->refused_from_ns - findings->sign_ns <= AT_ONCE_NS;
}

bool sign_is_by_fence(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	if (!findings->sign_ns || findings->sign_ns == findings->refused_from_ns)
		return true;
	/* The OSD found this very watch when it had the fence, or one clock has the -107 after the command. */
	if (ended_watch_was_dropped(findings) || was_refused_at_once(findings) || findings->sign_ns == findings->osd_sign_ns)
		return true;
	return action && action->trace_ns && is_on_clients_clock(findings, action->trace_source) &&
	       findings->sign_ns + COARSE_CLOCK_NS >= action->trace_ns;
}

/* The list that the fencer read before it sent the command still held the watch that ended with the sign. */
static bool ended_watch_was_listed(const struct findings *findings)
{
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch && findings->owner_listed;
	     watch = findings_next_watch(findings, watch))
		if (watch->cookie == findings->owner_listed->cookie && watch->error_ns == findings->sign_ns)
			return true;
	return false;
}

bool sign_is_near_refusal(const struct findings *findings)
{
	return sign_is_by_fence(findings) || was_alive_when_refused(findings) || ended_watch_was_listed(findings);
}

bool came_with_image(const struct image *image, const struct watch *watch)
{
	return watch == next_watch(image->watches, NULL) && watch->registered_ns && image->open_ns >= watch->registered_ns;
}

static bool watch_of_image_stood(const struct findings *findings, const struct image *image, int64_t begin_ns)
{
	const struct watch *first = next_watch(image->watches, NULL);
	bool stands = true;

	if (first && findings->client->first_ns > begin_ns && !came_with_image(image, first))
		return false;
	for (const struct watch *watch = first; watch; watch = next_watch(watch->next, NULL)) {
		if (watch->registered_ns >= findings->until_ns)
			continue;
		if (watch->error && watch->error_ns >= begin_ns && watch->error_ns < findings->until_ns)
			return false;
		if (watch_is_registered(watch) && watch->registered_ns >= begin_ns && !came_with_image(image, watch))
			return false;
		stands = !watch->error || watch->error_ns >= findings->until_ns; /* one that failed before, and was taken anew? */
	}
	return stands;
}

bool watch_stood(const struct findings *findings)
{
	int64_t begin_ns = look_began(findings);

	if (!findings_next_watch(findings, NULL))
		return false;
	/* Where the fencer does not say which lock it wanted, it may be the lock of any image of the client. */
	for (const struct image *image = findings->client->images; image; image = image->next)
		if ((image == findings->image || !findings->image_from_breaker) &&
		    !watch_of_image_stood(findings, image, begin_ns))
			return false;
	for (const struct discarded *each = findings->model->discards; each; each = each->next)
		if (each->end_ns >= begin_ns && each->begin_ns <= findings->until_ns &&
		    is_on_clients_clock(findings, each->source))
			return false;
	return true;
}

/* The one before it on the same header: what the fencer found missing. */
static const struct watch *watch_before(const struct findings *findings, const struct watch *last)
{
	const struct watch *found = NULL;

	for (const struct watch *watch = findings_next_watch(findings, NULL); watch && watch != last;
	     watch = findings_next_watch(findings, watch))
		if (watch_is_registered(watch))
			found = watch;
	return found;
}

const struct watch *watch_come_back(const struct findings *findings)
{
	bool looked = findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK || findings->entry == FL_ENTRY_BREAK_LOCK_API;
	const struct watch *watch = findings->watch, *before = watch ? watch_before(findings, watch) : NULL;

	if (!list_lacks_owner(findings) || !looked || !before || !findings->sign_ns || !findings->one_clock)
		return NULL;
	/* With two such times, nobody could say which was the fencer's. */
	if (findings->silence.kind == SILENCE_GONE || watch->registered_ns < look_began(findings) ||
	    before->registered_ns >= look_began(findings))
		return NULL;
	return watch;
}

const struct ping *answered_after_list(const struct findings *findings)
{
	const struct watchers_listing *listing = findings->listing;

	if (!list_lacks_owner(findings) || !is_on_clients_clock(findings, listing->source))
		return NULL;
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		for (size_t i = 0; i < watch->ping_count && watch->registered_ns <= listing->ts_ns; i++)
			if (watch->pings[i].reply_ns && watch->pings[i].result >= 0 && watch->pings[i].seen >= PING_CLIENT_LOG &&
			    watch->pings[i].sent_ns > listing->ts_ns + COARSE_CLOCK_NS &&
			    watch->pings[i].sent_ns <= findings->until_ns &&
			    is_on_clients_clock(findings, watch->pings[i].source))
				return &watch->pings[i];
	return NULL;
}

bool other_may_have_fenced(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct watchers_listing *listing = findings->listing;

	if (!action || action->audit_source || !listing)
		return false;
	for (size_t i = 0; i < listing->count; i++) {
		const struct watcher_seen *each = &listing->watchers[i];
		bool fencer = (action->by_gid && each->gid == action->by_gid) || address_same_client(&each->address, &action->by);

		if (!fencer && !address_same_client(&each->address, &findings->episode->address))
			return true;
	}
	return false;
}

bool cluster_is_open(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	return action && blocklist_is_of_many(action) && may_be_of_other_cluster(findings->model, action, findings->client);
}

bool result_may_be_discarded(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const char *clock;

	if (!action || !action->trace_ns || action->has_result || action->finished_ns)
		return false;
	clock = model_clock(findings->model, action->trace_source); /* a recording may be in several files */
	for (const struct discarded *each = findings->model->discards; each; each = each->next)
		if (!strcmp(clock, model_clock(findings->model, each->source)) && each->end_ns >= action->trace_ns &&
		    each->begin_ns <= action->trace_ns + COMMIT_WITHIN_NS)
			return true;
	return false;
}
