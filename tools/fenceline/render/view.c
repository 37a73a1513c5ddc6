/* SPDX-License-Identifier: MIT */
#include "render/view.h"
#include "correlate/ping_fate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool image_is_named(const struct image *image)
{
	return *image->name || *image->id;
}

bool image_matches(const struct image *image, const char *wanted)
{
	char full[512];

	if (!image || !image_is_named(image))
		return false;
	if (!strcmp(wanted, image->name) || !strcmp(wanted, image->id))
		return true;
	snprintf(full, sizeof full, "%s%s%s/%s", image->pool, *image->nspace ? "/" : "", image->nspace, image->name);
	return !strcmp(wanted, full);
}

bool image_same(const struct image *a, const struct image *b)
{
	const char *cluster = a->client->fsid, *other = b->client->fsid;

	if (!image_is_named(a) || !image_is_named(b) || (*cluster && *other && strcmp(cluster, other)))
		return false;
	if (*a->id && *b->id)
		return !strcmp(a->id, b->id) && (!*a->pool || !*b->pool || !strcmp(a->pool, b->pool));
	return *a->name && !strcmp(a->name, b->name) && !strcmp(a->pool, b->pool) && !strcmp(a->nspace, b->nspace);
}

const struct process *incident_process(const struct incident *incident)
{
	const struct process *process = incident->client ? incident->client->process : NULL;

	return process ? process : incident->vm;
}

bool process_matches(const struct process *process, const char *wanted)
{
	if (!wanted || !process)
		return !wanted;
	return (process->vm_name && !strcmp(process->vm_name, wanted)) ||
	       (process->vm_uuid && !strcasecmp(process->vm_uuid, wanted));
}

static bool in_time(const struct report *report, int64_t ts_ns)
{
	return ts_ns >= report->since_ns && ts_ns <= report->until_ns;
}

/* ---- verdicts ---- */

static bool incident_wanted(const struct report *report, const struct incident *incident)
{
	bool image_wanted = !report->image || (incident->image && image_matches(incident->image, report->image));

	if (report->client && strcmp(report->client, incident->address_text ? incident->address_text : "-") != 0)
		return false;
	for (size_t i = 0; i < incident->other_count && !image_wanted; i++)
		image_wanted = image_matches(incident->other_images[i], report->image);
	return image_wanted && process_matches(incident_process(incident), report->vm) && in_time(report, incident_ns(incident));
}

static bool near_miss_wanted(const struct report *report, const struct near_miss *near_miss)
{
	const struct process *process = near_miss->client ? near_miss->client->process : NULL;

	return (!report->image || image_matches(near_miss->image, report->image)) && process_matches(process, report->vm) &&
	       near_miss->begin_ns <= report->until_ns && (!near_miss->end_ns || near_miss->end_ns >= report->since_ns);
}

int view_open_verdicts(const struct report *report, struct view *view)
{
	const struct verdicts *verdicts = report->verdicts;

	memset(view, 0, sizeof *view);
	view->incidents = calloc(verdicts->incident_count + 1, sizeof *view->incidents);
	view->near_misses = calloc(verdicts->near_miss_count + 1, sizeof *view->near_misses);
	if (!view->incidents || !view->near_misses) {
		view_close(view);
		return -ENOMEM;
	}
	for (size_t i = 0; i < verdicts->incident_count; i++)
		if (incident_wanted(report, &verdicts->incidents[i]))
			view->incidents[view->incident_count++] = &verdicts->incidents[i];
	for (size_t i = 0; i < verdicts->near_miss_count; i++)
		if (near_miss_wanted(report, &verdicts->near_misses[i]))
			view->near_misses[view->near_miss_count++] = &verdicts->near_misses[i];
	return 0;
}

/* ---- events ---- */

/* The model knows what was seen; that a watch must have expired is the verdict engine's finding. */
static int make_expiries(struct view *view)
{
	view->made = calloc(view->incident_count + 1, sizeof *view->made);
	if (!view->made)
		return -ENOMEM;
	for (size_t i = 0; i < view->incident_count; i++) {
		const struct incident *incident = view->incidents[i];
		struct timeline_entry *entry = &view->made[view->made_count];
		const struct watch *watch = incident->image ? incident->image->watches : NULL;
		if (!incident->watch_expired_ns || !incident->image)
			continue;
		entry->ts_ns = incident->watch_expired_ns;
		entry->kind = TL_WATCH_EXPIRED;
		for (; watch; watch = watch->next)
			entry->source = watch->last_ack_source ? watch->last_ack_source : entry->source;
		entry->watch.found = incident->expiry_text;
		view->made_count++;
	}
	return 0;
}

