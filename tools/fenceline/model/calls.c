/* SPDX-License-Identifier: MIT */
/* Snapshot and break_lock calls: begin and end paired, and shown in the timeline of every client of the same image. */
#include "model/calls.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/naming.h"
#include "model/once.h"
#include "model/private.h"

#include <stdio.h>
#include <string.h>

void snapshot_began(struct model *model, const struct event *event)
{
	const struct fl_snapshot_begin *payload = &event->trace.snapshot_begin;
	struct client *client = client_of_event(model, event);
	uint64_t hash = hash_number(hash_number(FACT_snapshot_begin, payload->global_id), payload->action);
	bool known = !client || told_twice(model, event, hash);
	struct snapshot_call *call = known ? NULL : model_alloc(model, sizeof(*call));
	struct image *image = client && payload->image ? image_of_serial(model, client, payload->image) : NULL;

	if (!call)
		return;
	if (image)
		image_identify(model, image, payload->pool, payload->nspace, payload->name, payload->image_id);
	call->begin_ns = event->ts_ns;
	call->process = client->process;
	call->gid = payload->global_id;
	call->action = payload->action;
	call->op = model_strdup(model, payload->op);
	call->snap = model_strdup(model, payload->snap);
	call->pool = model_strdup(model, *payload->pool || !image ? payload->pool : image->pool);
	call->nspace = model_strdup(model, *payload->nspace || !image ? payload->nspace : image->nspace);
	call->image_name = model_strdup(model, *payload->name || !image ? payload->name : image->name);
	call->image_id = model_strdup(model, *payload->image_id || !image ? payload->image_id : image->id);
	call->source = event->source;
	if (model->private->snapshot_tail)
		model->private->snapshot_tail->next = call;
	else
		model->snapshots = call;
	model->private->snapshot_tail = call;
	model->private->prunable++;
	open_calls_add(model, &model->private->open_snapshots, call);
}

void snapshot_ended(struct model *model, const struct event *event)
{
	const struct fl_snapshot_end *payload = &event->trace.snapshot_end;
	struct client *client = client_of_event(model, event);
	struct open_calls *open = &model->private->open_snapshots;

	if (client && told_twice(model, event, hash_number(hash_number(FACT_snapshot_end, payload->global_id), payload->action)))
		return;

	for (size_t i = 0; client && i < open->count; i++) {
		struct snapshot_call *call = open->calls[i];
		if (call->process != client->process || call->action != payload->action)
			continue;
		call->end_ns = event->ts_ns;
		call->result = payload->result;
		open_calls_remove(open, call);
		return;
	}
	model->orphans++;
}

void lock_break_began(struct model *model, const struct event *event)
{
	const struct fl_lock_break_begin *payload = &event->trace.lock_break_begin;
	struct client *client = client_of_event(model, event);
	uint64_t hash = hash_number(hash_number(FACT_lock_break_begin, payload->global_id), payload->action);
	bool known = !client || told_twice(model, event, hash);
	struct lock_break_call *call = known ? NULL : model_alloc(model, sizeof(*call));

	if (!call)
		return;
	call->cookie = model_strdup(model, payload->cookie);
	call->begin_ns = event->ts_ns;
	call->process = client->process;
	call->gid = payload->global_id;
	call->action = payload->action;
	call->call = model_strdup(model, payload->call);
	call->locker = model_strdup(model, payload->locker);
	call->source = event->source;
	if (model->private->lock_break_tail)
		model->private->lock_break_tail->next = call;
	else
		model->lock_breaks = call;
	model->private->lock_break_tail = call;
	open_calls_add(model, &model->private->open_lock_breaks, call);
}

void lock_break_ended(struct model *model, const struct event *event)
{
	const struct fl_lock_break_end *payload = &event->trace.lock_break_end;
	struct client *client = client_of_event(model, event);
	struct open_calls *open = &model->private->open_lock_breaks;

	if (client &&
	    told_twice(model, event, hash_number(hash_number(FACT_lock_break_end, payload->global_id), payload->action)))
		return;

	for (size_t i = 0; client && i < open->count; i++) {
		struct lock_break_call *call = open->calls[i];
		if (call->process != client->process || call->action != payload->action)
			continue;
		call->end_ns = event->ts_ns;
		call->result = payload->result;
		open_calls_remove(open, call);
		return;
	}
	model->orphans++;
}

/* ---- the timeline ---- */

static bool is_of_image(const struct snapshot_call *call, const struct image *image)
{
	if (strcmp(call->pool, image->pool) || strcmp(call->nspace, image->nspace))
		return false;
	if (*call->image_id && *image->id)
		return !strcmp(call->image_id, image->id);
	return *call->image_name && !strcmp(call->image_name, image->name);
}

static bool was_open(const struct image *image, int64_t at_ns)
{
	int64_t end_ns = image->close_ns ? image->close_ns : image->client->shutdown_ns;

	return (!image->open_ns || image->open_ns <= at_ns) && (!end_ns || end_ns >= at_ns);
}

static void entries_of_snapshot(struct model *model, struct image *image, const struct snapshot_call *call,
                                const struct client *by)
{
	struct timeline_entry entry = {
		.ts_ns = call->begin_ns, .kind = TL_SNAPSHOT_BEGIN, .source = call->source, .snapshot = { call, by }
	};

	entry_add(model, image, &entry);
	entry.ts_ns = call->end_ns;
	entry.kind = TL_SNAPSHOT_END;
	if (call->end_ns)
		entry_add(model, image, &entry);
}

void calls_finish(struct model *model)
{
	model->orphans += model->private->open_snapshots.count + model->private->open_lock_breaks.count;
	if (!model->private->options.keep_entries)
		return;
	for (struct snapshot_call *call = model->snapshots; call; call = call->next) {
		const struct client *sender = client_by_gid(model, call->process, call->gid);
		for (struct client *client = model->clients; client; client = client->next)
			for (struct image *image = sender && fsids_differ(sender->fsid, client->fsid) ? NULL : client->images;
			     image; image = image->next)
				if (image->serial && is_of_image(call, image) && was_open(image, call->begin_ns))
					entries_of_snapshot(model, image, call, sender);
	}
}
