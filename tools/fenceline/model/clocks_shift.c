/* SPDX-License-Identifier: MIT */
/* Everything that a clock which is off tells is moved, once clocks.c has found by how much. */
#include "model/clocks_shift.h"
#include "model/private.h"
#include "model/sources.h"

#include <string.h>

static int64_t offset_of(const struct model *model, const char *name)
{
	for (const struct clock_offset *offset = model->clocks; offset; offset = offset->next)
		if (!offset->by || strcmp(offset->host, name))
			continue;
		else
			return offset->offset_ns;
	return 0;
}

static void shift(const struct model *model, const struct source *source, int64_t *time)
{
	if (!source || !*time)
		return;
	if (model->private->shift.source != source) {
		model->private->shift.source = source;
		model->private->shift.offset_ns = offset_of(model, model_clock(model, source));
	}
	*time += model->private->shift.offset_ns;
}

static void shift_entry(const struct model *model, struct timeline_entry *entry)
{
	shift(model, entry->source, &entry->ts_ns);
	if (entry->kind == TL_PROCESS_STALLED || entry->kind == TL_RECORDING_GAP)
		shift(model, entry->source, &entry->stall.begin_ns);
}

static void shift_pings(const struct model *model, struct ping *pings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		shift(model, pings[i].source, &pings[i].sent_ns);
		shift(model, pings[i].source, &pings[i].reply_ns);
	}
}

static void shift_watch(const struct model *model, struct watch *watch)
{
	struct watch_record *record = (struct watch_record *)watch;

	shift(model, watch->registered_source, &watch->registered_ns);
	shift(model, watch->registered_source, &watch->unregistered_ns);
	shift(model, watch->registered_source, &watch->error_ns);
	shift(model, watch->last_ack_source, &watch->last_ack_sent_ns);
	shift(model, watch->last_ack_source, &watch->last_ack_ns);
	shift(model, watch->expired_source, &watch->expired_ns);
	shift(model, watch->disconnected_source, &watch->disconnected_ns);
	for (size_t i = 0; i < watch->osd_ping_count; i++)
		shift(model, watch->osd_source, &watch->osd_pings[i]);
	for (size_t i = 0; i < watch->overdue_count; i++) {
		shift(model, watch->overdues[i].source, &watch->overdues[i].acked_ns);
		shift(model, watch->overdues[i].source, &watch->overdues[i].first_ns);
		shift(model, watch->overdues[i].source, &watch->overdues[i].last_ns);
		shift(model, watch->overdues[i].source, &watch->overdues[i].sure_ns);
	}
	shift(model, record->logged.osd_source, &record->logged.registered_ns);
	shift(model, record->logged.osd_source, &record->logged.removed_ns);
	shift(model, record->logged.client_source, &record->logged.error_ns);
	shift_pings(model, watch->past_pings, watch->past_count);
	shift_pings(model, watch->pings, watch->ping_count);
}

static void shift_image(const struct model *model, struct image *image, int64_t offset_ns)
{
	image->open_ns += image->open_ns ? offset_ns : 0;
	image->close_ns += image->close_ns ? offset_ns : 0;
	for (size_t i = 0; i < image->entry_count; i++)
		shift_entry(model, &image->entries[i]);
	for (struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next) {
		shift(model, run->source, &run->begin_ns);
		shift(model, run->source, &run->end_ns);
	}
	shift(model, image->first_eshutdown.source, &image->first_eshutdown.ts_ns);
	shift(model, image->last_eshutdown.source, &image->last_eshutdown.ts_ns);
	shift(model, image->counted_failures.source, &image->counted_failures.ts_ns);
	shift(model, image->waiting.source, &image->waiting.since_ns);
	shift(model, image->waiting.source, &image->waiting.until_ns);
	for (struct watch *watch = image->watches; watch; watch = watch->next)
		shift_watch(model, watch);
}

