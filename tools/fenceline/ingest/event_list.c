/* SPDX-License-Identifier: MIT */
#include "ingest/event_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 * 1024)

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

/* A bad night's log holds a million events: each takes what its kind needs, and not what the largest would. */
struct item {
	int64_t ts_ns;
	size_t serial;
	struct event *event; /* in a chunk, and only as long as its fact needs */
};

struct owned_json {
	struct owned_json *next;
	json_t *json;
};

struct event_list {
	struct feed feed; /* first: a feed is its list */
	struct item *items;
	size_t count, capacity, delivered;
	struct event current;     /* the one delivered last, in full length */
	struct chunk *chunks;     /* owned, the one being filled first */
	struct owned_json *jsons; /* owned, in chunks */
	bool failed;              /* a string could not be kept */
};

static void *keep(struct event_list *list, size_t size)
{
	struct chunk *chunk = list->chunks;
	void *at;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		*chunk = (struct chunk){ .next = list->chunks, .size = room };
		list->chunks = chunk;
	}
	at = chunk->bytes + chunk->used;
	chunk->used += (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (chunk->used > chunk->size)
		chunk->used = chunk->size;
	return at;
}

const char *event_list_text(struct event_list *list, const char *text, size_t length)
{
	char *copy = length ? keep(list, length + 1) : NULL;

	if (length && !copy)
		list->failed = true;
	if (!copy)
		return "";
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static size_t length_of(const struct event *event)
{
	static const size_t payloads[FACT_COUNT] = {
		[FACT_audit_blocklist] = sizeof(event->audit), [FACT_lost_events] = sizeof(event->lost),
		[FACT_slow_request] = sizeof(event->slow),     [FACT_snaptrim] = sizeof(event->snaps),
		[FACT_removed_snaps] = sizeof(event->snaps),   [FACT_watch_logged] = sizeof(event->watch),
		[FACT_io_failure] = sizeof(event->failure),    [FACT_blocklist_entry] = sizeof(event->entry),
		[FACT_lock_logged] = sizeof(event->lock),      [FACT_snapshot_logged] = sizeof(event->snapshot),
		[FACT_osd_latency] = sizeof(event->latency),   [FACT_watch_timeout] = sizeof(event->timeout),
		[FACT_vm_logged] = sizeof(event->vm),
	};

	if (fact_is_trace(event->fact))
		return offsetof(struct event, trace) + event_row((enum fl_event)event->fact)->size;
	return payloads[event->fact] ? offsetof(struct event, trace) + payloads[event->fact] : sizeof(*event);
}

static int list_next(struct feed *feed, const struct event **event)
{
	struct event_list *list = (struct event_list *)feed;
	const struct event *next;

	if (list->delivered == list->count)
		return 0;
	next = list->items[list->delivered++].event;
	memcpy(&list->current, next, length_of(next));
	*event = &list->current;
	return 1;
}

static void list_close(struct feed *feed)
{
	event_list_free((struct event_list *)feed);
}

struct event_list *event_list_new(struct source *source)
{
	struct event_list *list = calloc(1, sizeof(*list));

	if (list)
		list->feed = (struct feed){ .source = source, .next = list_next, .close = list_close };
	return list;
}

static int make_room(struct event_list *list)
{
	size_t capacity = list->capacity ? 2 * list->capacity : 64;
	struct item *items;

	if (list->count < list->capacity)
		return 0;
	items = reallocarray(list->items, capacity, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	list->capacity = capacity;
	return 0;
}

static int own(struct event_list *list, json_t *json)
{
	struct owned_json *owned = json ? keep(list, sizeof(*owned)) : NULL;

	if (json && !owned) {
		json_decref(json);
		return -ENOMEM;
	}
	if (owned) {
		*owned = (struct owned_json){ list->jsons, json };
		list->jsons = owned;
	}
	return 0;
}

int event_list_add(struct event_list *list, const struct event *event, json_t *json)
{
	size_t length = length_of(event);
	struct event *kept;

	if (own(list, json) || list->failed || make_room(list))
		return -ENOMEM;
	kept = keep(list, length);
	if (!kept)
		return -ENOMEM;
	memcpy(kept, event, length);
	list->items[list->count] = (struct item){ event->ts_ns, list->count, kept };
	list->count++;
	return 0;
}

size_t event_list_count(const struct event_list *list)
{
	return list->count;
}

struct event *event_list_last(const struct event_list *list)
{
	return list->items[list->count - 1].event;
}

static int by_time(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	if (left->ts_ns != right->ts_ns)
		return left->ts_ns < right->ts_ns ? -1 : 1;
	return left->serial < right->serial ? -1 : left->serial > right->serial;
}

int event_list_finish(struct event_list *list, struct ingest *ingest)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_time);
	return ingest_add_feed(ingest, &list->feed);
}

void event_list_free(struct event_list *list)
{
	if (!list)
		return;
	for (struct owned_json *owned = list->jsons; owned; owned = owned->next)
		json_decref(owned->json);
	while (list->chunks) {
		struct chunk *next = list->chunks->next;

		free(list->chunks);
		list->chunks = next;
	}
	free(list->items);
	free(list);
}
