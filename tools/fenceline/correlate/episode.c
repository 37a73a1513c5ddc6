/* SPDX-License-Identifier: MIT */
/*
 * Blocklist commands in order of time become episodes: one per fenced client, from the first add to its rm or expiry.
 * Adds inside it (a second lock breaker, a retry with the old verb, a renewal) belong to it. Then the
 * entries that the cluster's blocklist lists. What neither explains is unseen.c's.
 */
#include "correlate/episode.h"
#include "correlate/answers.h"
#include "correlate/incident.h"
#include "correlate/senders.h"
#include "model/clients.h"
#include "model/times.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_op(const struct blocklist_action *action, const char *op)
{
	return action->op && !strcmp(action->op, op);
}

/* The monitor reads an address without a nonce, or with nonce 0, as every client of that IP. */
bool blocklist_is_whole_ip(const struct blocklist_action *action)
{
	return !action->range && action->address.family && (!action->address.has_nonce || !action->address.nonce);
}

bool blocklist_is_of_many(const struct blocklist_action *action)
{
	return action->range || blocklist_is_whole_ip(action);
}

bool listed_is_of_many(const struct fence_listed *listed)
{
	return listed->range || !listed->address.nonce;
}

/* Clients have no port: only what others connect to has one. */
static bool is_daemon(const struct address *address)
{
	return address->family && address->port;
}

static bool same_ip(const struct address *a, const struct address *b)
{
	return a->family && a->family == b->family && !memcmp(a->ip, b->ip, a->family == 2 /* AF_INET */ ? 4 : 16);
}

bool blocklist_covers(const struct blocklist_action *action, const struct address *address)
{
	if (action->range)
		return address_in_range(address, action->target);
	if (blocklist_is_whole_ip(action))
		return same_ip(&action->address, address);
	return address_same_client(&action->address, address);
}

static bool is_of_other_cluster(const struct model *model, const struct blocklist_action *action, const struct client *client)
{
	return fsids_differ(command_cluster(model, action), client->fsid);
}

bool episode_is_of(const struct model *model, const struct episode *episode, const struct client *client)
{
	if (episode->client == client)
		return true;
	if (!address_same_client(&episode->address, &client->address))
		return false;
	return !(episode->client && fsids_differ(episode->client->fsid, client->fsid)) &&
	       !(episode->first && is_of_other_cluster(model, episode->first, client));
}

int64_t episode_reach(const struct episode *episode)
{
	const struct blocklist_action *action = episode->first;
	const struct source *log = action && !action->trace_ns ? action->audit_source : NULL;

	return STORY_NS + (log && log->tz_from && !strcmp(log->tz_from, "assumed") ? ZONES_NS : 0);
}

struct episode *episode_append(struct episodes *episodes)
{
	if (episodes->count == episodes->capacity) {
		size_t capacity = episodes->capacity ? 2 * episodes->capacity : 16;
		struct episode *list = realloc(episodes->list, capacity * sizeof *list);
		if (!list)
			return NULL;
		episodes->list = list;
		episodes->capacity = capacity;
	}
	memset(&episodes->list[episodes->count], 0, sizeof *episodes->list);
	return &episodes->list[episodes->count++];
}

/* The episode that is still open for this address at that time. For a range that met no known client (address NULL):
 * the one of the same range. */
static struct episode *episode_open(const struct episodes *episodes, const struct model *model,
                                    const struct blocklist_action *action, const struct address *address)
{
	for (size_t i = episodes->count; i-- > 0;) {
		struct episode *episode = &episodes->list[i];
		bool same;
		if (!episode->first || episode->end_ns <= action->ts_ns)
			continue;
		same = address ? address_same_client(&episode->address, address)
		               : !episode->client && !strcmp(episode->first->target, action->target);
		if (same && !fsids_differ(command_cluster(model, episode->first), command_cluster(model, action)))
			return episode;
	}
	return NULL;
}

/* An rm lifts only the entry that it names: not the range or the whole IP around a client, nor a client inside one. */
static bool same_target(const struct blocklist_action *add, const struct blocklist_action *rm)
{
	if (add->range || rm->range)
		return add->range && rm->range && !strcmp(add->target, rm->target);
	if (blocklist_is_whole_ip(add) || blocklist_is_whole_ip(rm))
		return blocklist_is_whole_ip(add) && blocklist_is_whole_ip(rm) && same_ip(&add->address, &rm->address);
	return address_same_client(&add->address, &rm->address);
}

