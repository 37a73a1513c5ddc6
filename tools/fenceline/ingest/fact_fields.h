/* SPDX-License-Identifier: MIT */
/*
 * The fields of every kind of fact, a trace's and a log's alike: where each lies in a struct event, by name. Whoever copies,
 * writes or reads events goes by these rows. Offsets count from the beginning of the event's payload (&event->trace).
 */
#ifndef FENCELINE_INGEST_FACT_FIELDS_H
#define FENCELINE_INGEST_FACT_FIELDS_H

#include "ingest/fields.h"

/* NULL never. Its name is the fact's: "ping_sent", "audit_blocklist". */
const struct event_row *fact_row(enum fact fact);
/* FACT_COUNT if there is no such fact. */
enum fact fact_by_name(const char *name);
/* A copy with its strings, in one piece of memory, to be freed with free(). Its source is not copied. */
struct event *event_copy(const struct event *event);
/* Every field 0 or "". */
void fact_clear(struct event *event, enum fact fact);

static inline void *fact_field(const struct event *event, const struct field_row *row)
{
	return (char *)&event->trace + row->offset;
}

#endif
