/* SPDX-License-Identifier: MIT */
#include "ingest/intake.h"
#include "ingest/cluster.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void ingest_complain(const char *path, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	fprintf(stderr, "fenceline: %s: %s\n", path, text);
	free(text);
}

void source_free(struct source *source)
{
	free((char *)source->path);
	free((char *)source->host);
	free(source);
}

static bool is_source(const struct source *source, const char *path, const char *kind, const char *host)
{
	return !strcmp(source->path, path) && !strcmp(source->host, host) && !strcmp(source->kind, kind);
}

struct source *ingest_source(struct ingest *ingest, const char *path, const char *kind, const char *host)
{
	struct source *source = ingest->newest;

	/* A store's rows come by source: mostly it is the one of before. */
	if (source && is_source(source, path, kind, host))
		return source;
	for (size_t i = 0; i < ingest->source_count; i++)
		if (is_source(ingest->sources[i], path, kind, host))
			return ingest->newest = ingest->sources[i];
	source = XNEW(struct source, .path = xstrdup(path), .host = xstrdup(host), .kind = kind, .tz = "UTC", .tz_from = "log");
	cluster_set(source, ingest->options.cluster);
	XROOM(ingest->sources, ingest->source_count)[ingest->source_count] = source;
	ingest->source_count++;
	return ingest->newest = source;
}

void ingest_add_feed(struct ingest *ingest, struct feed *feed)
{
	XROOM(ingest->feeds, ingest->feed_count)[ingest->feed_count] = feed;
	ingest->feed_count++;
}

void ingest_close_feeds(struct ingest *ingest)
{
	for (size_t i = 0; i < ingest->feed_count; i++)
		ingest->feeds[i]->close(ingest->feeds[i]);
	free(ingest->feeds);
	ingest->feeds = NULL;
	ingest->feed_count = 0;
}

int ingest_input_kind(const char *path)
{
	struct stat info;

	if (stat(path, &info)) {
		int error = errno;
		ingest_complain(path, "%s; give a trace folder or a log", strerror(error));
		return -error;
	}
	if (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode))
		return (int)(info.st_mode & S_IFMT);
	ingest_complain(path, "neither a folder nor a regular file; give a trace folder or a log");
	return -EINVAL;
}

bool ingest_first_visit(struct ingest *ingest, const char *path)
{
	struct stat info;

	if (stat(path, &info))
		return true;
	for (size_t i = 0; i < ingest->visited_count; i++)
		if (ingest->visited[i].device == info.st_dev && ingest->visited[i].inode == info.st_ino)
			return false;
	XROOM(ingest->visited, ingest->visited_count);
	ingest->visited[ingest->visited_count++] = (struct visited){ info.st_dev, info.st_ino };
	return true;
}

/* ---- the merge ---- */

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

int ingest_merge(const struct ingest *ingest, int (*deliver)(const struct event *event, void *arg), void *arg)
{
	struct head *heap = xcalloc(ingest->feed_count + 1, sizeof(*heap));
	struct feed *const *feeds = ingest->feeds;
	size_t live = 0;
	int stop = 0;

	for (size_t i = 0; i < ingest->feed_count; i++)
		if (feeds[i]->next(feeds[i], &heap[live].event) == 1) {
			heap[live].place = i;
			heap_up(heap, live++);
		}
	while (live && !stop) {
		struct feed *feed = feeds[heap[0].place];

		account(heap[0].event);
		if (wanted(heap[0].event, &ingest->options))
			stop = deliver(heap[0].event, arg);
		if (!stop && feed->next(feed, &heap[0].event) != 1) /* what can go wrong has been said, and ends the feed */
			heap[0] = heap[--live];
		heap_down(heap, live);
	}
	free(heap);
	return stop;
}