static int by_end(const void *a, const void *b)
{
	int64_t x = ((const struct standing *)a)->end_ns, y = ((const struct standing *)b)->end_ns;

	return (x < y) - (x > y);
}

/* Until when it is fenced, by the entry that stands the longest. */
static void reckon_end(struct episode *episode)
{
	qsort(episode->standing, episode->standing_count, sizeof *episode->standing, by_end);
	episode->end_ns = episode->standing[0].end_ns;
	episode->expires_ns = episode->end_ns == NO_END_NS ? 0 : episode->end_ns;
}

/* An add of a target that has an entry sets when that ends, earlier or later. */
static void entry_stands(struct episode *episode, const struct blocklist_action *add)
{
	int64_t end_ns = add->ts_ns ? add->ts_ns + blocklist_expire_s(add) * NS_PER_S : NO_END_NS;
	size_t i = 0;

	while (i < episode->standing_count && !same_target(episode->standing[i].add, add))
		i++;
	if (i == STANDING_MOST) /* the one that ends first gives way */
		i--;
	if (i == episode->standing_count)
		episode->standing_count++;
	episode->standing[i] = (struct standing){ add, end_ns };
	reckon_end(episode);
}

/* An add that was not carried out made no entry. */
static void entry_drop(struct episode *episode, const struct blocklist_action *add)
{
	for (size_t i = 0; i < episode->standing_count && episode->standing_count > 1; i++)
		if (episode->standing[i].add == add) {
			episode->standing[i] = episode->standing[--episode->standing_count];
			reckon_end(episode);
			return;
		}
}

static bool takes_away(const struct blocklist_action *rm, const struct standing *entry)
{
	return is_op(rm, "clear") || same_target(entry->add, rm);
}

/* The episode goes on while another entry stands. */
static void entry_lifted(struct episode *episode, const struct blocklist_action *rm)
{
	struct standing kept[STANDING_MOST];
	size_t count = 0, gone = 0;

	for (size_t i = 0; i < episode->standing_count; i++)
		if (takes_away(rm, &episode->standing[i]))
			gone++;
		else if (episode->standing[i].end_ns > rm->ts_ns)
			kept[count++] = episode->standing[i];
	if (!gone)
		return;
	memcpy(episode->standing, kept, count * sizeof *kept);
	episode->standing_count = count;
	if (count) {
		reckon_end(episode);
		return;
	}
	episode->removed = rm;
	episode->removed_ns = episode->end_ns = rm->ts_ns;
}

static int episode_add(struct episodes *episodes, const struct model *model, const struct blocklist_action *action,
                       const struct address *address, const struct client *client)
{
	struct episode *episode = episode_open(episodes, model, action, address);

	if (!episode) {
		episode = episode_append(episodes);
		if (!episode)
			return -ENOMEM;
		episode->first = action;
		episode->begin_ns = episode->opened_ns = action->ts_ns;
		if (address)
			episode->address = *address;
		episode->client = client;
	}
	episode->last = action;
	episode->adds++;
	entry_stands(episode, action);
	return 0;
}

/* An rm that no input shows to have been carried out, and after which the client was refused still, and never answered: it did
 * not lift the fence. */
static bool had_no_effect(const struct model *model, const struct episode *episode, const struct blocklist_action *rm)
{
	const struct blocklist_action *next = rm->next;
	int64_t until_ns;

	if (blocklist_committed(model, rm))
		return false;
	while (next && !(is_op(next, "add") && blocklist_covers(next, &episode->address)))
		next = next->next;
	until_ns = next ? next->ts_ns - CLOCK_SLACK_NS : INT64_MAX;
	return client_was_refused(episode->client, rm->ts_ns + FENCE_REACHES_ALL_NS, until_ns) &&
	       !client_was_answered(episode->client, rm->ts_ns, until_ns);
}

static void episode_end(struct episodes *episodes, const struct model *model, const struct blocklist_action *action)
{
	for (size_t i = 0; i < episodes->count; i++) {
		struct episode *episode = &episodes->list[i];
		if (episode->end_ns <= action->ts_ns || had_no_effect(model, episode, action) ||
		    fsids_differ(command_cluster(model, episode->first), command_cluster(model, action)))
			continue;
		entry_lifted(episode, action);
	}
}

/* A client that was connected at that time. */
static bool can_be_fenced(const struct client *client, int64_t at_ns)
{
	return (client->process || client_has_disk(client)) && (!client->shutdown_ns || client->shutdown_ns > at_ns) &&
	       (!client->first_ns || client->first_ns <= at_ns + CLOCK_SLACK_NS);
}

