/* SPDX-License-Identifier: MIT */
#include "ingest/fact_fields.h"
#include "ingest/xalloc.h"

#include <string.h>

_Static_assert(sizeof(enum audit_phase) == 4 && sizeof(enum io_layer) == 4,
               "an enum of a payload is read as a number of 4 bytes");

/* clang-format off */
#define AUDIT(F) \
	F(STR, op) \
	F(U8, range) \
	F(STR, target) F(I64, expire_s) F(STR, from_address) F(U64, from_gid) F(STR, entity) F(U32, phase) F(STR, result_text)
#define LOST(F)  F(U64, count) F(I64, begin_ns) F(I64, end_ns)
#define SLOW(F)  F(STR, osd) F(U64, count) F(I64, blocked_ns) F(U64, gid) F(U64, cookie) F(STR, object) F(STR, text)
#define SNAPS(F) F(STR, osd) F(STR, pg) F(U64, pool) F(STR, intervals) F(STR, removed)
#define WATCH(F) \
	F(U32, what) \
	F(U64, cookie) F(U64, gid) F(STR, address) F(STR, object) F(STR, osd) F(U32, timeout_s) F(U64, linger) F(I32, result)
#define FAILURE(F) \
	F(U32, layer) \
	F(U8, io) \
	F(STR, vm_name) \
	F(STR, vm_uuid) \
	F(STR, device) F(STR, pool) F(STR, image) F(U8, op) F(U64, offset) F(U64, length) F(I32, result) F(STR, image_id) \
	        F(U64, gid) F(STR, address) F(STR, text)
#define ENTRY(F)    F(STR, target) F(U8, range) F(U8, lifted) F(I64, expires_ns)
#define LOCK(F)     F(U32, what) F(U64, gid) F(U64, by_gid) F(U64, cookie) F(STR, address) F(I32, result) F(STR, device)
#define SNAPSHOT(F) F(STR, op) F(STR, snap)
#define LATENCY(F)  F(STR, osd) F(U64, commit_ms) F(U64, apply_ms)
#define TIMEOUT(F)  F(U32, seconds)
#define PAUSED(F)   F(U32, what)
#define VM(F) \
	F(U32, what) \
	F(STR, name) F(STR, uuid) F(STR, host) F(STR, device) F(STR, pool) F(STR, namespace) F(STR, image) F(STR, user)
/* clang-format on */

/* What only logs tell: fact, its payload's type, its fields. */
#define LOGGED(R) \
	R(audit_blocklist, audit_blocklist, AUDIT) \
	R(lost_events, lost_events, LOST) \
	R(slow_request, slow_request, SLOW) \
	R(snaptrim, snaps_logged, SNAPS) \
	R(removed_snaps, snaps_logged, SNAPS) \
	R(watch_logged, watch_logged, WATCH) \
	R(io_failure, io_failure, FAILURE) \
	R(blocklist_entry, blocklist_entry, ENTRY) \
	R(lock_logged, lock_logged, LOCK) \
	R(snapshot_logged, snapshot_logged, SNAPSHOT) \
	R(osd_latency, osd_latency, LATENCY) \
	R(watch_timeout, watch_timeout_logged, TIMEOUT) \
	R(cluster_paused, cluster_paused, PAUSED) \
	R(vm_logged, vm_logged, VM)

/* A struct that grew has a new field: name it above, then put its new size here. */
#define SAME_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "fact_fields.c does not know all fields of struct " #type)
SAME_SIZE(audit_blocklist, 72);
SAME_SIZE(lost_events, 24);
SAME_SIZE(slow_request, 56);
SAME_SIZE(snaps_logged, 40);
SAME_SIZE(watch_logged, 72);
SAME_SIZE(io_failure, 112);
SAME_SIZE(blocklist_entry, 24);
SAME_SIZE(lock_logged, 56);
SAME_SIZE(snapshot_logged, 16);
SAME_SIZE(osd_latency, 24);
SAME_SIZE(watch_timeout_logged, 4);
SAME_SIZE(cluster_paused, 4);
SAME_SIZE(vm_logged, 72);
_Static_assert(FACT_COUNT == (int)FL_EV_COUNT + 14, "fact_fields.c does not know a kind of fact");

#define FIELD_ROW(type, name) { #name, FIELD_##type, offsetof(self, name) },
#define FACT_ROW(fact, type, FIELDS) \
	static const struct event_row *fact##_row(void) \
	{ \
		typedef struct type self; \
		static const struct field_row fields[] = { FIELDS(FIELD_ROW) }; \
		static const struct event_row row = { #fact, fields, sizeof(fields) / sizeof(*fields), sizeof(self) }; \
		return &row; \
	}
LOGGED(FACT_ROW)

const struct event_row *fact_row(enum fact fact)
{
#define ROW_FUNCTION(fact, type, FIELDS) [FACT_##fact - FL_EV_COUNT] = fact##_row,
	static const struct event_row *(*const logged[FACT_COUNT - (int)FL_EV_COUNT])(void) = { LOGGED(ROW_FUNCTION) };

	return fact_is_trace(fact) ? event_row((enum fl_event)fact) : logged[(int)fact - (int)FL_EV_COUNT]();
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
