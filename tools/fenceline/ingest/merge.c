/* SPDX-License-Identifier: MIT */
#include "ingest/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A feed and its next event, in a binary heap ordered by time and then by place among the feeds. */
struct head {
	const struct event *event;
	size_t place;
};

static bool before(const struct head *a, const struct head *b)
{
	if (a->event->ts_ns != b->event->ts_ns)
		return a->event->ts_ns < b->event->ts_ns;
	return a->place < b->place;
}

static void sift_down(struct head *heap, size_t count, size_t at)
{
	struct head moving = heap[at];

	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= count)
			break;
		if (child + 1 < count && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &moving))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moving;
}

/* What names a client must arrive even if it lies outside the time asked for, and so must what has no time. */
static bool wanted(const struct event *event, const struct ingest_options *options)
{
	switch (event->fact) {
	case FACT_io:
		if (options->no_io)
			return false;
		break;
	case FACT_state:
	case FACT_client_connect:
	case FACT_image_open:
		return true;
	default:
		break;
	}
	return !event->ts_ns || (event->ts_ns >= options->since_ns && event->ts_ns <= options->until_ns);
}

static void account(const struct event *event)
{
	struct source *source = (struct source *)event->source;

	if (event->fact == FACT_lost_events)
		source->lost_events += event->lost.count;
	else
		source->events++;
	if (event->ts_ns && (!source->begin_ns || event->ts_ns < source->begin_ns))
		source->begin_ns = event->ts_ns;
	if (event->ts_ns > source->end_ns)
		source->end_ns = event->ts_ns;
}

/* Snapshots of a flight recorder overlap, and folders are copied: the same event of the same host in two traces is one. */
static bool is_twin(const struct event *event, const struct event *other)
{
	return event->ts_ns == other->ts_ns && !strcmp(event->source->kind, "ctf") && !strcmp(other->source->kind, "ctf") &&
	       !strcmp(event->source->host, other->source->host) && event_same(event, other);
}

static void advance(struct head *heap, size_t *live, size_t at, struct feed *const feeds[])
{
	struct feed *feed = feeds[heap[at].place];

	if (feed->next(feed, &heap[at].event) != 1)
		heap[at] = heap[--*live];
	/* The last one, put into the place of one that ended, may belong further up. */
	for (; at && at < *live && before(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2) {
		struct head parent = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = heap[at];
		heap[at] = parent;
	}
	if (at < *live)
		sift_down(heap, *live, at);
}

/* Those of equal time as the first lie right below it in the heap: mostly there are none. */
static void drop_twins(struct head *heap, size_t *live, struct feed *const feeds[])
{
	int64_t ts_ns = heap[0].event->ts_ns;
	size_t at = 1;

	if ((*live < 2 || heap[1].event->ts_ns != ts_ns) && (*live < 3 || heap[2].event->ts_ns != ts_ns))
		return;
	while (at < *live)
		if (is_twin(heap[0].event, heap[at].event)) {
			advance(heap, live, at, feeds);
			at = 1;
		} else {
			at++;
		}
}

int merge_feeds(struct feed *const feeds[], size_t count, const struct ingest_options *options,
                int (*deliver)(const struct event *event, void *arg), void *arg)
{
	struct head *heap = calloc(count + 1, sizeof(*heap));
	size_t live = 0;
	int stop = 0;

	if (!heap)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (feeds[i]->next(feeds[i], &heap[live].event) == 1)
			heap[live++].place = i;
	for (size_t i = live / 2; i-- > 0;)
		sift_down(heap, live, i);
	while (live && !stop) {
		drop_twins(heap, &live, feeds);
		account(heap[0].event);
		if (wanted(heap[0].event, options))
			stop = deliver(heap[0].event, arg);
		advance(heap, &live, 0, feeds);
	}
	free(heap);
	return stop;
}
