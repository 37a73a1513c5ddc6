/* SPDX-License-Identifier: MIT */
/*
 * Near misses: the chain of an incident that stopped before the blocklist. One per client, image and episode; an episode
 * runs from the first lost ping to the next acknowledged one or to the new watch.
 */
#include "correlate/near_miss.h"
#include "correlate/episode.h"
#include "correlate/evidence_line.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/senders.h"
#include "correlate/ping_fate.h"
#include "correlate/standstill.h"
#include "correlate/watches.h"
#include "model/fences.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search { /* one image's pings, walked in order of time */
	const struct model *model;
	const struct episodes *episodes;
	const struct correlate_options *options;
	struct verdicts *verdicts;
	const struct image *image;
	int64_t alive_ns; /* send time of the last acknowledged ping, or a registration after it */
	bool open;        /* inside an episode */
	enum near_kind kind;
	int64_t begin_ns, longest_gap_ns;
	size_t lost;
	bool unheard; /* only the OSD's log tells: it heard no ping, sent or not */
	const char *osd;
	bool other_osd; /* pings to another one were not acknowledged, either */
	int32_t error;
};

static bool has_incident(const struct search *search, int64_t begin_ns, int64_t end_ns)
{
	const struct client *client = search->image->client;

	for (size_t i = 0; i < search->episodes->count; i++) {
		const struct episode *episode = &search->episodes->list[i];
		if (!episode_is_of(search->model, episode, client))
			continue;
		if (begin_ns <= episode->end_ns && (!end_ns || end_ns + CLOCK_SLACK_NS >= episode->begin_ns))
			return true;
	}
	return false;
}

static int near_miss_text(const struct search *search, bool recovered, char **text)
{
	static const char *const reached[] = { "the watch did not expire", "the watch expired", "the watch ended with an error" };
	bool open = search->kind == NEAR_PINGS_LOST && !recovered;
	char lost[160] = "no ping was lost", error[32] = "", silent[48] = "";

	if (search->unheard)
		snprintf(lost, sizeof lost, "%s heard no watch ping in time",
		         search->osd && *search->osd ? search->osd : "the OSD");
	if (search->lost)
		snprintf(lost, sizeof lost, "%zu watch ping%s to %s%s not acknowledged", search->lost,
		         search->lost == 1 ? "" : "s", search->osd && *search->osd ? search->osd : "the OSD",
		         search->other_osd ? " and another OSD" : "");
	if (!search->lost && !search->unheard && !search->alive_ns)
		snprintf(lost, sizeof lost, "no input shows its pings");
	if (search->longest_gap_ns)
		snprintf(silent, sizeof silent, ", silent for %.1f s", (double)search->longest_gap_ns / NS_PER_S);
	if (search->kind == NEAR_WATCH_ERROR)
		snprintf(error, sizeof error, " (%" PRId32 ")", search->error);
	return asprintf(text, "%s%s; %s%s%s; the inputs hold no fence of it", lost, silent,
	                open ? "the watch is not seen to expire" : reached[search->kind], error,
	                !recovered                        ? ", and it is not seen to have come back"
	                : search->kind == NEAR_PINGS_LOST ? ""
	                                                  : " and was registered again") < 0
	               ? -ENOMEM
	               : 0;
}

static void gap_until(struct search *search, int64_t ts_ns)
{
	if (search->alive_ns && ts_ns - search->alive_ns > search->longest_gap_ns)
		search->longest_gap_ns = ts_ns - search->alive_ns;
}

/* With -110 the OSD knows the watch still: its client is disconnected. */
static bool had_no_watch(const struct search *search)
{
	return search->kind == NEAR_WATCH_EXPIRED || (search->kind == NEAR_WATCH_ERROR && search->error != -ETIMEDOUT);
}