static int fence_many(struct episodes *episodes, const struct model *model, const struct blocklist_action *action)
{
	bool met = false;

	for (const struct client *client = model->clients; client; client = client->next) {
		bool recording_began_later = client->first_ns > action->ts_ns && client_has_disk(client);
		if (!client->address.family || !client->address.nonce || !blocklist_covers(action, &client->address))
			continue;
		if (!can_be_fenced(client, action->ts_ns) && !recording_began_later)
			continue;
		if ((action->process && client->process == action->process) || is_of_other_cluster(model, action, client))
			continue;
		met = true;
		if (episode_add(episodes, model, action, &client->address, client))
			return -ENOMEM;
	}
	if (met)
		return 0;
	return episode_add(episodes, model, action, action->range ? NULL : &action->address, NULL);
}

static int fence_one(struct episodes *episodes, const struct model *model, const struct blocklist_action *action)
{
	const struct client *client =
	        model_client_in_cluster(model, &action->address, action->ts_ns, command_cluster(model, action));

	return episode_add(episodes, model, action, &action->address, client);
}

/* The kernel's own client of a mapped image (krbd); rbd-nbd's is librbd's. */
static bool is_kernels(const struct failure_run *run)
{
	return run->layer == LAYER_HOST && !strncmp(run->device, "rbd", 3);
}

bool episode_explains(const struct episode *episode, const struct failure_run *run)
{
	const struct process *process = episode->client ? episode->client->process : NULL;
	const struct process *vm = run->process;

	if (!episode->first && !episode->listed)
		return false;
	if (!run->begin_ns || run->begin_ns < episode->begin_ns - CLOCK_SLACK_NS || run->begin_ns > episode->end_ns)
		return false;
	if (is_daemon(&episode->address) || (run->client && run->client != episode->client))
		return false;
	if (process && process->pid && is_kernels(run)) /* a trace shows a client of librados there */
		return false;
	/* A trace that shows another process at that address than the VM that the log names. */
	return !process || !vm || process == vm || model_same_vm(process, vm) >= 0;
}

/* ---- the cluster's blocklist, as it was listed ---- */

static struct episode *episode_of_listed(const struct episodes *episodes, const struct fence_listed *listed)
{
	struct episode *found = NULL;

	for (size_t i = 0; i < episodes->count; i++) {
		struct episode *episode = &episodes->list[i];
		bool same = listed_is_of_many(listed) ? episode->first && !strcmp(episode->first->target, listed->target)
		                                      : address_same_client(&episode->address, &listed->address);
		if (same && episode->begin_ns <= listed->expires_ns && !episode->removed)
			found = episode;
	}
	return found;
}

static int add_listed(struct episodes *episodes, const struct model *model, const struct fence_listed *listed)
{
	struct episode *episode;
	int64_t refused_ns;

	if (listed->of_daemon || (!listed->range && !listed->address.family))
		return 0;
	episode = episode_append(episodes);
	if (!episode)
		return -ENOMEM;
	episode->listed = listed;
	episode->address = listed->address;
	/* A person fences a range or a whole host, mostly for a long time: when that began cannot be computed from when it ends.
	 */
	episode->begin_ns = listed_is_of_many(listed) ? listed->ts_ns
	                    : listed->expires_ns      ? listed->expires_ns - BLOCKLIST_EXPIRE_DEFAULT_S * NS_PER_S
	                                              : listed->ts_ns;
	episode->expires_ns = listed->expires_ns;
	episode->end_ns = listed->expires_ns ? listed->expires_ns : NO_END_NS;
	if (!listed_is_of_many(listed))
		episode->client = model_client_by_address(model, &listed->address, episode->begin_ns);
	/* An entry may last longer than by default: an operator's, or one that the configuration made so. */
	refused_ns = episode->client ? client_first_refusal(model, episode->client) : 0;
	if (refused_ns && refused_ns < episode->begin_ns)
		episode->begin_ns = refused_ns;
	return 0;
}

/* What the cluster says of an entry's end is better than what was computed from the command. */
static int find_listed(struct episodes *episodes, const struct model *model)
{
	for (const struct fence_listed *listed = model->fences_listed; listed; listed = listed->next) {
		struct episode *episode = listed->lifted ? NULL : episode_of_listed(episodes, listed);
		if (listed->lifted)
			continue;
		if (episode) {
			episode->listed = listed;
			if (listed->expires_ns > episode->begin_ns)
				episode->expires_ns = episode->end_ns = listed->expires_ns;
		} else if (add_listed(episodes, model, listed)) {
			return -ENOMEM;
		}
	}
	return 0;
}