/* The expiry that was made for this image, unless the model shows one of its own. */
static const struct timeline_entry *made_for(const struct view *view, const struct image *image)
{
	size_t made = 0;

	for (size_t i = 0; i < image->entry_count; i++)
		if (image->entries[i].kind == TL_WATCH_EXPIRED)
			return NULL;
	for (size_t i = 0; i < view->incident_count && made < view->made_count; i++) {
		if (!view->incidents[i]->watch_expired_ns || !view->incidents[i]->image)
			continue;
		if (view->incidents[i]->image == image)
			return &view->made[made];
		made++;
	}
	return NULL;
}

static int compare_events(const void *a, const void *b)
{
	const struct timeline_entry *x = *(const struct timeline_entry *const *)a, *y = *(const struct timeline_entry *const *)b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x > y) - (x < y); /* entries of one array keep their order */
}

static void take_entries(const struct report *report, struct view_image *into, const struct image *image)
{
	for (size_t i = 0; i < image->entry_count; i++)
		if (in_time(report, image->entries[i].ts_ns))
			into->events[into->count++] = &image->entries[i];
}

/* The model knows what was sent and answered; what became of a ping is the verdict engine's to say. */
static bool entry_of_ping(const struct model *model, const struct watch *watch, const struct ping *ping,
                          struct timeline_entry *entry)
{
	static const enum timeline_kind kinds[] = { [FATE_ANSWERED] = TL_PING_ACK,
		                                    [FATE_LATE] = TL_PING_LATE,
		                                    [FATE_REFUSED] = TL_PING_LOST,
		                                    [FATE_OVERDUE] = TL_PING_LOST };
	bool sampled = ping->seen == PING_SAMPLED, at_osd = ping->seen == PING_OSD_LOG;
	enum ping_fate fate = ping_fate(model, watch, ping);

	if (fate == FATE_ON_ITS_WAY || fate == FATE_NEVER_SENT)
		return false;
	/* The OSD does not know when it was sent; the sampler knows that, but not when the answer came. */
	*entry = (struct timeline_entry){
		.ts_ns = ping->reply_ns ? ping->reply_ns : ping->sent_ns,
		.kind = kinds[fate],
		.source = ping->source,
		.ping = { .sent_ns = at_osd ? 0 : ping->sent_ns,
		          .rtt_ns = sampled || at_osd || !ping->reply_ns ? -1 : ping->reply_ns - ping->sent_ns,
		          .osd = *ping->osd ? ping->osd : NULL,
		          .cookie = watch->cookie,
		          .result = ping->result,
		          .seen = ping->seen },
	};
	return true;
}

static size_t ping_count(const struct image *image)
{
	size_t count = 0;

	for (const struct watch *watch = image->watches; watch; watch = watch->next)
		count += watch->past_count + watch->ping_count;
	return count;
}

static void take_image(const struct report *report, struct view_image *into, struct timeline_entry **made,
                       const struct image *image)
{
	take_entries(report, into, image);
	for (const struct watch *watch = image->watches; watch; watch = watch->next)
		for (size_t i = 0; i < watch->past_count + watch->ping_count; i++) {
			const struct ping *ping =
			        i < watch->past_count ? &watch->past_pings[i] : &watch->pings[i - watch->past_count];
			if (entry_of_ping(report->model, watch, ping, *made) && in_time(report, (*made)->ts_ns))
				into->events[into->count++] = (*made)++;
		}
}

/* What belongs to the client as a whole stands with its image if it has but one. */
static const struct image *only_image(const struct client *client)
{
	const struct image *only = NULL;

	for (const struct image *image = client->images; image; image = image->next) {
		if (!image_is_named(image))
			continue;
		if (only)
			return NULL;
		only = image;
	}
	return only;
}

