/* SPDX-License-Identifier: MIT */
#include "ingest/merge.h"

#include <errno.h>
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

/* Asks the first feed in the heap for its next event. 0 or -ENOMEM: what else can go wrong has been said, and ends the feed. */
static int advance(struct head *heap, size_t *live, struct feed *const feeds[])
{
	struct feed *feed = feeds[heap[0].place];
	int more = feed->next(feed, &heap[0].event);

	if (more != 1)
		heap[0] = heap[--*live];
	if (*live)
		sift_down(heap, *live, 0);
	return more == -ENOMEM ? more : 0;
}

int merge_feeds(struct feed *const feeds[], size_t count, const struct ingest_options *options,
                int (*deliver)(const struct event *event, void *arg), void *arg)
{
	struct head *heap = calloc(count + 1, sizeof(*heap));
	size_t live = 0;
	int stop = 0;

	if (!heap)
		return -ENOMEM;
	for (size_t i = 0; !stop && i < count; i++) {
		int more = feeds[i]->next(feeds[i], &heap[live].event);
		if (more == 1)
			heap[live++].place = i;
		stop = more == -ENOMEM ? more : 0;
	}
	for (size_t i = live / 2; i-- > 0;)
		sift_down(heap, live, i);
	while (live && !stop) {
		account(heap[0].event);
		if (wanted(heap[0].event, options))
			stop = deliver(heap[0].event, arg);
		if (!stop)
			stop = advance(heap, &live, feeds);
	}
	free(heap);
	return stop;
}
