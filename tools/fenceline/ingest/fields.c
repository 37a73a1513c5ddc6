/* SPDX-License-Identifier: MIT */
/* The reader's field table, made from the list that the writer uses: no field is named twice in the project. */
#include "ingest/fields.h"

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
