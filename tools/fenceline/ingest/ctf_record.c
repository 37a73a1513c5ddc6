/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_record.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

char *ctf_buffer_room(struct ctf_buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 4096;

	if (buffer->begin) { /* what is left is less than a record */
		memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->end - buffer->begin);
		buffer->end -= buffer->begin;
		buffer->begin = 0;
	}
	while (capacity - buffer->end < size)
		capacity *= 2;
	if (capacity != buffer->capacity) {
		buffer->bytes = xreallocarray(buffer->bytes, capacity, 1);
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->end;
}

void ctf_buffer_release(struct ctf_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct ctf_buffer){ .bytes = NULL };
}

const struct ctf_record *ctf_buffer_take(struct ctf_buffer *buffer)
{
	size_t there = buffer->end - buffer->begin;
	const struct ctf_record *record;

	if (there < sizeof(*record))
		return NULL;
	record = (const struct ctf_record *)(buffer->bytes + buffer->begin);
	if (there < record->size)
		return NULL;
	buffer->begin += record->size;
	return record;
}

void ctf_record_copy(struct ctf_buffer *buffer, const struct ctf_record *record)
{
	memcpy(ctf_buffer_room(buffer, record->size), record, record->size);
	buffer->end += record->size;
}

/* The head and `size` bytes after it, which are zero. */
static struct ctf_record *record_append(struct ctf_buffer *buffer, const struct ctf_record *head, size_t size)
{
	size_t whole = (sizeof(*head) + size + 7) & ~(size_t)7;
	struct ctf_record *record = (struct ctf_record *)ctf_buffer_room(buffer, whole);

	memset(record, 0, whole);
	*record = *head;
	record->size = (uint32_t)whole; /* a packet, and so an event, is far smaller than 4 GiB */
	buffer->end += whole;
	return record;
}

void ctf_record_text(struct ctf_buffer *buffer, const struct ctf_record *head, const char *text)
{
	size_t length = strlen(text) + 1;

	memcpy(record_append(buffer, head, length)->rest, text, length);
}

static const char **string_at(const void *payload, const struct field_row *field)
{
	return (const char **)((char *)payload + field->offset);
}

void ctf_record_event(struct ctf_buffer *buffer, const struct ctf_record *head, const struct event *event)
{
	const struct event_row *row = fact_row(event->fact);
	size_t size = row->size, at = size;
	struct ctf_record *record;

	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			size += strlen(*string_at(&event->trace, &row->fields[i])) + 1;
	record = record_append(buffer, head, size);
	record->fact = (uint16_t)event->fact;
	memcpy(record->rest, &event->trace, at);
	for (size_t i = 0; i < row->count; i++) {
		const char *text;
		size_t length;
		if (row->fields[i].type != FIELD_STR)
			continue;
		text = *string_at(&event->trace, &row->fields[i]);
		length = strlen(text) + 1;
		memcpy(record->rest + at, text, length);
		*(uintptr_t *)string_at(record->rest, &row->fields[i]) = at;
		at += length;
	}
}

bool ctf_record_before(const struct ctf_record *a, const struct ctf_record *b)
{
	return a->ts_ns != b->ts_ns ? a->ts_ns < b->ts_ns : a->rank < b->rank;
}

void ctf_record_decode(const struct ctf_record *record, struct event *event)
{
	const struct event_row *row = fact_row((enum fact)record->fact);

	event->ts_ns = record->ts_ns;
	event->fact = (enum fact)record->fact;
	event->line = 0;
	memcpy(&event->trace, record->rest, row->size);
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			*string_at(&event->trace, &row->fields[i]) =
			        record->rest + *(const uintptr_t *)string_at(record->rest, &row->fields[i]);
}