/* ---- which of several commands it was ---- */

/* True if the client was answered long after the command; or if its log holds the end of the next command and not of this one, or
 * its sender gave up and the log of the next one has nothing of it, and nothing was refused between the two. */
static bool is_left_unfinished(const struct episode *episode, const struct blocklist_action *next)
{
	const struct blocklist_action *first = episode->first;

	if (client_was_answered(episode->client, first->ts_ns + WATCH_OVERDUE_NS, next->ts_ns))
		return true;
	return (first->audit_source ? first->audit_source == next->audit_source : first->has_result) && next->finished_ns &&
	       !client_was_refused(episode->client, first->ts_ns - CLOCK_SLACK_NS, next->ts_ns - COARSE_CLOCK_NS);
}

/* A command that never finished fenced nobody. Where it was left unfinished, the next command that was carried out is the fence.
 */
static void skip_uncommitted(const struct model *model, struct episode *episode)
{
	const struct blocklist_action *next = episode->first;

	while (episode->adds > 1 && next && !blocklist_committed(model, episode->first)) {
		for (next = next->next; next; next = next->next)
			if (is_op(next, "add") && next->ts_ns < episode->end_ns && blocklist_covers(next, &episode->address) &&
			    blocklist_committed(model, next))
				break;
		if (!next)
			return;
		if (!is_left_unfinished(episode, next)) {
			episode->first_is_open = !client_was_refused(episode->client, episode->first->ts_ns - CLOCK_SLACK_NS,
			                                             next->ts_ns - COARSE_CLOCK_NS);
			return;
		}
		/* A line that is left out would make all the difference: so soon after it, or of a sender whose trace is there.
		 */
		if (next->ts_ns - episode->first->ts_ns <= SAME_COMMAND_NS ||
		    (episode->first->trace_ns &&
		     !client_was_answered(episode->client, episode->first->ts_ns + WATCH_OVERDUE_NS, next->ts_ns)))
			episode->unfinished = episode->first;
		entry_drop(episode, episode->first);
		episode->first = next;
		episode->begin_ns = next->ts_ns;
	}
}

/* ---- who came after it ---- */

/* It connected when the fence of its whole host or range was over, and was never refused, or another fence met it. */
static bool came_after(const struct episodes *episodes, const struct episode *episode)
{
	const struct client *client = episode->client;
	bool refused = client && client_was_refused(client, 0, INT64_MAX);

	for (size_t i = 0; i < episodes->count && refused; i++)
		refused = &episodes->list[i] == episode || episodes->list[i].client != client;
	return client && episode->first && blocklist_is_of_many(episode->first) &&
	       client->connected_ns > episode->end_ns + CLOCK_SLACK_NS && !refused;
}

static bool has_other(const struct episodes *episodes, const struct episode *wanted)
{
	for (size_t i = 0; i < episodes->count; i++)
		if (&episodes->list[i] != wanted && episodes->list[i].first == wanted->first && episodes->list[i].client)
			return true;
	return false;
}

static void drop_who_came_after(struct episodes *episodes)
{
	size_t kept = 0;

	for (size_t i = 0; i < episodes->count; i++) {
		struct episode *episode = &episodes->list[i];
		bool after = came_after(episodes, episode);
		if (after && has_other(episodes, episode)) {
			episode->client = NULL;
			continue;
		}
		if (after) { /* it met no known client */
			episode->client = NULL;
			episode->address = episode->first->range ? (struct address){ 0 } : episode->first->address;
		}
		episodes->list[kept++] = *episode;
	}
	episodes->count = kept;
}

int episodes_find(const struct model *model, struct episodes *episodes)
{
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next) {
		int error = 0;
		if (command_failed(action))
			continue;
		if (is_op(action, "rm") || is_op(action, "clear"))
			episode_end(episodes, model, action);
		else if (!is_op(action, "add"))
			continue;
		else if (blocklist_is_of_many(action))
			error = fence_many(episodes, model, action);
		else
			error = fence_one(episodes, model, action);
		if (error)
			return error;
	}
	drop_who_came_after(episodes);
	for (size_t i = 0; i < episodes->count; i++)
		skip_uncommitted(model, &episodes->list[i]);
	return find_listed(episodes, model);
}
