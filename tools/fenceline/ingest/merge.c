/* SPDX-License-Identifier: MIT */
#include "ingest/merge.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <stdlib.h>

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

HEAP(struct head, before)

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

int merge_feeds(struct feed *const feeds[], size_t count, const struct ingest_options *options,
                int (*deliver)(const struct event *event, void *arg), void *arg)
{
	struct head *heap = xcalloc(count + 1, sizeof(*heap));
	size_t live = 0;
	int stop = 0;

	for (size_t i = 0; i < count; i++)
		if (feeds[i]->next(feeds[i], &heap[live].event) == 1) {
			heap[live].place = i;
			heap_up(heap, live++);
		}
	while (live && !stop) {
		struct feed *feed = feeds[heap[0].place];

		account(heap[0].event);
		if (wanted(heap[0].event, options))
			stop = deliver(heap[0].event, arg);
		if (!stop && feed->next(feed, &heap[0].event) != 1) /* what can go wrong has been said, and ends the feed */
			heap[0] = heap[--live];
		heap_down(heap, live);
	}
	free(heap);
	return stop;
}