/* end_ns 0: the inputs end before the episode does; until_ns is when the client was last heard of. */
static int close_episode(struct search *search, int64_t end_ns, int64_t until_ns)
{
	struct verdicts *verdicts = search->verdicts;
	struct near_miss *list;

	if (!search->open)
		return 0;
	gap_until(search, end_ns ? end_ns : until_ns);
	search->open = false;
	if (has_incident(search, search->begin_ns, end_ns))
		return 0;
	list = realloc(verdicts->near_misses, (verdicts->near_miss_count + 1) * sizeof *list);
	if (!list)
		return -ENOMEM;
	verdicts->near_misses = list;
	list += verdicts->near_miss_count;
	*list = (struct near_miss){ .image = search->image,
		                    .client = search->image->client,
		                    .kind = search->kind,
		                    .begin_ns = search->begin_ns,
		                    .end_ns = end_ns,
		                    .longest_ping_gap_ns = search->longest_gap_ns,
		                    .had_no_watch = had_no_watch(search) };
	if (near_miss_text(search, end_ns != 0, &list->text))
		return -ENOMEM;
	verdicts->near_miss_count++;
	return 0;
}

static void reach(struct search *search, enum near_kind kind, int64_t begin_ns)
{
	if (!search->open) {
		search->open = true;
		search->kind = kind;
		search->begin_ns = begin_ns;
		search->longest_gap_ns = 0;
		search->lost = 0;
		search->unheard = false;
		search->osd = NULL;
		search->other_osd = false;
	}
	if (kind > search->kind)
		search->kind = kind;
}

static int walk_pings(struct search *search, const struct watch *watch)
{
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		bool refused = ping->reply_ns && ping->result < 0;
		if (ping->reply_ns && !refused) {
			if (close_episode(search, ping->sent_ns, 0))
				return -ENOMEM;
			search->alive_ns = ping->sent_ns;
			continue;
		}
		if (ping->result == -ESHUTDOWN || (!refused && !ping_was_lost(search->model, watch, ping)))
			continue; /* the fence has come: nothing that was missed */
		reach(search, refused ? NEAR_WATCH_EXPIRED : NEAR_PINGS_LOST, ping->sent_ns);
		search->lost++;
		search->other_osd |= *ping->osd && search->osd && strcmp(search->osd, ping->osd) != 0;
		if (*ping->osd)
			search->osd = ping->osd;
	}
	return 0;
}

/* A client that stood still lost no ping; its episode begins where it stopped. */
static int64_t silence_began(const struct search *search, int64_t until_ns)
{
	const struct stall *stall = NULL;

	if (search->image->client->process)
		stalled_between(search->model, search->image->client, search->alive_ns, until_ns, &stall);
	return stall ? stall->begin_ns : until_ns;
}

static const struct watch *next_header_watch(const struct watch *watch)
{
	do
		watch = watch->next;
	while (watch && (!watch_is_header(watch) || !watch_is_registered(watch)));
	return watch;
}

static int64_t timeout_ns(const struct search *search, const struct watch *watch)
{
	const char *from;
	bool differ;

	return watch_timeout(search->model, watch, watch->oid, search->image->client->last_ns, search->options, &from, &differ) *
	       NS_PER_S;
}

static int end_of_watch(struct search *search, const struct watch *watch)
{
	const struct watch *next = next_header_watch(watch);
	const struct client *client = search->image->client;

	if (watch->expired_ns) {
		reach(search, NEAR_WATCH_EXPIRED, silence_began(search, watch->expired_ns));
		search->unheard = watch->seen == PING_OSD_LOG;
		search->osd = search->osd ? search->osd : watch->osd;
	}
	if (watch->error && watch->error != -ESHUTDOWN) {
		reach(search, NEAR_WATCH_ERROR, silence_began(search, watch->error_ns));
		search->error = watch->error;
	}
	if (next && next->registered_ns) {
		/* One that was taken anew sooner than its timeout was lost in another way, or connected anew. */
		if (search->open && search->alive_ns && next->registered_ns - search->alive_ns > timeout_ns(search, watch))
			reach(search, NEAR_WATCH_EXPIRED, 0);
		if (close_episode(search, next->registered_ns, 0))
			return -ENOMEM;
		search->alive_ns = next->registered_ns;
		return 0;
	}
	if (!next && watch->unregistered_ns && !watch->error) /* given up in good order: nobody waits for it any more */
		return close_episode(search, watch->unregistered_ns, 0);
	if (!next && search->open && search->alive_ns && client->last_ns - search->alive_ns > timeout_ns(search, watch))
		reach(search, NEAR_WATCH_EXPIRED, 0);
	return next ? 0 : close_episode(search, 0, client->last_ns);
}

