/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_event.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* How a field is read; settled once per event class. */
struct member {
	uint64_t index; /* in the payload structure of the trace */
	const struct field_row *row;
	bool is_signed;
};

struct ctf_class {
	const bt_event_class *class;
	enum fact kind;         /* FACT_COUNT: not ours */
	struct member *members; /* owned */
	size_t count;
};

/* ---- event classes ---- */

/* A trace of another program may use our names for something else. */
static bool fits(bt_field_class_type type, const struct field_row *row)
{
	return bt_field_class_type_is(type, row->type == FIELD_STR   ? BT_FIELD_CLASS_TYPE_STRING
	                                    : row->type == FIELD_LAT ? BT_FIELD_CLASS_TYPE_ARRAY
	                                                             : BT_FIELD_CLASS_TYPE_INTEGER);
}

static void find_members(struct ctf_class *known, const bt_field_class *payload)
{
	const struct event_row *row = fact_row(known->kind);

	known->members = xcalloc(row->count, sizeof(*known->members));
	for (uint64_t i = 0; payload && i < bt_field_class_structure_get_member_count(payload); i++) {
		const bt_field_class_structure_member *trace = bt_field_class_structure_borrow_member_by_index_const(payload, i);
		const char *name = bt_field_class_structure_member_get_name(trace);
		bt_field_class_type type =
		        bt_field_class_get_type(bt_field_class_structure_member_borrow_field_class_const(trace));

		for (size_t field = 0; field < row->count; field++)
			if (!strcmp(row->fields[field].name, name) && fits(type, &row->fields[field]))
				known->members[known->count++] =
				        (struct member){ i, &row->fields[field],
					                 bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER) };
	}
}

static enum fact kind_of(const bt_event_class *class)
{
	static const char prefix[] = FL_PROVIDER_NAME ":";
	const char *name = bt_event_class_get_name(class);
	enum fact kind;

	if (!name || strncmp(name, prefix, sizeof(prefix) - 1))
		return FACT_COUNT;
	/* Without a clock there is no time to order it by. */
	if (!bt_stream_class_borrow_default_clock_class_const(bt_event_class_borrow_stream_class_const(class)))
		return FACT_COUNT;
	kind = fact_by_name(name + sizeof(prefix) - 1);
	return fact_is_trace(kind) ? kind : FACT_COUNT;
}

static int by_class(const void *a, const void *b)
{
	const struct ctf_class *left = a, *right = b;

	return left->class < right->class ? -1 : left->class > right->class;
}

static struct ctf_class *class_of(struct ctf_events *events, const bt_event_class *class)
{
	struct ctf_class *const *found = tfind(&(struct ctf_class){ class }, &events->classes, by_class), *known;

	if (found)
		return *found;
	known = XNEW(struct ctf_class, class, kind_of(class));
	xtsearch(known, &events->classes, by_class);
	if (known->kind != FACT_COUNT)
		find_members(known, bt_event_class_borrow_payload_field_class_const(class));
	return known;
}

static void class_free(void *known)
{
	free(((struct ctf_class *)known)->members);
	free(known);
}

void ctf_events_release(struct ctf_events *events)
{
	tdestroy(events->classes, class_free);
}

/* ---- fields ---- */

static void read_array(const bt_field *field, uint32_t *buckets)
{
	uint64_t length = bt_field_array_get_length(field);

	for (uint64_t i = 0; i < length && i < FL_LATENCY_BUCKETS; i++) {
		const bt_field *element = bt_field_array_borrow_element_field_by_index_const(field, i);
		if (bt_field_class_type_is(bt_field_get_class_type(element), BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
			buckets[i] = (uint32_t)bt_field_integer_unsigned_get_value(element);
	}
}

static void read_member(const struct member *member, const bt_field *payload, char *to)
{
	const bt_field *field = bt_field_structure_borrow_member_field_by_index_const(payload, member->index);

	to += member->row->offset;
	switch (member->row->type) {
	case FIELD_STR:
		/* libbabeltrace2 2.0.4 reuses fields: an empty string still holds the text of an earlier event, only its
		 * length is right. */
		*(const char **)to = bt_field_string_get_length(field) ? bt_field_string_get_value(field) : "";
		break;
	case FIELD_LAT:
		read_array(field, (uint32_t *)to);
		break;
	default:
		field_put_number(member->row, to,
		                 member->is_signed ? (uint64_t)bt_field_integer_signed_get_value(field)
		                                   : bt_field_integer_unsigned_get_value(field));
	}
}

static bool time_of(const bt_clock_snapshot *snapshot, int64_t *ts_ns)
{
	if (bt_clock_snapshot_get_ns_from_origin(snapshot, ts_ns)) {
		bt_current_thread_clear_error(); /* while it is pending, the library's next call ends the program */
		return false;
	}
	return *ts_ns <= FIELD_NS_MOST && *ts_ns >= -FIELD_NS_MOST;
}

static bool decode_event(struct ctf_events *events, const bt_message *message, struct event *event)
{
	const bt_event *trace = bt_message_event_borrow_event_const(message);
	const struct ctf_class *known = class_of(events, bt_event_borrow_class_const(trace));
	const bt_field *payload;

	if (known->kind == FACT_COUNT) {
		events->unknown++;
		return false;
	}
	if (known->kind == FACT_io && events->no_io) {
		events->skipped++;
		return false;
	}
	if (!time_of(bt_message_event_borrow_default_clock_snapshot_const(message), &event->ts_ns))
		return false;
	fact_clear(event, known->kind);
	payload = bt_event_borrow_payload_field_const(trace);
	for (size_t i = 0; i < known->count; i++)
		read_member(&known->members[i], payload, (char *)&event->trace);
	return true;
}

static bool decode_discarded(const bt_message *message, struct event *event)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(bt_message_discarded_events_borrow_stream_const(message));

	if (!bt_stream_class_discarded_events_have_default_clock_snapshots(class))
		return false;
	if (!time_of(bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(message), &event->lost.begin_ns) ||
	    !time_of(bt_message_discarded_events_borrow_end_default_clock_snapshot_const(message), &event->lost.end_ns))
		return false;
	event->fact = FACT_lost_events;
	event->line = 0;
	event->ts_ns = event->lost.begin_ns;
	if (bt_message_discarded_events_get_count(message, &event->lost.count) != BT_PROPERTY_AVAILABILITY_AVAILABLE)
		event->lost.count = 1; /* some, it is not known how many */
	return true;
}

bool ctf_event_of(struct ctf_events *events, const bt_message *message, struct event *event)
{
	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		return decode_event(events, message, event);
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		return decode_discarded(message, event);
	default:
		return false;
	}
}
