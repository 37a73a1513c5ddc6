/* SPDX-License-Identifier: MIT */
/* The reader's field table, made from the list that the writer uses: no field is named twice in the project. */
#include "ingest/feed.h"

#include <string.h>

/* A function per event, so that each row can say offsetof(self, field) of its own struct. */
#define FIELD_ROW(type, name, unit, text) { #name, FIELD_##type, offsetof(self, name) },
#define EVENT_ROW(event, level, when) \
	static const struct event_row *event##_row(void) \
	{ \
		typedef struct fl_##event self; \
		static const struct field_row fields[] = { FL_FIELDS_##event(FIELD_ROW) }; \
		static const struct event_row row = { #event, fields, sizeof(fields) / sizeof(*fields), sizeof(self) }; \
		return &row; \
	}
FL_EVENTS(EVENT_ROW)

const struct event_row *event_row(enum fl_event kind)
{
#define ROW_FUNCTION(event, level, when) event##_row,
	static const struct event_row *(*const rows[FL_EV_COUNT])(void) = { FL_EVENTS(ROW_FUNCTION) };

	return rows[kind]();
}

enum fl_event event_by_name(const char *name)
{
	int kind;

	for (kind = 0; kind < FL_EV_COUNT; kind++)
		if (!strcmp(event_row((enum fl_event)kind)->name, name))
			break;
	return (enum fl_event)kind;
}

void event_clear(struct event *event, enum fl_event kind)
{
	const struct event_row *row = event_row(kind);

	event->fact = (enum fact)kind;
	event->line = 0;
	memset(&event->trace, 0, row->size);
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			*(const char **)((char *)&event->trace + row->fields[i].offset) = "";
}

static bool field_same(const struct field_row *field, const char *a, const char *b)
{
	static const size_t sizes[] = { [FIELD_U8] = 1,  [FIELD_U32] = 4, [FIELD_I32] = 4,
		                        [FIELD_U64] = 8, [FIELD_I64] = 8, [FIELD_LAT] = sizeof(uint32_t[FL_LATENCY_BUCKETS]) };

	a += field->offset;
	b += field->offset;
	if (field->type == FIELD_STR)
		return !strcmp(*(const char *const *)a, *(const char *const *)b);
	return !memcmp(a, b, sizes[field->type]);
}

bool event_same(const struct event *a, const struct event *b)
{
	const struct event_row *row;

	if (a->fact != b->fact)
		return false;
	if (a->fact == FACT_lost_events)
		return a->lost.count == b->lost.count && a->lost.begin_ns == b->lost.begin_ns && a->lost.end_ns == b->lost.end_ns;
	if (!fact_is_trace(a->fact))
		return false;
	row = event_row((enum fl_event)a->fact);
	for (size_t i = 0; i < row->count; i++)
		if (!field_same(&row->fields[i], (const char *)&a->trace, (const char *)&b->trace))
			return false;
	return true;
}
