/* SPDX-License-Identifier: MIT */
/*
 * A feed that holds its events: for inputs of which few lines matter (logs) or that are small (hand-written events), and
 * whose lines may be out of order, as when several monitors write one log. A large log is read on as its events are delivered:
 * then only so many are held, and put in order. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_EVENT_LIST_H
#define FENCELINE_INGEST_EVENT_LIST_H

#include "ingest/intake.h"

struct event_list;

struct event_list *event_list_new(void);
/* A copy of text[0, length), for the strings of an event that is to be added: it lives until `more` returns, without one until
 * event_list_finish. */
const char *event_list_text(struct event_list *list, const char *text, size_t length);
/* The same of all strings of an event. */
void event_list_keep(struct event_list *list, struct event *event);
/* Returns the copy that the list keeps, with strings of its own. */
struct event *event_list_add(struct event_list *list, const struct event *event);
size_t event_list_count(const struct event_list *list);
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
