/* SPDX-License-Identifier: MIT */
/* At the end: records that name one client by different names become one. */
#include "model/logged_join.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/private.h"
#include "model/sources.h"
#include "model/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the two records hold of logs' words. */
static void logged_words_join(struct watch_record *to, const struct watch_record *other)
{
	if (!to->logged.registered_ns)
		to->logged.registered_ns = other->logged.registered_ns;
	if (!to->logged.removed_ns)
		to->logged.removed_ns = other->logged.removed_ns;
	to->logged.address_told |= other->logged.address_told;
	if (!to->logged.osd_source)
		to->logged.osd_source = other->logged.osd_source;
	if (!to->logged.error_ns) {
		to->logged.error_ns = other->logged.error_ns;
		to->logged.error = other->logged.error;
		to->logged.client_source = other->logged.client_source;
	}
}

/* The best witness of its pings counts; of two equal ones, the one with more pings. */
static bool is_better_told(const struct watch *into, const struct watch *from)
{
	if (!from->ping_count || !into->ping_count)
		return from->ping_count != 0;
	return from->seen > into->seen || (from->seen == into->seen && from->ping_count > into->ping_count);
}

static void pings_join(struct watch *into, struct watch *from)
{
	struct watch_record *to = (struct watch_record *)into, *other = (struct watch_record *)from;
	struct ping *pings = into->pings, *past = into->past_pings;

	into->pings = from->pings;
	into->past_pings = from->past_pings;
	from->pings = pings;
	from->past_pings = past;
	into->ping_count = from->ping_count;
	into->past_count = from->past_count;
	to->ping_capacity = other->ping_capacity;
	to->past_capacity = other->past_capacity;
	into->seen = from->seen;
}

/* What one source says of a watch and another one, too. The better witness keeps its pings. */
static void watch_join(struct watch *into, struct watch *from)
{
	if (!into->expired_ns) {
		into->expired_ns = from->expired_ns;
		into->expired_source = from->expired_source;
	}
	into->dropped_fenced |= from->dropped_fenced;
	if (!into->disconnected_ns) {
		into->disconnected_ns = from->disconnected_ns;
		into->disconnected_source = from->disconnected_source;
	}
	logged_words_join((struct watch_record *)into, (const struct watch_record *)from);
	if (!into->timeout_s) {
		into->timeout_s = from->timeout_s;
		into->timeout_logged = from->timeout_logged;
	}
	if (!*into->osd)
		memcpy(into->osd, from->osd, sizeof(into->osd));
	if (is_better_told(into, from))
		pings_join(into, from);
	if (from->osd_ping_count > into->osd_ping_count) {
		int64_t *times = into->osd_pings;
		into->osd_pings = from->osd_pings;
		from->osd_pings = times;
		into->osd_ping_count = from->osd_ping_count;
		from->osd_ping_count = 0;
		into->osd_source = from->osd_source;
	}
	/* A worse witness is only the cross-check of a better one. */
	if (from->last_ack_sent_ns > into->last_ack_sent_ns && (!into->last_ack_sent_ns || from->seen >= into->seen))
		watch_acked(into, from->last_ack_sent_ns, from->last_ack_ns, from->last_ack_source, true);
}

static void image_join(struct model *model, struct image *into, struct image *from)
{
	for (struct watch *watch = from->watches, *next; watch; watch = next) {
		struct watch *same = watch->cookie ? watch_find(into->client, watch->cookie) : NULL;
		next = watch->next;
		if (!same) {
			watch_move(watch, into);
			continue;
		}
		watch_join(same, watch);
		if (!*same->oid && *watch->oid)
			watch_name(model, same, "", "", watch->oid);
	}
	entries_move_all(model, from, into);
}