static int search_image(struct search *search)
{
	for (const struct watch *watch = search->image->watches; watch; watch = watch->next) {
		if (!watch_is_header(watch) || !watch_is_registered(watch))
			continue;
		if (watch->registered_ns > search->alive_ns)
			search->alive_ns = watch->registered_ns;
		if (walk_pings(search, watch) || end_of_watch(search, watch))
			return -ENOMEM;
	}
	return 0;
}

/* ---- the kernel's own client ---- */

/* A fence causes a -107, too. */
static bool may_be_of_fence(const struct episodes *episodes, const struct failure_run *run)
{
	const struct client *client = run->client ? run->client : run->holder;

	for (size_t i = 0; i < episodes->count; i++)
		if (episodes->list[i].client == client || episode_explains(&episodes->list[i], run))
			return true;
	return false;
}

/* The same device was refused soon after: the fence came, whoever the logs say it was for. */
static bool was_refused_after(const struct model *model, const struct failure_run *run)
{
	for (const struct failure_run *next = model->failures; next; next = next->next)
		if (next->layer == LAYER_HOST && next->result == -ESHUTDOWN && next->source == run->source && *run->device &&
		    !strcmp(next->device, run->device) && next->begin_ns >= run->begin_ns &&
		    next->begin_ns - run->end_ns <= STORY_NS)
			return true;
	return false;
}

/* krbd tells of a watch that failed, by its device, and of nothing before or after: neither of pings nor of a new watch. */
static int find_kernels(const struct model *model, const struct episodes *episodes, struct verdicts *verdicts)
{
	for (const struct failure_run *run = model->failures; run; run = run->next) {
		const struct client *client = run->client ? run->client : run->holder;
		struct near_miss *list;

		if (run->layer != LAYER_HOST || run->result != -ENOTCONN || may_be_of_fence(episodes, run) ||
		    was_refused_after(model, run))
			continue;
		list = realloc(verdicts->near_misses, (verdicts->near_miss_count + 1) * sizeof *list);
		if (!list)
			return -ENOMEM;
		verdicts->near_misses = list;
		list += verdicts->near_miss_count;
		*list = (struct near_miss){
			.client = client, .kind = NEAR_WATCH_ERROR, .begin_ns = run->begin_ns, .had_no_watch = true
		};
		if (asprintf(&list->text,
		             "the kernel's client of %s%s%s: no input shows its pings; the watch ended with an error (%" PRId32
		             "); the inputs hold no fence of it, and it is not seen to have come back",
		             *run->device ? run->device : "an image", *run->source->host ? " on " : "", run->source->host,
		             run->result) < 0) {
			list->text = NULL;
			return -ENOMEM;
		}
		verdicts->near_miss_count++;
	}
	return 0;
}

/* ---- fences that the monitors refused ---- */

static const char *why_refused(int32_t result, bool of_lock)
{
	if (result == -EACCES)
		return ": its caps do not allow it (`profile rbd` does)";
	if (result != -EINVAL)
		return "";
	return of_lock ? ": the monitors do not understand it (rbd_blocklist_expire_seconds other than 0 does that from 16 on)"
	               : ": the monitors do not understand it";
}

static bool is_listed_already(const struct verdicts *verdicts, const char *address_text, int64_t ts_ns)
{
	for (size_t i = 0; i < verdicts->near_miss_count; i++) {
		const struct near_miss *each = &verdicts->near_misses[i];
		if (each->kind == NEAR_FENCE_REFUSED && llabs(each->begin_ns - ts_ns) <= BREAKER_LOOKBACK_NS &&
		    !strcmp(each->address_text ? each->address_text : "", address_text ? address_text : ""))
			return true;
	}
	return false;
}

