/* SPDX-License-Identifier: MIT */
/*
 * Events as text, one JSON object a line: hand-written traces, and what a store (fleet/) gives back.
 *
 *     {"schema": "fenceline/events/1"}
 *     {"ts_ns": 1584028391646925000, "host": "c1", "event": "ping_sent", "pid": 7, "cookie": 93825, "osd": "10.0.0.1:6802"}
 *     {"ts_ns": 1584028391646925000, "host": "c1", "event": "ping_sent", "source": "trace/ust", "source_kind": "ctf", "tz":
 * "UTC", "tz_from": "log", "line": 0, "owner": 1, "cluster": "", "fields":
 * "{\"pid\":7,\"cookie\":93825,\"osd\":\"10.0.0.1:6802\"}"}
 *
 * A field left out is 0 or "". Besides the trace's own events there are those of logs, by the names of enum fact. The second form
 * keeps where an event came from, `owner` being 1 + the uid (owner.h) and `cluster` an fsid (cluster.h); its `fields` are an
 * object or the text of one.
 */
#include "ingest/text_events.h"
#include "ingest/event_text.h"
#include "ingest/fact_fields.h"
#include "ingest/event_list.h"
#include "ingest/owner.h"
#include "ingest/xalloc.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "fenceline/events/1"

bool text_events_recognise(const char *head, size_t length)
{
	const char *line_end = memchr(head, '\n', length);
	size_t first = line_end ? (size_t)(line_end - head) : length;

	return length && *head == '{' && memmem(head, first, "\"" SCHEMA "\"", sizeof("\"" SCHEMA "\"") - 1);
}

/* The object with the event's fields, within `object` or, if they are a text, in its place. NULL: a text that is no object. */
static json_t *fields_of(json_t *object)
{
	json_t *fields = json_object_get(object, "fields");

	if (json_is_string(fields)) {
		json_object_set_new(object, "fields", json_loads(json_string_value(fields), 0, NULL) ?: json_null());
		fields = json_object_get(object, "fields");
	}
	if (!fields)
		return object;
	return json_is_object(fields) ? fields : NULL;
}

/* False if the object is no event that this build knows. */
static bool read_event(json_t *object, struct event *event)
{
	const char *name = json_string_value(json_object_get(object, "event"));
	const json_t *ts = json_object_get(object, "ts_ns");
	json_t *fields = fields_of(object);
	enum fact fact;

	if (!name || !json_is_integer(ts) || !fields)
		return false;
	fact = fact_by_name(name);
	if (fact == FACT_COUNT)
		return false;
	event->ts_ns = json_integer_value(ts);
	fact_clear(event, fact);
	event_text_read(event, fields);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Kinds and zones are few, and sources do not own them: each lives as long as the program. */
static const char *lasting(const char *text)
{
	static void *words;
	const char *const *found = tfind(text, &words, by_text);

	return found ? *found : *(const char *const *)xtsearch(xstrdup(text), &words, by_text);
}

/* Where the event came from: what its line says, else this file. */
static struct source *source_of(struct ingest *ingest, const char *path, const json_t *object)
{
	const char *host = event_text_plain(json_object_get(object, "host"));
	const char *own = event_text_plain(json_object_get(object, "source"));
	const char *tz = event_text_plain(json_object_get(object, "tz"));
	const char *cluster = event_text_plain(json_object_get(object, "cluster"));
	struct source *source;

	if (!*own)
		return ingest_source(ingest, path, "events", host);
	source = ingest_source(ingest, own, lasting(event_text_plain(json_object_get(object, "source_kind"))), host);
	if (*tz) {
		source->tz = lasting(tz);
		source->tz_from = lasting(event_text_plain(json_object_get(object, "tz_from")));
	}
	if (*cluster)
		snprintf(source->cluster, sizeof(source->cluster), "%s", cluster);
	return source;
}

/* A line that is no event is skipped and counted. */
static void add_line(struct ingest *ingest, struct event_list *list, const char *path, const struct line *line, uint64_t *skipped)
{
	json_t *object = json_loadb(line->text, line->length, 0, NULL);
	struct event event = { .ts_ns = 0 };
	const json_t *number;

	if (json_object_get(object, "schema") || !read_event(object, &event)) {
		if (line->length && !json_object_get(object, "schema"))
			++*skipped;
		json_decref(object);
		return;
	}
	event.source = source_of(ingest, path, object);
	event.owner = (uint32_t)json_integer_value(json_object_get(object, "owner"));
	number = json_object_get(object, "line");
	event.line = number ? (uint64_t)json_integer_value(number) : line->number;
	if (strcmp(event.source->kind, "ctf") || owner_wanted(&ingest->options, event.owner))
		event_list_add(list, &event);
	json_decref(object);
}

void text_events_open(struct ingest *ingest, const char *path, struct line_reader *reader)
{
	struct event_list *list = event_list_new();
	struct line line;
	uint64_t skipped = 0;
	int more;

	while ((more = line_reader_next(reader, &line)) == 1)
		add_line(ingest, list, path, &line, &skipped);
	if (more < 0)
		ingest_complain(path, "damaged, read up to line %llu: %s", (unsigned long long)line.number,
		                line_reader_error(reader));
	if (skipped)
		ingest_complain(path, "%llu lines are no events that this build knows; skipped", (unsigned long long)skipped);
	event_list_finish(list, ingest);
}
