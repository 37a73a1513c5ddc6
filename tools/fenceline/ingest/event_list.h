/* SPDX-License-Identifier: MIT */
/*
 * A feed that holds its events: for inputs of which few lines matter (logs) or that are small (hand-written events), and
 * whose lines may be out of order, as when several monitors write one log. A large log is read on as its events are delivered:
 * then only so many are held, and put in order. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_EVENT_LIST_H
#define FENCELINE_INGEST_EVENT_LIST_H

#include "ingest/intake.h"

#include <jansson.h>

struct event_list;

struct event_list *event_list_new(struct source *source);
/* A copy of text[0, length) that lives as long as the list, for the strings of its events. */
const char *event_list_text(struct event_list *list, const char *text, size_t length);
/* The same of all strings of an event. */
void event_list_keep(struct event_list *list, struct event *event);
/* Takes over json (may be NULL): what the event's strings point into. */
void event_list_add(struct event_list *list, const struct event *event, json_t *json);
/* The same of an event whose strings are the caller's: they are copied. */
void event_list_add_copy(struct event_list *list, const struct event *event);
size_t event_list_count(const struct event_list *list);
/* The one added last, as the list keeps it: only what its fact needs of it is there. */
struct event *event_list_last(const struct event_list *list);
/* How many events of a log are held at a time: what lies further apart in it than this is not put in order. */
#ifndef EVENT_LIST_WINDOW /* the fuzzers choose a small one */
#define EVENT_LIST_WINDOW ((size_t)16384)
#endif
/* Before event_list_finish: the list does not hold all events yet. `more` reads on and adds any number of them; it returns false
 * at the end. `release` is called once, when `more` will not be called again. */
void event_list_read_on(struct event_list *list, bool (*more)(void *arg), void (*release)(void *arg), void *arg);
/* Hands the list to the ingest as a feed: by time, and of one time in the order of lines. */
void event_list_finish(struct event_list *list, struct ingest *ingest);
void event_list_free(struct event_list *list);

#endif