static void client_join(struct model *model, struct client *into, struct client *from)
{
	for (struct image *image = from->images; image; image = image->next) {
		struct image *to = NULL;
		for (struct image *each = into->images; each && *image->id && !to; each = each->next)
			to = strcmp(each->id, image->id) ? NULL : each;
		if (!to && *image->id && !into->process) {
			char oid[512];
			snprintf(oid, sizeof(oid), "rbd_header.%s", image->id);
			to = image_of_object(model, into, oid);
		}
		if (!to)
			to = image_of_serial(model, into, 0);
		if (to)
			image_join(model, to, image);
	}
	if (!into->address.family && from->address.family)
		client_set_address(model, into, from->address_text);
	if (!into->global_id && from->global_id)
		client_set_gid(model, into, from->global_id);
	if (!*into->entity)
		model_set(model, &into->entity, from->entity);
	if (!into->osd_fenced_ns) {
		into->osd_fenced_ns = from->osd_fenced_ns;
		into->osd_fenced_source = from->osd_fenced_source;
	}
	for (struct failure_run *run = model->failures; run; run = run->next)
		run->client = run->client == from ? into : run->client;
	((struct client_record *)from)->joined = true;
	((struct client_record *)into)->failed |= ((struct client_record *)from)->failed;
}

static bool only_logged(const struct client *client)
{
	return !client->process || !client->process->pid;
}

static bool is_joined(const struct model *model, const struct client *client)
{
	(void)model;
	return ((const struct client_record *)client)->joined;
}

static bool same_cluster(const struct client *a, const struct client *b)
{
	return *a->fsid && !strcmp(a->fsid, b->fsid);
}

static struct watch *same_watch(const struct model *model, const struct watch *watch)
{
	const struct client *client = watch->image->client;
	struct watch *same = NULL;

	for (struct client *other = model->clients; other && watch->cookie && !same; other = other->next)
		same = other == client || is_joined(NULL, other) || fsids_differ(client->fsid, other->fsid) ||
		                       (client->global_id && other->global_id && client->global_id != other->global_id)
		               ? NULL
		               : watch_find(other, watch->cookie);
	return same;
}

/* Joins by the cookies of its watches. A log that several clients wrote names a watch of each of them, so it stands for no one
 * client. */
static struct client *same_by_cookie(const struct model *model, const struct client *client)
{
	struct client *found = NULL;
	bool several = false;

	for (const struct image *image = client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next) {
			struct watch *same = same_watch(model, watch);
			several |= same && found && same->image->client != found;
			found = same ? same->image->client : found;
		}
	for (const struct image *image = several ? client->images : NULL; image; image = image->next)
		for (struct watch *watch = image->watches; watch; watch = watch->next) {
			struct watch *same = same_watch(model, watch);
			if (same)
				watch_join(same, watch);
		}
	return several ? NULL : found;
}

/* ---- all clients by nonce, so that finding one's other records needs no walk over all ---- */

struct by_nonce {
	struct client **list;
	size_t count;
};

static int compare_nonces(const void *a, const void *b)
{
	const struct client *x = *(struct client *const *)a, *y = *(struct client *const *)b;

	return (x->address.nonce > y->address.nonce) - (x->address.nonce < y->address.nonce);
}

static void index_nonces(struct model *model, struct by_nonce *index)
{
	size_t count = 0;

	for (struct client *client = model->clients; client; client = client->next)
		count += client->address.family != 0;
	index->list = model_alloc(model, (count + 1) * sizeof(*index->list));
	for (struct client *client = model->clients; client && index->list; client = client->next)
		if (client->address.family)
			index->list[index->count++] = client;
	if (index->count)
		qsort(index->list, index->count, sizeof(*index->list), compare_nonces);
}

static size_t first_of_nonce(const struct by_nonce *index, uint64_t nonce)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->list[middle]->address.nonce < nonce)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_better(const struct client *other, const struct client *found)
{
	return !found || (only_logged(found) && !only_logged(other)) ||
	       (only_logged(found) == only_logged(other) && other->first_ns && other->first_ns < found->first_ns);
}

static bool same_address(const struct client *a, const struct client *b)
{
	return a->address.family && b->address.family && address_same_client(&a->address, &b->address);
}

static bool other_address(const struct client *a, const struct client *b)
{
	return a->address.family && b->address.family && !same_address(a, b);
}

