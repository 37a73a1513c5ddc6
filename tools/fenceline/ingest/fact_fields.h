/* SPDX-License-Identifier: MIT */
/*
 * The fields of every kind of fact, a trace's and a log's alike: where each lies in a struct event, by name. Whoever copies,
 * writes or reads events goes by these rows. Offsets count from the beginning of the event's payload (&event->trace).
 */
#ifndef FENCELINE_INGEST_FACT_FIELDS_H
#define FENCELINE_INGEST_FACT_FIELDS_H

#include "ingest/event.h"

enum field_type { FIELD_U8, FIELD_U32, FIELD_I32, FIELD_U64, FIELD_I64, FIELD_STR, FIELD_LAT };
struct field_row {
	const char *name;
	enum field_type type;
	size_t offset;    /* in the payload */
	const char *unit; /* as FL_EVENTS names it; "" of what only logs tell */
};
/* A field that is a number. One beyond INT64_MAX is its negative twin, and put back as itself. */
static inline int64_t field_number(enum field_type type, const void *from)
{
	switch (type) {
	case FIELD_U8:
		return *(const uint8_t *)from;
	case FIELD_U32:
		return *(const uint32_t *)from;
	case FIELD_I32:
		return *(const int32_t *)from;
	default:
		return *(const int64_t *)from;
	}
}
/* Times and durations stay where two of them can be added: a trace may hold any number. */
#define FIELD_NS_MOST (INT64_MAX / 2)
static inline void field_put_number(const struct field_row *row, void *to, uint64_t number)
{
	bool ns = row->unit[0] == 'n' && row->unit[1] == 's';

	switch (row->type) {
	case FIELD_U8:
		*(uint8_t *)to = (uint8_t)number;
		break;
	case FIELD_U32:
	case FIELD_I32:
		*(uint32_t *)to = (uint32_t)number;
		break;
	case FIELD_I64:
		if (ns && (int64_t)number < 0)
			number = (int64_t)number < -FIELD_NS_MOST ? (uint64_t)-FIELD_NS_MOST : number;
		else if (ns)
			number = number > FIELD_NS_MOST ? FIELD_NS_MOST : number;
		*(uint64_t *)to = number;
		break;
	default:
		*(uint64_t *)to = ns && number > FIELD_NS_MOST ? FIELD_NS_MOST : number;
		break;
	}
}
struct event_row {
	const char *name;
	const struct field_row *fields;
	size_t count, size; /* of the struct */
};
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
