/* SPDX-License-Identifier: MIT */
/* Where each field of struct fl_<event> lies, made from the X-macro list. Internal to ingest/. */
#ifndef FENCELINE_INGEST_FIELDS_H
#define FENCELINE_INGEST_FIELDS_H

#include "ingest/event.h"

enum field_type { FIELD_U8, FIELD_U32, FIELD_I32, FIELD_U64, FIELD_I64, FIELD_STR, FIELD_LAT };
struct field_row {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct fl_<event> */
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
static inline void field_put_number(enum field_type type, void *to, uint64_t number)
{
	switch (type) {
	case FIELD_U8:
		*(uint8_t *)to = (uint8_t)number;
		break;
	case FIELD_U32:
	case FIELD_I32:
		*(uint32_t *)to = (uint32_t)number;
		break;
	default:
		*(uint64_t *)to = number;
		break;
	}
}
struct event_row {
	const char *name;
	const struct field_row *fields;
	size_t count, size; /* of the struct */
};
const struct event_row *event_row(enum fl_event kind);
/* FL_EV_COUNT if there is no such event. */
enum fl_event event_by_name(const char *name);
/* Sets every field of a payload to 0 or "". */
void event_clear(struct event *event, enum fl_event kind);

#endif