static int add_image(const struct report *report, const struct view *view, struct view_vm *vm, const struct client *client,
                     const struct image *image)
{
	const struct image *only = only_image(client);
	const struct timeline_entry *made = image_is_named(image) ? made_for(view, image) : NULL;
	struct view_image *into = &vm->images[vm->count];
	size_t entries = image->entry_count + 1, pings = ping_count(image);
	struct timeline_entry *next_ping;

	if (report->image && !image_matches(image, report->image))
		return 0;
	if (!image_is_named(image) && only)
		return 0; /* its entries stand with `only` */
	if (client->process && !client->process->pid && !image->entry_count && !pings)
		return 0; /* what the log told of it stands with the client of a trace */
	for (const struct image *each = client->images; each && image == only; each = each->next) {
		entries += image_is_named(each) ? 0 : each->entry_count;
		pings += image_is_named(each) ? 0 : ping_count(each);
	}
	*into = (struct view_image){ .client = client, .image = image_is_named(image) ? image : NULL };
	into->events = calloc(entries + pings, sizeof *into->events);
	into->pings = next_ping = calloc(pings + 1, sizeof *into->pings);
	vm->count++;
	if (!into->events || !into->pings)
		return -ENOMEM;
	take_image(report, into, &next_ping, image);
	for (const struct image *each = client->images; each && image == only; each = each->next)
		if (!image_is_named(each))
			take_image(report, into, &next_ping, each);
	if (made && in_time(report, made->ts_ns))
		into->events[into->count++] = made;
	qsort(into->events, into->count, sizeof *into->events, compare_events);
	if (!into->image && !into->count) { /* a client without a word to say */
		free(into->events);
		free(into->pings);
		vm->count--;
	}
	return 0;
}

static int add_vm(const struct report *report, struct view *view, const struct process *process)
{
	struct view_vm *vm = &view->vms[view->count];
	size_t images = 0;

	if (!process_matches(process, report->vm))
		return 0;
	for (const struct client *client = report->model->clients; client; client = client->next)
		for (const struct image *image = client->images; image && client->process == process; image = image->next)
			images++;
	*vm = (struct view_vm){ process, calloc(images + 1, sizeof *vm->images), 0 };
	if (!vm->images)
		return -ENOMEM;
	view->count++;
	for (const struct client *client = report->model->clients; client; client = client->next)
		for (const struct image *image = client->images; image && client->process == process; image = image->next)
			if (add_image(report, view, vm, client, image))
				return -ENOMEM;
	if (!vm->count) {
		free(vm->images);
		view->count--;
	}
	return 0;
}

/* What OSDs say of pools belongs to no VM: a part of its own, last, whatever VM or image is asked for. */
static int add_cluster(const struct report *report, struct view *view)
{
	const struct client *cluster = report->model->cluster;
	struct view_vm *vm = &view->vms[view->count];
	struct view_image *into;

	if (!cluster || !cluster->images->entry_count)
		return 0;
	into = calloc(1, sizeof *into);
	if (!into)
		return -ENOMEM;
	*vm = (struct view_vm){ NULL, into, 1 };
	view->count++;
	*into = (struct view_image){ .client = cluster,
		                     .cluster = true,
		                     .events = calloc(cluster->images->entry_count, sizeof *into->events) };
	if (!into->events)
		return -ENOMEM;
	take_entries(report, into, cluster->images);
	if (!into->count) {
		free(into->events);
		free(into);
		view->count--;
	}
	return 0;
}

bool view_in_snapshot_window(const struct view_image *image, int64_t ts_ns)
{
	int64_t begin_ns = INT64_MIN, end_ns = INT64_MIN;

	for (size_t i = 0; i < image->count; i++) {
		if (image->events[i]->kind == TL_SNAPSHOT_BEGIN) {
			begin_ns = image->events[i]->ts_ns;
			end_ns = INT64_MAX; /* until its end is found */
		} else if (image->events[i]->kind == TL_SNAPSHOT_END) {
			end_ns = image->events[i]->ts_ns + SNAPS_TRAIL_NS;
		}
		if (i + 1 < image->count && image->events[i + 1]->kind != TL_SNAPSHOT_BEGIN)
			continue;
		if (begin_ns <= ts_ns && ts_ns <= end_ns && end_ns != INT64_MIN)
			return true;
	}
	return false;
}

int view_open(const struct report *report, struct view *view)
{
	size_t processes = 0;

	if (view_open_verdicts(report, view))
		return -ENOMEM;
	for (const struct process *process = report->model->processes; process; process = process->next)
		processes++;
	view->vms = calloc(processes + 2, sizeof *view->vms);
	if (!view->vms || make_expiries(view))
		goto no_memory;
	for (const struct process *process = report->model->processes; process; process = process->next)
		if (add_vm(report, view, process))
			goto no_memory;
	if (!add_vm(report, view, NULL) && !add_cluster(report, view))
		return 0;
no_memory:
	view_close(view);
	return -ENOMEM;
}

void view_close(struct view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		for (size_t j = 0; j < view->vms[i].count; j++) {
			free(view->vms[i].images[j].events);
			free(view->vms[i].images[j].pings);
		}
		free(view->vms[i].images);
	}
	free(view->vms);
	free(view->made);
	free(view->incidents);
	free(view->near_misses);
	memset(view, 0, sizeof *view);
}
