/* SPDX-License-Identifier: MIT */
/* What was done to image headers: locks taken, looked at and broken, snapshots noted; and who was seen watching them. */
#include "model/clients.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

#define METHOD_IS(method, text) (!strcmp(method, text))

static struct image *image_of_header(const struct client *client, const char *pool, const char *nspace, const char *oid)
{
	struct image *found = NULL;

	for (struct image *image = client->images; image; image = image->next)
		if (image->serial && image_is_header(image, pool, nspace, oid))
			found = image;
	return found;
}

/* by NULL: the image's own client did it. */
static void lock_entry(struct model *model, struct image *image, const struct event *event, enum timeline_kind kind,
                       const struct client *by)
{
	const struct fl_header_op *payload = &event->trace.header_op;

	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = kind,
	                                    .source = event->source,
	                                    .lock = { .method = payload->method,
	                                              .by = by ? by->process : NULL,
	                                              .by_entity = by ? by->entity : NULL,
	                                              .result = payload->result,
	                                              .latency_ns = payload->latency_ns } });
}

static void own_entry(struct model *model, struct image *image, const struct event *event)
{
	const char *method = event->trace.header_op.method;
	bool done = event->trace.header_op.result >= 0;

	if (METHOD_IS(method, "lock.lock"))
		lock_entry(model, image, event, done ? TL_LOCK_ACQUIRED : TL_LOCK_CHECKED, NULL);
	else if (METHOD_IS(method, "lock.unlock"))
		lock_entry(model, image, event, TL_LOCK_LOST, NULL);
	else if (METHOD_IS(method, "lock.break_lock"))
		lock_entry(model, image, event, done ? TL_LOCK_BROKEN : TL_LOCK_CHECKED, NULL);
	else if (METHOD_IS(method, "lock.get_info"))
		lock_entry(model, image, event, TL_LOCK_CHECKED, NULL);
}

/* A client that logs and a trace both tell of is one record at the end. */
static bool is_beside_trace(const struct model *model, const struct client *client)
{
	for (struct client_record *record = client->process ? NULL : gid_chain(model, client->global_id); record;
	     record = record->gid_next)
		if (record->public.process && record->public.global_id == client->global_id)
			return true;
	return false;
}

/* The clients whose lock it was, or may have been: everyone else who has the image open. */
static void victims_entries(struct model *model, const struct client *breaker, const struct event *event)
{
	const struct fl_header_op *payload = &event->trace.header_op;

	for (struct client *client = model->clients; client; client = client->next) {
		struct image *image = client == breaker || fsids_differ(client->fsid, breaker->fsid)
		                              ? NULL
		                              : image_of_header(client, payload->pool, payload->nspace, payload->oid);
		if (image && !image->close_ns && !client->shutdown_ns && !is_beside_trace(model, client))
			lock_entry(model, image, event, TL_LOCK_BROKEN, breaker);
	}
}

/* Only what can be part of an incident: a data path would fill the memory with lock.assert_locked. */
static bool is_kept(const struct fl_header_op *payload)
{
	return (!strncmp(payload->method, "lock.", 5) && !METHOD_IS(payload->method, "lock.assert_locked")) ||
	       !strncmp(payload->method, "rbd.snapshot_", 13);
}

void header_op_done(struct model *model, const struct event *event)
{
	const struct fl_header_op *payload = &event->trace.header_op;
	struct client *client = client_of_event(model, event);
	uint64_t hash = hash_text(hash_text(hash_number(FACT_header_op, payload->global_id), payload->method), payload->oid);
	bool known = !client || !is_kept(payload) || told_twice(model, event, hash);
	struct header_op *op = known ? NULL : model_alloc(model, sizeof(*op));
	struct image *image;

	if (!op)
		return;
	op->ts_ns = event->ts_ns;
	op->latency_ns = payload->latency_ns;
	op->process = client->process;
	op->gid = payload->global_id;
	op->oid = model_strdup(model, payload->oid);
	op->pool = model_strdup(model, payload->pool);
	op->nspace = model_strdup(model, payload->nspace);
	op->method = model_strdup(model, payload->method);
	op->result = payload->result;
	op->source = event->source;
	if (model->private->header_op_tail)
		model->private->header_op_tail->next = op;
	else
		model->header_ops = op;
	model->private->header_op_tail = op;
	model->private->prunable++;
	image = image_of_header(client, payload->pool, payload->nspace, payload->oid);
	own_entry(model, image ? image : image_of_serial(model, client, 0), event);
	if (METHOD_IS(payload->method, "lock.break_lock") && payload->result >= 0)
		victims_entries(model, client, event);
}

static struct watchers_listing *listing_find(const struct model *model, const struct client *client, uint64_t list,
                                             const char *oid);

void watchers_listed(struct model *model, const struct event *event)
{
	const struct fl_watchers_listed *payload = &event->trace.watchers_listed;
	struct client *client = client_of_event(model, event);
	struct watchers_listing *same = client ? listing_find(model, client, payload->list, payload->oid) : NULL;
	bool known = same && llabs(same->ts_ns - event->ts_ns) <= SAME_EVENT_NS; /* of another recording of this host */
	struct watchers_listing *listing = client && !known ? model_alloc(model, sizeof(*listing)) : NULL;

	if (!listing)
		return;
	listing->expected = payload->watchers;
	listing->ts_ns = event->ts_ns;
	listing->process = client->process;
	listing->gid = payload->global_id;
	listing->list = payload->list;
	listing->oid = model_strdup(model, payload->oid);
	listing->result = payload->result;
	listing->source = event->source;
	if (model->private->listing_tail)
		model->private->listing_tail->next = listing;
	else
		model->listings = listing;
	model->private->listing_tail = listing;
	model->private->prunable++;
}

/* Its number is the process's; processes of containers share their pid, so client and object must fit as well. */
static struct watchers_listing *listing_find(const struct model *model, const struct client *client, uint64_t list,
                                             const char *oid)
{
	struct watchers_listing *found = NULL;

	for (struct watchers_listing *listing = model->listings; listing; listing = listing->next)
		if (listing->process == client->process && listing->list == list && !strcmp(listing->oid, oid) &&
		    (!listing->gid || !client->global_id || listing->gid == client->global_id))
			found = listing;
	return found;
}

void watcher_listed(struct model *model, const struct event *event)
{
	const struct fl_watcher_listed *payload = &event->trace.watcher_listed;
	struct client *client = client_of_event(model, event);
	struct watchers_listing *listing = client ? listing_find(model, client, payload->list, payload->oid) : NULL;
	struct watcher_seen *watchers, *seen;
	struct address address;

	if (!listing)
		return;
	address_parse(payload->watcher_address, &address);
	for (size_t i = 0; i < listing->count; i++)
		if (listing->watchers[i].cookie == payload->cookie &&
		    address_same_client(&listing->watchers[i].address, &address))
			return; /* another recording of this host */
	watchers = reallocarray(listing->watchers, listing->count + 1, sizeof(*watchers));
	if (!watchers) {
		model->private->no_memory = true;
		return;
	}
	listing->watchers = watchers;
	seen = &watchers[listing->count++];
	memset(seen, 0, sizeof(*seen));
	address_parse(payload->watcher_address, &seen->address);
	seen->address_text = model_strdup(model, payload->watcher_address);
	seen->gid = payload->watcher_gid;
	seen->cookie = payload->cookie;
	seen->timeout_s = payload->timeout_s;
}
