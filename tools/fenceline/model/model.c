/* SPDX-License-Identifier: MIT */
/* Every event goes to the place that knows its kind; at the end the loose ends are tied. */
#include "model/model.h"
#include "model/blocklist.h"
#include "model/calls.h"
#include "model/clocks.h"
#include "model/entries.h"
#include "model/failures.h"
#include "model/fences.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/logged.h"
#include "model/logged_join.h"
#include "model/logged_lists.h"
#include "model/memory.h"
#include "model/naming.h"
#include "model/once.h"
#include "model/private.h"
#include "model/prune.h"
#include "model/slow.h"
#include "model/snaps.h"
#include "model/wall_clock.h"
#include "model/watch.h"
#include "model/windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct model *model_new(const struct model_options *options)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		return NULL;
	model->private = calloc(1, sizeof(*model->private));
	if (!model->private) {
		free(model);
		return NULL;
	}
	model->private->options = *options;
	return model;
}

void client_connected(struct model *model, const struct event *event)
{
	struct client *client = client_of_event(model, event);

	if (!client)
		return;
	if (!client->connected_ns)
		client->connected_ns = event->ts_ns;
	client_identify(model, event, client);
}

void client_shut_down(struct model *model, const struct event *event)
{
	struct client *client = client_of_event(model, event);

	if (!client)
		return;
	client_set_address(model, client, event->trace.client_shutdown.address);
	client->shutdown_ns = event->ts_ns;
}

void image_opened(struct model *model, const struct event *event)
{
	const struct fl_image_open *payload = &event->trace.image_open;
	struct client *client = client_of_event(model, event);
	struct image *image = client ? image_of_serial(model, client, payload->image) : NULL;

	if (!image)
		return;
	image_identify(model, image, payload->pool, payload->nspace, payload->name, payload->image_id);
	if (payload->result >= 0)
		image->open_ns = event->ts_ns;
	entry_add(model, image,
	          &(struct timeline_entry){
	                  .ts_ns = event->ts_ns,
	                  .kind = TL_IMAGE_OPEN,
	                  .source = event->source,
	                  .open = { .snap = payload->snap, .result = payload->result, .read_only = payload->read_only } });
}

void image_closed(struct model *model, const struct event *event)
{
	const struct fl_image_close *payload = &event->trace.image_close;
	struct client *client = client_of_event(model, event);
	struct image *image = client ? image_of_serial(model, client, payload->image) : NULL;

	if (!image)
		return;
	image->close_ns = event->ts_ns;
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_IMAGE_CLOSE,
	                                    .source = event->source,
	                                    .close = { .result = payload->result, .unknown = payload->unknown } });
}

/* The shim passes on what it finds no known layout in: once told, and again if it has become more. */
static void not_understood(struct model *model, struct client *client, struct image *image, const struct event *event)
{
	const char *what = event->trace.state.not_understood;
	struct process *process = client->process;

	if (!*what || (process->not_understood && !strcmp(process->not_understood, what)))
		return;
	model_set(model, &process->not_understood, what);
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_STATE,
	                                    .source = event->source,
	                                    .state = { .said = STATE_NOT_UNDERSTOOD, .not_understood = what } });
}

void state_told(struct model *model, const struct event *event)
{
	const struct fl_state *payload = &event->trace.state;
	struct client *client = client_of_event(model, event);
	struct image *image = client ? image_of_serial(model, client, payload->image) : NULL;
	struct watch *watch = NULL;

	if (!image)
		return;
	client_identify(model, event, client);
	not_understood(model, client, image, event);
	claimed_twice(model, client->process, image, event);
	if (payload->image)
		image_identify(model, image, payload->pool, payload->nspace, payload->name, payload->image_id);
	if (payload->opened_ns && !image->open_ns)
		image->open_ns = payload->opened_ns;
	if (payload->image && payload->eshutdowns > image->counted_failures.ios)
		image->counted_failures =
		        (__typeof__(image->counted_failures)){ payload->eshutdowns, event->ts_ns, event->source };
	if (payload->cookie)
		watch = watch_of_cookie(model, client, payload->cookie);
	if (watch && payload->image)
		watch_tie(model, watch, image);
	if (watch && payload->last_ack_sent_ns) {
		int64_t sent_ns = wall_clock_convert(client->process, watch, payload->last_ack_sent_ns, event);

		watch_acked(watch, sent_ns, event->ts_ns, event->source, true);
		watch_aged(watch, sent_ns, event);
	}
	if (payload->image)
		entry_add(model, image,
		          &(struct timeline_entry){ .ts_ns = event->ts_ns,
		                                    .kind = TL_STATE,
		                                    .source = event->source,
		                                    .state = { .said = STATE_COUNTS,
		                                               .inflight = payload->inflight,
		                                               .ios = payload->ios,
		                                               .errors = payload->errors } });
}

