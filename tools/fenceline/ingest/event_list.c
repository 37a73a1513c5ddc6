/* SPDX-License-Identifier: MIT */
#include "ingest/event_list.h"
#include "ingest/clocks.h"
#include "ingest/fact_fields.h"
#include "ingest/heap.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct item {
	int64_t ts_ns;
	size_t serial;
	struct event *event; /* owned, with its strings */
};

struct text {
	struct text *next;
	char bytes[];
};

struct event_list {
	struct feed feed;                     /* first: a feed is its list */
	const struct ingest_options *options; /* borrowed; NULL until the list is a feed */
	struct item *items;                   /* a heap of what is held */
	size_t count, serial;
	struct event *current;   /* the one delivered last; owned */
	struct text *texts;      /* of the events that are being read; owned */
	bool (*more)(void *arg); /* NULL: all has been read */
	void (*release)(void *arg);
	void *arg;
};

const char *event_list_text(struct event_list *list, const char *text, size_t length)
{
	struct text *copy;

	if (!length)
		return "";
	copy = xmalloc(sizeof(*copy) + length + 1);
	copy->next = list->texts;
	list->texts = copy;
	memcpy(copy->bytes, text, length);
	copy->bytes[length] = '\0';
	return copy->bytes;
}

/* Each event has a copy of its own by now. */
static void forget_texts(struct event_list *list)
{
	struct text *next;

	for (; list->texts; list->texts = next) {
		next = list->texts->next;
		free(list->texts);
	}
}

static bool before(const struct item *a, const struct item *b)
{
	return a->ts_ns != b->ts_ns ? a->ts_ns < b->ts_ns : a->serial < b->serial;
}

HEAP(struct item, before)

static struct event *take_first(struct event_list *list)
{
	struct event *first = list->items[0].event;

	list->items[0] = list->items[--list->count];
	heap_down(list->items, list->count);
	return first;
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

	free(list->current);
	list->current = NULL;
	while (list->more && list->count < EVENT_LIST_WINDOW) {
		if (!list->more(list->arg))
			read_to_the_end(list);
		forget_texts(list);
	}
	if (!list->count)
		return 0;
	*event = list->current = take_first(list);
	event_shift(list->current, clock_offset(list->options, list->current->source));
	return 1;
}

static void list_close(struct feed *feed)
{
	event_list_free((struct event_list *)feed);
}

struct event_list *event_list_new(void)
{
	return XNEW(struct event_list, .feed = { .next = list_next, .close = list_close });
}

struct event *event_list_add(struct event_list *list, const struct event *event)
{
	struct event *kept = event_copy(event);

	XROOM(list->items, list->count)[list->count] = (struct item){ event->ts_ns, list->serial++, kept };
	heap_up(list->items, list->count++);
	return kept;
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

size_t event_list_count(const struct event_list *list)
{
	return list->count;
}

void event_list_finish(struct event_list *list, struct ingest *ingest)
{
	forget_texts(list);
	list->options = &ingest->options;
	ingest_add_feed(ingest, &list->feed);
}

void event_list_free(struct event_list *list)
{
	if (!list)
		return;
	read_to_the_end(list);
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].event);
	free(list->items);
	free(list->current);
	forget_texts(list);
	free(list);
}
