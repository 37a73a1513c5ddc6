/* SPDX-License-Identifier: MIT */
#include "ingest/event_list.h"

#include <errno.h>
#include <stdlib.h>

struct item {
	struct event event;
	size_t serial;
	json_t *json;
	char *text;
};

struct event_list {
	struct feed feed; /* first: a feed is its list */
	struct item *items;
	size_t count, capacity, delivered;
};

static int list_next(struct feed *feed, const struct event **event)
{
	struct event_list *list = (struct event_list *)feed;

	if (list->delivered == list->count)
		return 0;
	*event = &list->items[list->delivered++].event;
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

int event_list_add(struct event_list *list, const struct event *event, json_t *json, char *text)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 64;
		struct item *items = reallocarray(list->items, capacity, sizeof(*items));
		if (!items) {
			json_decref(json);
			free(text);
			return -ENOMEM;
		}
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count] = (struct item){ .event = *event, .serial = list->count, .json = json, .text = text };
	list->count++;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	if (left->event.ts_ns != right->event.ts_ns)
		return left->event.ts_ns < right->event.ts_ns ? -1 : 1;
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
	for (size_t i = 0; i < list->count; i++) {
		json_decref(list->items[i].json);
		free(list->items[i].text);
	}
	free(list->items);
	free(list);
}
