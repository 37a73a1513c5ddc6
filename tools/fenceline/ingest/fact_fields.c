/* SPDX-License-Identifier: MIT */
#include "ingest/fact_fields.h"
#include "ingest/xalloc.h"

#include <string.h>

/* A function per fact, so that each row can say offsetof(self, field) of its own struct. */
#define ROW(fact, type, ...) \
	static const struct event_row *fact##_row(void) \
	{ \
		typedef struct type self; \
		static const struct field_row fields[] = { __VA_ARGS__ }; \
		static const struct event_row row = { #fact, fields, sizeof(fields) / sizeof(*fields), sizeof(self) }; \
		return &row; \
	}
#define FIELD_BOOL       FIELD_U8
#define FIELD_ENUM(name) FIELD_U32
_Static_assert(sizeof(enum audit_phase) == 4, "an enum of a payload is read as a number of 4 bytes");
#define LOGGED_FIELD(type, name)            { #name, FIELD_##type, offsetof(self, name), "" },
#define LOGGED_ROW(fact, payload)           ROW(fact, payload, FIELDS_##payload(LOGGED_FIELD))
#define TRACE_FIELD(type, name, unit, text) { #name, FIELD_##type, offsetof(self, name), unit },
#define TRACE_ROW(event, level, when)       ROW(event, fl_##event, FL_FIELDS_##event(TRACE_FIELD))
FL_EVENTS(TRACE_ROW)
LOGGED_FACTS(LOGGED_ROW)

const struct event_row *fact_row(enum fact fact)
{
#define TRACE_FUNCTION(event, level, when) event##_row,
#define LOGGED_FUNCTION(fact, payload)     fact##_row,
	static const struct event_row *(*const rows[FACT_COUNT])(void) = { FL_EVENTS(TRACE_FUNCTION)
		                                                                   LOGGED_FACTS(LOGGED_FUNCTION) };

	return rows[fact]();
}

enum fact fact_by_name(const char *name)
{
	int fact;

	for (fact = 0; fact < (int)FACT_COUNT; fact++)
		if (!strcmp(fact_row((enum fact)fact)->name, name))
			break;
	return (enum fact)fact;
}

void fact_clear(struct event *event, enum fact fact)
{
	const struct event_row *row = fact_row(fact);

	event->fact = fact;
	event->line = 0;
	memset(&event->trace, 0, row->size);
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			*(const char **)fact_field(event, &row->fields[i]) = "";
}

struct event *event_copy(const struct event *event)
{
	const struct event_row *row = fact_row(event->fact);
	size_t size = sizeof(*event);
	struct event *copy;
	char *text;

	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			size += strlen(*(const char **)fact_field(event, &row->fields[i])) + 1;
	copy = xmalloc(size);
	*copy = *event;
	text = (char *)(copy + 1);
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR) {
			const char **string = fact_field(copy, &row->fields[i]);
			*string = strcpy(text, *string);
			text += strlen(text) + 1;
		}
	return copy;
}
