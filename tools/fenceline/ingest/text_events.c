/* SPDX-License-Identifier: MIT */
/*
 * Trace events as text, one JSON object a line, for hand-written traces:
 *
 *     {"schema": "fenceline/events/1"}
 *     {"ts_ns": 1584028391646925000, "host": "c1", "event": "ping_sent", "pid": 7, "cookie": 93825, "osd": "10.0.0.1:6802"}
 *
 * A field left out is 0 or "". Besides the trace's own events there is "lost_events" (count, begin_ns, end_ns).
 */
#include "ingest/event_list.h"
#include "ingest/line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "fenceline/events/1"

bool text_events_recognise(const char *head, size_t length)
{
	const char *line_end = memchr(head, '\n', length);
	size_t first = line_end ? (size_t)(line_end - head) : length;

	return length && *head == '{' && memmem(head, first, "\"" SCHEMA "\"", sizeof("\"" SCHEMA "\"") - 1);
}

static void read_latency(const json_t *value, uint32_t *buckets)
{
	for (size_t i = 0; i < FL_LATENCY_BUCKETS && i < json_array_size(value); i++)
		buckets[i] = (uint32_t)json_integer_value(json_array_get(value, i));
}

static void read_field(const json_t *value, const struct field_row *row, char *payload)
{
	void *to = payload + row->offset;
	json_int_t number = json_integer_value(value);

	switch (row->type) {
	case FIELD_U8:
		*(uint8_t *)to = (uint8_t)number;
		break;
	case FIELD_U32:
	case FIELD_I32:
		*(uint32_t *)to = (uint32_t)number;
		break;
	case FIELD_U64:
	case FIELD_I64:
		*(uint64_t *)to = (uint64_t)number;
		break;
	case FIELD_STR:
		if (json_is_string(value))
			*(const char **)to = json_string_value(value);
		break;
	case FIELD_LAT:
		read_latency(value, to);
		break;
	}
}

/* False if the object is no event that this build knows. */
static bool read_event(const json_t *object, struct event *event)
{
	const char *name = json_string_value(json_object_get(object, "event"));
	const json_t *ts = json_object_get(object, "ts_ns");
	enum fl_event kind;

	if (!name || !json_is_integer(ts))
		return false;
	event->ts_ns = json_integer_value(ts);
	if (!strcmp(name, "lost_events")) {
		event->fact = FACT_lost_events;
		event->lost.count = (uint64_t)json_integer_value(json_object_get(object, "count"));
		event->lost.begin_ns = json_integer_value(json_object_get(object, "begin_ns"));
		event->lost.end_ns = json_integer_value(json_object_get(object, "end_ns"));
		return true;
	}
	kind = event_by_name(name);
	if (kind == FL_EV_COUNT)
		return false;
	event_clear(event, kind);
	for (size_t i = 0; i < event_row(kind)->count; i++) {
		const struct field_row *row = &event_row(kind)->fields[i];
		read_field(json_object_get(object, row->name), row, (char *)&event->trace);
	}
	return true;
}

/* 0, or -ENOMEM; a line that is no event is skipped and counted. */
static int add_line(struct ingest *ingest, struct event_list *list, const char *path, const struct line *line, uint64_t *skipped)
{
	json_t *object = json_loadb(line->text, line->length, 0, NULL);
	struct event event = { .ts_ns = 0 };
	const char *host;

	if (!object || json_object_get(object, "schema") || !read_event(object, &event)) {
		if (line->length && (!object || !json_object_get(object, "schema")))
			++*skipped;
		json_decref(object);
		return 0;
	}
	host = json_string_value(json_object_get(object, "host"));
	event.source = ingest_source(ingest, path, "events", host ? host : "");
	event.line = line->number;
	if (!event.source) {
		json_decref(object);
		return -ENOMEM;
	}
	return event_list_add(list, &event, object);
}

int text_events_open(struct ingest *ingest, const char *path, struct line_reader *reader)
{
	struct event_list *list = event_list_new(NULL);
	struct line line;
	uint64_t skipped = 0;
	int error = list ? 0 : -ENOMEM, more = 1;

	while (!error && (more = line_reader_next(reader, &line)) == 1)
		error = add_line(ingest, list, path, &line, &skipped);
	if (more < 0)
		ingest_complain(path, "damaged, read up to line %llu: %s", (unsigned long long)line.number,
		                line_reader_error(reader));
	if (skipped)
		ingest_complain(path, "%llu lines are no events that this build knows; skipped", (unsigned long long)skipped);
	if (!error)
		return event_list_finish(list, ingest);
	event_list_free(list);
	return error;
}