/* Do clients of several clusters have this global id? One cluster gives it once. */
static bool is_gid_of_several(const struct model *model, uint64_t gid)
{
	const struct client *known = NULL;

	for (struct client_record *record = gid_chain(model, gid); record; record = record->gid_next) {
		const struct client *client = &record->public;
		if (client->global_id != gid || !client->address.family)
			continue;
		if (known && other_address(known, client))
			return true;
		known = client;
	}
	return false;
}

/* Logs of several clusters may have told one record of their watches: each becomes a record of its own, but those that are known
 * to be of the record's address, or its first one, where it has none. */
static void set_watches_apart(struct model *model, struct client *client)
{
	const struct watch *first = NULL;

	for (struct image *image = client->images; image; image = image->next)
		for (struct watch *watch = image->watches, *next; watch; watch = next) {
			struct client *apart;
			struct image *to;
			next = watch->next;
			if (client->address.family ? ((struct watch_record *)watch)->logged.address_told : !first) {
				first = watch;
				continue;
			}
			apart = client_add(model, NULL, client->global_id);
			to = !apart        ? NULL
			     : *watch->oid ? image_of_object(model, apart, watch->oid)
			                   : image_of_serial(model, apart, 0);
			if (to)
				watch_move(watch, to);
		}
}

/* Joined by the global id. Two clusters may have equal ids: there address, cluster or cookie must fit, too. */
static struct client *same_by_gid(const struct model *model, bool several_clusters, const struct client *client)
{
	struct client *found = NULL, *exact = NULL;
	bool several = several_clusters;

	for (struct client_record *record = gid_chain(model, client->global_id); record; record = record->gid_next) {
		struct client *other = &record->public;
		if (other == client || other->global_id != client->global_id || is_joined(model, other) ||
		    other_address(client, other) || fsids_differ(client->fsid, other->fsid))
			continue;
		if ((same_address(client, other) || same_cluster(client, other)) && is_better(other, exact))
			exact = other;
		several |= found && other_address(found, other);
		found = is_better(other, found) ? other : found;
	}
	return exact ? exact : several && found ? same_by_cookie(model, client) : found;
}

/* Who a client that only logs know of is, in another record of the same: one of a trace rather than of a log. */
static struct client *same_client(const struct model *model, const struct by_nonce *index, bool several_clusters,
                                  const struct client *client)
{
	struct client *found = same_by_gid(model, several_clusters, client), *other;

	for (size_t i = client->address.family ? first_of_nonce(index, client->address.nonce) : index->count; i < index->count;
	     i++) {
		other = index->list[i];
		if (other->address.nonce != client->address.nonce)
			break;
		if (other != client && !is_joined(model, other) && address_same_client(&client->address, &other->address) &&
		    !(client->global_id && other->global_id && client->global_id != other->global_id) && is_better(other, found))
			found = other;
	}
	if (!found && !client->global_id && !client->address.family)
		found = same_by_cookie(model, client);
	return found;
}

/* A client's log holds its snapshot calls and, when it breaks a lock, its global id. */
static void name_callers(struct model *model)
{
	for (struct snapshot_call *call = model->snapshots; call; call = call->next)
		for (const struct breaker_logged *each = model->breakers; each && !call->process && !call->gid; each = each->next)
			if (same_log(each->source, call->source))
				call->gid = each->by_gid;
}

void logged_join(struct model *model)
{
	bool several_clusters = model_several_clusters(model);
	struct by_nonce index = { 0 };

	name_callers(model);
	for (struct client *client = model->clients; client; client = client->next)
		if (!client->process && client->global_id && !*client->fsid &&
		    (several_clusters || is_gid_of_several(model, client->global_id)))
			set_watches_apart(model, client);
	index_nonces(model, &index);
	for (struct client *client = model->clients; client; client = client->next) {
		struct client *same = only_logged(client) ? same_client(model, &index, several_clusters, client) : NULL;
		if (same)
			client_join(model, same, client);
	}
	free(index.list);
	clients_remove(model, is_joined);
}
