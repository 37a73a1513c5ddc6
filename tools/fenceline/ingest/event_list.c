/* SPDX-License-Identifier: MIT */
#include "ingest/event_list.h"
#include "ingest/fact_fields.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 * 1024)

struct chunk {
	struct chunk *next; /* an older one */
	size_t used, size;
	size_t events; /* that have something in it */
	_Alignas(max_align_t) char bytes[];
};

/* A bad night's log holds a million events: each takes what its kind needs, and not what the largest would. */
struct item {
	int64_t ts_ns;
	size_t serial;
	struct event *event;        /* in a chunk, and only as long as its fact needs */
	struct chunk *last, *first; /* the chunks that hold it and its strings: from last to first, which is older or the same */
	json_t *json;               /* what its strings point into; owned, NULL: nothing */
};

struct event_list {
	struct feed feed;   /* first: a feed is its list */
	struct item *items; /* a heap of what is held */
	size_t count, serial;
	struct event current;     /* the one delivered last, in full length */
	struct item current_item; /* where it lies */
	struct chunk *chunks;     /* owned, the one being filled first */
	struct chunk *first;      /* the one that the next event's strings began in; NULL: it has none yet */
	struct event *last;       /* the one added last */
	bool (*more)(void *arg);  /* NULL: all has been read */
	void (*release)(void *arg);
	void *arg;
};

static void *list_keep(struct event_list *list, size_t size)
{
	struct chunk *chunk = list->chunks;
	void *at;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = xmalloc(sizeof(*chunk) + room);
		*chunk = (struct chunk){ .next = list->chunks, .size = room };
		list->chunks = chunk;
	}
	if (!list->first)
		list->first = chunk;
	at = chunk->bytes + chunk->used;
	chunk->used += (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	if (chunk->used > chunk->size)
		chunk->used = chunk->size;
	return at;
}

const char *event_list_text(struct event_list *list, const char *text, size_t length)
{
	char *copy;

	if (!length)
		return "";
	copy = memcpy(list_keep(list, length + 1), text, length);
	copy[length] = '\0';
	return copy;
}

static size_t length_of(const struct event *event)
{
	return offsetof(struct event, trace) + fact_row(event->fact)->size;
}

static bool before(const struct item *a, const struct item *b)
{
	return a->ts_ns != b->ts_ns ? a->ts_ns < b->ts_ns : a->serial < b->serial;
}

HEAP(struct item, before)

static struct item take_first(struct event_list *list)
{
	struct item first = list->items[0];

	list->items[0] = list->items[--list->count];
	heap_down(list->items, list->count);
	return first;
}

static void free_unused(struct event_list *list)
{
	struct chunk **link = &list->chunks->next; /* the one being filled stays */

	while (*link) {
		struct chunk *chunk = *link;

		if (chunk->events || chunk == list->first) {
			link = &chunk->next;
			continue;
		}
		*link = chunk->next;
		free(chunk);
	}
}

static void list_forget(struct event_list *list, struct item *item)
{
	bool unused = false;

	for (struct chunk *chunk = item->last; chunk; chunk = chunk == item->first ? NULL : chunk->next)
		unused |= --chunk->events == 0;
	json_decref(item->json);
	*item = (struct item){ 0 };
	if (unused)
		free_unused(list);
}

static void read_to_the_end(struct event_list *list)
{
	if (list->release)
		list->release(list->arg);
	list->more = NULL;
	list->release = NULL;
}

void event_list_read_on(struct event_list *list, bool (*more)(void *arg), void (*release)(void *arg), void *arg)
{
	list->more = more;
	list->release = release;
	list->arg = arg;
}

static int list_next(struct feed *feed, const struct event **event)
{
	struct event_list *list = (struct event_list *)feed;

	if (list->current_item.event)
		list_forget(list, &list->current_item);
	while (list->more && list->count < EVENT_LIST_WINDOW)
		if (!list->more(list->arg))
			read_to_the_end(list);
	if (!list->count)
		return 0;
	list->current_item = take_first(list);
	memcpy(&list->current, list->current_item.event, length_of(list->current_item.event));
	*event = &list->current;
	return 1;
}

static void list_close(struct feed *feed)
{
	event_list_free((struct event_list *)feed);
}

struct event_list *event_list_new(struct source *source)
{
	return XNEW(struct event_list, .feed = { .source = source, .next = list_next, .close = list_close });
}

void event_list_add(struct event_list *list, const struct event *event, json_t *json)
{
	size_t length = length_of(event);
	struct event *kept;

	kept = list_keep(list, length);
	memcpy(kept, event, length);
	for (struct chunk *chunk = list->chunks; chunk; chunk = chunk == list->first ? NULL : chunk->next)
		chunk->events++;
	XROOM(list->items, list->count);
	list->items[list->count] = (struct item){ event->ts_ns, list->serial++, kept, list->chunks, list->first, json };
	list->first = NULL;
	list->last = kept;
	heap_up(list->items, list->count++);
}

void event_list_keep(struct event_list *list, struct event *event)
{
	const struct event_row *row = fact_row(event->fact);

	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR) {
			const char **text = fact_field(event, &row->fields[i]);
			*text = event_list_text(list, *text, strlen(*text));
		}
}

void event_list_add_copy(struct event_list *list, const struct event *event)
{
	struct event copy = *event;

	event_list_keep(list, &copy);
	event_list_add(list, &copy, NULL);
}

size_t event_list_count(const struct event_list *list)
{
	return list->count;
}

struct event *event_list_last(const struct event_list *list)
{
	return list->last;
}

void event_list_finish(struct event_list *list, struct ingest *ingest)
{
	ingest_add_feed(ingest, &list->feed);
}

void event_list_free(struct event_list *list)
{
	if (!list)
		return;
	read_to_the_end(list);
	json_decref(list->current_item.json);
	for (size_t i = 0; i < list->count; i++)
		json_decref(list->items[i].json);
	while (list->chunks) {
		struct chunk *next = list->chunks->next;

		free(list->chunks);
		list->chunks = next;
	}
	free(list->items);
	free(list);
}