static void shift_who(struct model *model)
{
	for (struct process *process = model->processes; process; process = process->next)
		for (struct vm_change *change = process->changes; change; change = change->next)
			shift(model, change->source, &change->ts_ns);
	for (struct process *process = model->processes; process; process = process->next)
		shift(model, process->clock_set.source, &process->clock_set.ts_ns);
	for (struct process *process = model->processes; process; process = process->next)
		process->last_ns += offset_of(model, ((struct process_record *)process)->key_host);
	for (struct client *client = model->clients; client; client = client->next) {
		const struct process_record *process = (const struct process_record *)client->process;
		int64_t offset_ns = process ? offset_of(model, process->key_host) : 0;
		client->first_ns += client->first_ns ? offset_ns : 0;
		client->last_ns += client->last_ns ? offset_ns : 0;
		client->shutdown_ns += client->shutdown_ns ? offset_ns : 0;
		client->connected_ns += client->connected_ns ? offset_ns : 0;
		shift(model, client->osd_fenced_source, &client->osd_fenced_ns);
		for (size_t i = 0; i < client->hole_count; i++) {
			client->holes[i].begin_ns += offset_ns;
			client->holes[i].end_ns += offset_ns;
		}
		for (struct image *image = client->images; image; image = image->next)
			shift_image(model, image, offset_ns);
	}
}

#define SHIFT_LIST(type, list, begin, end) \
	for (type *each = (list); each; each = each->next) { \
		shift(model, each->source, &each->begin); \
		shift(model, each->source, &each->end); \
	}
#define SHIFT_TIMES(type, list, time) \
	for (type *each = (list); each; each = each->next) \
		shift(model, each->source, &each->time);

static void shift_deeds(struct model *model)
{
	SHIFT_TIMES(struct watchers_listing, model->listings, ts_ns);
	SHIFT_TIMES(struct header_op, model->header_ops, ts_ns);
	SHIFT_LIST(struct snapshot_call, model->snapshots, begin_ns, end_ns);
	SHIFT_LIST(struct recorded_window, model->windows, begin_ns, end_ns);
	SHIFT_LIST(struct lock_break_call, model->lock_breaks, begin_ns, end_ns);
	SHIFT_TIMES(struct stall, model->stalls, begin_ns);
	SHIFT_LIST(struct discarded, model->discards, begin_ns, end_ns);
	SHIFT_TIMES(struct lock_listed, model->locks_listed, ts_ns);
	SHIFT_LIST(struct snaps_change, model->snaps_changes, ts_ns, last_ns);
	SHIFT_LIST(struct failure_run, model->failures, begin_ns, end_ns);
	SHIFT_LIST(struct slow_run, model->slow_runs, ts_ns, last_ns);
	SHIFT_TIMES(struct breaker_logged, model->breakers, ts_ns);
	for (struct blocklist_action *action = model->blocklists; action; action = action->next) {
		shift(model, action->trace_source, &action->trace_ns);
		shift(model, action->audit_source, &action->dispatch_ns);
		shift(model, action->audit_source, &action->finished_ns);
	}
}

static void widen(struct model *model, int64_t ts_ns)
{
	if (!ts_ns)
		return;
	if (!model->first_ns || ts_ns < model->first_ns)
		model->first_ns = ts_ns;
	if (ts_ns > model->last_ns)
		model->last_ns = ts_ns;
}

/* The time that the inputs cover, with their clocks put right. */
static void set_span(struct model *model)
{
	model->first_ns = model->last_ns = 0;
	for (const struct client *client = model->clients; client; client = client->next) {
		widen(model, client->first_ns);
		widen(model, client->last_ns);
	}
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next) {
		widen(model, action->trace_ns);
		widen(model, action->dispatch_ns);
		widen(model, action->finished_ns);
	}
	for (const struct slow_run *run = model->slow_runs; run; run = run->next) {
		widen(model, run->ts_ns);
		widen(model, run->last_ns);
	}
	for (const struct failure_run *run = model->failures; run; run = run->next) {
		widen(model, run->begin_ns);
		widen(model, run->end_ns);
	}
}

void clocks_shift(struct model *model)
{
	shift_who(model);
	shift_deeds(model);
	set_span(model);
}
