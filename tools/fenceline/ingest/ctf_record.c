/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *ctf_buffer_room(struct ctf_buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 4096;
	char *bytes;

	if (buffer->begin == buffer->end)
		buffer->begin = buffer->end = 0;
	if (buffer->begin && size > buffer->capacity - buffer->end) {
		memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->end - buffer->begin);
		buffer->end -= buffer->begin;
		buffer->begin = 0;
	}
	while (capacity - buffer->end < size)
		capacity *= 2;
	if (capacity != buffer->capacity) {
		bytes = realloc(buffer->bytes, capacity);
		if (!bytes)
			return NULL;
		buffer->bytes = bytes;
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->end;
}

void ctf_buffer_release(struct ctf_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct ctf_buffer){ .bytes = NULL };
}

const struct ctf_record *ctf_buffer_first(const struct ctf_buffer *buffer)
{
	size_t there = buffer->end - buffer->begin;
	const struct ctf_record *record;

	if (there < sizeof(*record))
		return NULL;
	record = (const struct ctf_record *)(buffer->bytes + buffer->begin);
	return there >= record->size ? record : NULL;
}

/* The head and `size` bytes after it, which are zero. */
static struct ctf_record *append(struct ctf_buffer *buffer, const struct ctf_record *head, size_t size)
{
	size_t whole = (sizeof(*head) + size + 7) & ~(size_t)7;
	struct ctf_record *record = whole <= UINT32_MAX ? (struct ctf_record *)ctf_buffer_room(buffer, whole) : NULL;

	if (!record)
		return NULL;
	memset(record, 0, whole);
	*record = *head;
	record->size = (uint32_t)whole;
	buffer->end += whole;
	return record;
}

int ctf_record_text(struct ctf_buffer *buffer, const struct ctf_record *head, const char *text)
{
	size_t length = strlen(text) + 1;
	struct ctf_record *record = append(buffer, head, length);

	if (record)
		memcpy(record->rest, text, length);
	return record ? 0 : -ENOMEM;
}

static const char **string_at(const void *payload, const struct field_row *field)
{
	return (const char **)((char *)payload + field->offset);
}

int ctf_record_event(struct ctf_buffer *buffer, const struct ctf_record *head, const struct event *event)
{
	const struct event_row *row = fact_is_trace(event->fact) ? event_row((enum fl_event)event->fact) : NULL;
	size_t size = row ? row->size : sizeof(event->lost), at = size;
	struct ctf_record *record;

	for (size_t i = 0; row && i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			size += strlen(*string_at(&event->trace, &row->fields[i])) + 1;
	record = append(buffer, head, size);
	if (!record)
		return -ENOMEM;
	record->fact = (uint16_t)event->fact;
	memcpy(record->rest, &event->trace, at);
	for (size_t i = 0; row && i < row->count; i++) {
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
	return 0;
}

void ctf_record_decode(const struct ctf_record *record, struct event *event)
{
	const struct event_row *row;

	event->ts_ns = record->ts_ns;
	event->fact = (enum fact)record->fact;
	event->line = 0;
	if (!fact_is_trace(event->fact)) {
		memcpy(&event->lost, record->rest, sizeof(event->lost));
		return;
	}
	row = event_row((enum fl_event)event->fact);
	memcpy(&event->trace, record->rest, row->size);
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].type == FIELD_STR)
			*string_at(&event->trace, &row->fields[i]) =
			        record->rest + *(const uintptr_t *)string_at(record->rest, &row->fields[i]);
}