/* Nobody is fenced, but the lock cannot be taken over. Who, whom, why. */
static int add_refused(const struct model *model, struct verdicts *verdicts, const char *who, const char *target,
                       const struct address *address, int32_t result, int64_t ts_ns, bool of_lock)
{
	struct near_miss *list;

	if (is_listed_already(verdicts, target, ts_ns))
		return 0;
	list = realloc(verdicts->near_misses, (verdicts->near_miss_count + 1) * sizeof *list);
	if (!list)
		return -ENOMEM;
	verdicts->near_misses = list;
	list += verdicts->near_miss_count;
	*list = (struct near_miss){ .client = address->family ? model_client_by_address(model, address, ts_ns) : NULL,
		                    .kind = NEAR_FENCE_REFUSED,
		                    .of_lock = of_lock,
		                    .begin_ns = ts_ns };
	if (target && !(list->address_text = strdup(target)))
		return -ENOMEM;
	if (asprintf(&list->text, "%s wanted to fence %s and was refused (%" PRId32 ")%s; that command fenced nobody%s", who,
	             target ? target : "a lock's owner", result, why_refused(result, of_lock),
	             of_lock ? ", so the lock could not be taken over by it" : "") < 0) {
		list->text = NULL;
		return -ENOMEM;
	}
	verdicts->near_miss_count++;
	return 0;
}

static int find_refused(const struct model *model, struct verdicts *verdicts)
{
	char text[128], who[256];

	for (const struct blocklist_action *action = model->blocklists; action; action = action->next) {
		const char *target =
		        action->address.family ? address_format(&action->address, text, sizeof text) : action->target;
		if (strcmp(action->op, "add") || !command_failed(action))
			continue;
		if (*action->entity)
			snprintf(who, sizeof who, "%s", action->entity);
		else
			process_text(action->process, who, sizeof who);
		if (add_refused(model, verdicts, who, target, &action->address, action->result, action->ts_ns,
		                action->entry != FL_ENTRY_MONITOR_COMMAND && action->entry != FL_ENTRY_BLOCKLIST_API))
			return -ENOMEM;
	}
	for (const struct breaker_logged *each = model->breakers; each; each = each->next) {
		const struct client *owner = each->gid ? client_of(model, NULL, each->gid) : NULL;
		const struct address *address = each->address.family || !owner ? &each->address : &owner->address;
		const char *target = address->family ? address_format(address, text, sizeof text) : NULL;
		if (blocklist_is_refusal(each->result) && add_refused(model, verdicts, "a lock breaker, by its own log,", target,
		                                                      address, each->result, each->ts_ns, true))
			return -ENOMEM;
	}
	return 0;
}

/* Somebody did want the lock while the watch was gone, and was refused: what would have been is not told. */
static void forget_who_wanted(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->near_miss_count; i++) {
		const struct near_miss *refused = &verdicts->near_misses[i];
		for (size_t j = 0; j < verdicts->near_miss_count && refused->of_lock && refused->client; j++) {
			struct near_miss *each = &verdicts->near_misses[j];
			if (each->client == refused->client && each->begin_ns <= refused->begin_ns &&
			    (!each->end_ns || each->end_ns >= refused->begin_ns))
				each->had_no_watch = false;
		}
	}
}

static const char *address_of(const struct near_miss *near_miss)
{
	return near_miss->client ? near_miss->client->address_text : near_miss->address_text ? near_miss->address_text : "";
}

static int compare_near_misses(const void *a, const void *b)
{
	const struct near_miss *x = a, *y = b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return strcmp(address_of(x), address_of(y));
}

int near_misses_find(const struct model *model, const struct episodes *episodes, const struct correlate_options *options,
                     struct verdicts *verdicts)
{
	for (const struct client *client = model->clients; client; client = client->next)
		for (const struct image *image = client->images; image; image = image->next) {
			struct search search = {
				.model = model, .episodes = episodes, .options = options, .verdicts = verdicts, .image = image
			};
			if (search_image(&search))
				return -ENOMEM;
		}
	if (find_kernels(model, episodes, verdicts) || find_refused(model, verdicts))
		return -ENOMEM;
	forget_who_wanted(verdicts);
	if (verdicts->near_miss_count)
		qsort(verdicts->near_misses, verdicts->near_miss_count, sizeof *verdicts->near_misses, compare_near_misses);
	return 0;
}