void process_stalled(struct model *model, const struct event *event)
{
	const struct fl_process_stalled *payload = &event->trace.process_stalled;
	struct client *client = client_of_event(model, event);
	uint64_t hash = hash_number(hash_number(FACT_process_stalled, payload->pid), payload->global_id);
	struct stall *stall = client && !told_twice(model, event, hash) ? model_alloc(model, sizeof(*stall)) : NULL;

	if (!stall)
		return;
	stall->named = payload->global_id != 0;
	stall->begin_ns = payload->begin_ns;
	stall->gap_ns = (int64_t)payload->gap_ns;
	if (wall_clock_was_set(client->process))
		stall->begin_ns = event->ts_ns - stall->gap_ns; /* it is told as it ends */
	stall->process = client->process;
	stall->source = event->source;
	if (model->private->stall_tail)
		model->private->stall_tail->next = stall;
	else
		model->stalls = stall;
	model->private->stall_tail = stall;
	model->private->prunable++;
	for (struct client *each = model->clients; each; each = each->next)
		for (struct image *image = each->process == client->process ? each->images : NULL; image; image = image->next)
			if (image->serial && !image->close_ns)
				entry_add(model, image,
				          &(struct timeline_entry){ .ts_ns = event->ts_ns,
				                                    .kind = TL_PROCESS_STALLED,
				                                    .source = event->source,
				                                    .stall = { stall->begin_ns, stall->gap_ns, NULL } });
}

void events_lost(struct model *model, const struct event *event)
{
	int64_t begin_ns = event->lost.begin_ns ? event->lost.begin_ns : event->ts_ns;
	int64_t end_ns = event->lost.end_ns ? event->lost.end_ns : event->ts_ns;
	uint64_t hash = hash_number(hash_number(FACT_lost_events, event->lost.count), (uint64_t)begin_ns);
	struct discarded *discarded;

	/* A copy of a recording lacks what the recording lacks. */
	if (told_twice(model, event, hash_text(hash_number(hash, (uint64_t)end_ns), event->source->host)))
		return;
	model->lost_events += event->lost.count;
	discarded = model_alloc(model, sizeof(*discarded));
	if (!discarded)
		return;
	*discarded = (struct discarded){ begin_ns, end_ns, event->lost.count, event->source, model->discards };
	model->discards = discarded;
}

void passed_through(struct model *model, const struct event *event)
{
	client_of_event(model, event);
}

int model_add(const struct event *event, void *arg)
{
#define HANDLER_ROW(fact, handler) [FACT_##fact] = handler,
	static void (*const handlers[FACT_COUNT])(struct model *, const struct event *) = { HANDLERS(HANDLER_ROW) };
#undef HANDLER_ROW
	struct model *model = arg;

	if (!model->first_ns)
		model->first_ns = event->ts_ns;
	if (event->ts_ns > model->last_ns)
		model->last_ns = event->ts_ns;
	if (handlers[event->fact])
		handlers[event->fact](model, event);
	model_prune(model);
	return model->private->no_memory ? -ENOMEM : 0;
}

void model_finish(struct model *model)
{
	logged_join(model);
	clocks_finish(model);
	logged_watches(model);
	calls_finish(model);
	blocklist_finish(model);
	snaps_finish(model);
	failures_finish(model);
	slow_finish(model);
	for (struct client *client = model->clients; client; client = client->next)
		for (struct image *image = client->images; image; image = image->next) {
			watches_sort(image); /* one may have been told of before it was told when it began */
			entries_sort(model, image);
		}
}

static void process_free(struct process *process)
{
	struct vm_change *next;

	for (struct vm_change *change = process->changes; change; change = next) {
		next = change->next;
		free(change->host);
		free(change);
	}
	free(process->host);
	free(process->name);
	free(process->vm_name);
	free(process->vm_uuid);
	free(process->not_understood);
	free(((struct process_record *)process)->key_host);
	free(process);
}

static void lock_break_free(struct lock_break_call *call)
{
	free(call->call);
	free(call->locker);
	free(call->cookie);
	free(call);
}

static void tied_free(struct tied_clock *tied)
{
	free(tied->name);
	free(tied);
}

#define FREE_LIST(type, head, release) \
	for (type *each = (head), *next; each; each = next) { \
		next = each->next; \
		release(each); \
	}

void model_free(struct model *model)
{
	if (!model)
		return;
	FREE_LIST(struct client, model->clients, client_free);
	FREE_LIST(struct tied_clock, model->private->tied, tied_free);
	FREE_LIST(struct log_clock, model->private->log_clocks, free);
	FREE_LIST(struct process, model->processes, process_free);
	FREE_LIST(struct blocklist_action, model->blocklists, blocklist_free);
	FREE_LIST(struct watchers_listing, model->listings, listing_free);
	FREE_LIST(struct header_op, model->header_ops, header_op_free);
	FREE_LIST(struct snapshot_call, model->snapshots, snapshot_free);
	FREE_LIST(struct recorded_window, model->windows, recorded_window_free);
	FREE_LIST(struct lock_break_call, model->lock_breaks, lock_break_free);
	FREE_LIST(struct stall, model->stalls, free);
	FREE_LIST(struct discarded, model->discards, free);
	FREE_LIST(struct lock_listed, model->locks_listed, free);
	free(model->private->seen);
	FREE_LIST(struct snaps_change, model->snaps_changes, snaps_change_free);
	FREE_LIST(struct failure_run, model->failures, failure_free);
	FREE_LIST(struct slow_run, model->slow_runs, slow_free);
	logged_free(model);
	if (model->cluster)
		client_free(model->cluster);
	free(model->private->open_snapshots.calls);
	free(model->private->open_lock_breaks.calls);
	free(model->private->open_failures.calls);
	free(model->private->open_slow.calls);
	free(model->private->holders.calls);
	free(model->private);
	free(model);
}
