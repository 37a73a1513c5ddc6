/* SPDX-License-Identifier: MIT */
#include "ingest/event_text.h"
#include "ingest/event_list.h"
#include "ingest/fact_fields.h"
#include "ingest/line_reader.h"
#include "ingest/owner.h"
#include "ingest/xalloc.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define RAW "\xf4\x8f" /* U+10FF80 to U+10FFFF are F4 8F BE 80 to F4 8F BF BF: the byte less its first bit, in the last two */

/* Length of the character of UTF-8 that begins here; 0: none does, or one of those above. */
static size_t utf8_length(const unsigned char *at)
{
	size_t length = *at < 0x80                  ? 1
	                : *at >= 0xc2 && *at < 0xe0 ? 2
	                : *at >= 0xe0 && *at < 0xf0 ? 3
	                : *at >= 0xf0 && *at < 0xf5 ? 4
	                                            : 0;

	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) || (*at == 0xf0 && at[1] < 0x90) ||
	    (*at == 0xf4 && at[1] > 0x8f))
		return 0;
	return length == 4 && *at == 0xf4 && at[1] == 0x8f && at[2] >= 0xbe ? 0 : length;
}

void event_text_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t length = utf8_length(at);
		if (!length)
			fprintf(out, RAW "%c%c", *at < 0xc0 ? 0xbe : 0xbf, 0x80 | (*at & 0x3f));
		else if (*at < 0x20)
			fprintf(out, "\\u%04x", *at);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	fputc('"', out);
}

const char *event_text_plain(const json_t *string)
{
	char *text = (char *)json_string_value(string), *to;

	if (!text)
		return "";
	to = strstr(text, RAW);
	for (char *at = to; at && *at; to++) {
		const unsigned char *bytes = (const unsigned char *)at;
		if (bytes[0] == 0xf4 && bytes[1] == 0x8f && (bytes[2] == 0xbe || bytes[2] == 0xbf)) {
			*to = (char)((bytes[2] == 0xbe ? 0x80 : 0xc0) | (bytes[3] & 0x3f));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	if (to)
		*to = '\0';
	return text;
}

static void write_latency(FILE *out, const char *name, const uint32_t *buckets)
{
	fprintf(out, "\"%s\":[", name);
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", buckets[i]);
	fputc(']', out);
}

static bool is_zero(const struct field_row *row, const void *from)
{
	static const uint32_t none[FL_LATENCY_BUCKETS];

	if (row->type == FIELD_STR)
		return !**(const char *const *)from;
	return row->type == FIELD_LAT ? !memcmp(from, none, sizeof(none)) : !field_number(row->type, from);
}

void event_text_fields(FILE *out, const struct event *event)
{
	const struct event_row *rows = fact_row(event->fact);
	const char *comma = "";

	fputc('{', out);
	for (size_t i = 0; i < rows->count; i++) {
		const struct field_row *row = &rows->fields[i];
		const void *from = fact_field(event, row);
		if (is_zero(row, from))
			continue;
		fputs(comma, out);
		comma = ",";
		if (row->type == FIELD_LAT) {
			write_latency(out, row->name, from);
		} else if (row->type == FIELD_STR) {
			fprintf(out, "\"%s\":", row->name);
			event_text_string(out, *(const char *const *)from);
		} else {
			fprintf(out, "\"%s\":%" PRId64, row->name, field_number(row->type, from));
		}
	}
	fputc('}', out);
}

static void read_field(const json_t *value, const struct field_row *row, void *to)
{
	switch (row->type) {
	case FIELD_STR:
		if (json_is_string(value))
			*(const char **)to = event_text_plain(value);
		break;
	case FIELD_LAT:
		for (size_t i = 0; i < FL_LATENCY_BUCKETS && i < json_array_size(value); i++)
			((uint32_t *)to)[i] = (uint32_t)json_integer_value(json_array_get(value, i));
		break;
	default:
		field_put_number(row, to, (uint64_t)json_integer_value(value));
	}
}

void event_text_read(struct event *event, json_t *fields)
{
	const struct event_row *rows = fact_row(event->fact);

	for (size_t i = 0; i < rows->count; i++)
		read_field(json_object_get(fields, rows->fields[i].name), &rows->fields[i], fact_field(event, &rows->fields[i]));
}

/* ---- lines of them ---- */

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
