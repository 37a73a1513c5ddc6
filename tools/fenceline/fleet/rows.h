/* SPDX-License-Identifier: MIT */
/*
 * An event as a row of the table `events` (schema.sql): the whole of it in `fields`, and in columns what one searches by. What an
 * event does not name itself (a ping knows process and client, and no VM) is taken from what the same process said of itself
 * before. Not for several threads.
 */
#ifndef FENCELINE_FLEET_ROWS_H
#define FENCELINE_FLEET_ROWS_H

#include "ingest/event.h"

#include <stdio.h>

#define SLOT_NS (600 * NS_PER_S) /* `slot` of schema.sql */

struct rows;

/* NULL: no memory. `shipper`: this host's name, borrowed. */
struct rows *rows_new(const char *shipper);
void rows_free(struct rows *rows);

/* Is it to be shipped at once? What comes every few seconds from each VM is not. */
bool row_is_rare(const struct event *event);
/* Was a client fenced, or refused, or did it stand still? The routine rows around it are the proof. */
bool row_tells_harm(const struct event *event);
/* What the event says of who a process is. For a look ahead: names come late in a recording. */
void rows_learn(struct rows *rows, const struct event *event);
/* The row as one line of JSONEachRow, newline included. */
void rows_write(struct rows *rows, const struct event *event, FILE *out);

#endif
