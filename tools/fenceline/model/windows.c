/* SPDX-License-Identifier: MIT */
/* What fenceline's own programs put into a trace: snapshot windows that were opened, and time that nobody recorded. */
#include "model/windows.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

/* What such a program tells of is of no image: the entries stand with the program itself. NULL: told already. */
static struct image *image_of_teller(struct model *model, const struct event *event, uint64_t number)
{
	struct client *client = client_of_event(model, event);
	uint64_t hash = hash_number(hash_number(event->fact, event->head.pid), number);

	if (!client || told_twice(model, event, hash))
		return NULL;
	if (!*client->process->name)
		model_set(model, &client->process->name, "fenceline record");
	return image_of_serial(model, client, 0);
}

static struct recorded_window *window_find(const struct model *model, const struct process *process, uint64_t serial)
{
	for (struct recorded_window *window = model->windows; window; window = window->next)
		if (window->process == process && window->serial == serial && !window->end_ns)
			return window;
	return NULL;
}

static struct recorded_window *window_add(struct model *model, const struct event *event, const struct image *image,
                                          uint64_t serial, const char *why)
{
	struct recorded_window *window = model_alloc(model, sizeof(*window));

	if (!window)
		return NULL;
	window->begin_ns = event->ts_ns;
	window->process = image->client->process;
	window->serial = serial;
	window->why = model_strdup(model, why);
	window->source = event->source;
	if (model->private->window_tail)
		model->private->window_tail->next = window;
	else
		model->windows = window;
	model->private->window_tail = window;
	return window;
}

void window_opened(struct model *model, const struct event *event)
{
	const struct fl_window_opened *payload = &event->trace.window_opened;
	struct image *image = image_of_teller(model, event, payload->window);

	if (!image)
		return;
	window_add(model, event, image, payload->window, payload->why);
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_WINDOW_BEGIN,
	                                    .source = event->source,
	                                    .window = { .why = payload->why, .full = payload->full } });
}

void window_closed(struct model *model, const struct event *event)
{
	const struct fl_window_closed *payload = &event->trace.window_closed;
	struct image *image = image_of_teller(model, event, payload->window);
	struct recorded_window *window;

	if (!image)
		return;
	window = window_find(model, image->client->process, payload->window);
	if (!window) {
		window = window_add(model, event, image, payload->window, "");
		if (window && payload->opened_ns)
			window->begin_ns = payload->opened_ns;
	}
	if (window)
		window->end_ns = event->ts_ns;
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_WINDOW_END,
	                                    .source = event->source,
	                                    .window = { .lasted_ns = event->ts_ns - payload->opened_ns } });
}

void recording_gap(struct model *model, const struct event *event)
{
	const struct fl_recording_gap *payload = &event->trace.recording_gap;
	struct image *image = image_of_teller(model, event, (uint64_t)payload->begin_ns);

	if (!image)
		return;
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_RECORDING_GAP,
	                                    .source = event->source,
	                                    .stall = { payload->begin_ns, event->ts_ns - payload->begin_ns, payload->why } });
}

void recorded_window_free(struct recorded_window *window)
{
	free(window->why);
	free(window);
}

/* ---- the Nth ---- */

struct range {
	int64_t begin_ns, end_ns;
};

static int by_begin(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

/* Those that overlap, or have no more than `apart_ns` between them, become one. Returns how many are left. */
static size_t merge(struct range *ranges, size_t count, int64_t apart_ns)
{
	size_t kept = 0;

	qsort(ranges, count, sizeof(*ranges), by_begin);
	for (size_t i = 1; i < count; i++) {
		if (ranges[i].begin_ns - ranges[kept].end_ns > apart_ns)
			ranges[++kept] = ranges[i];
		else if (ranges[i].end_ns > ranges[kept].end_ns)
			ranges[kept].end_ns = ranges[i].end_ns;
	}
	return count ? kept + 1 : 0;
}

static size_t ranges_of_calls(const struct model *model, struct range *ranges)
{
	size_t count = 0;

	for (const struct snapshot_call *call = model->snapshots; call; call = call->next) {
		if (ranges)
			ranges[count] = (struct range){ call->begin_ns - SNAPS_LEAD_NS,
				                        (call->end_ns ? call->end_ns : call->begin_ns) + SNAPS_TRAIL_NS };
		count++;
	}
	return ranges ? merge(ranges, count, ROTATION_GAP_NS - SNAPS_LEAD_NS - SNAPS_TRAIL_NS) : count;
}

static size_t ranges_of_windows(const struct model *model, struct range *ranges)
{
	size_t count = 0;

	for (const struct recorded_window *window = model->windows; window; window = window->next) {
		if (ranges)
			ranges[count] = (struct range){ window->begin_ns, window->end_ns ? window->end_ns : model->last_ns };
		count++;
	}
	return ranges ? merge(ranges, count, 0) : count;
}

size_t model_window(const struct model *model, size_t number, int64_t *begin_ns, int64_t *end_ns)
{
	size_t (*fill)(const struct model *, struct range *) = model->windows ? ranges_of_windows : ranges_of_calls;
	size_t count = fill(model, NULL);
	struct range *ranges = calloc(count + 1, sizeof(*ranges));

	if (!ranges)
		return 0;
	count = fill(model, ranges);
	if (number && number <= count) {
		*begin_ns = ranges[number - 1].begin_ns;
		*end_ns = ranges[number - 1].end_ns;
	}
	free(ranges);
	return count;
}
