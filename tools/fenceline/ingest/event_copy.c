/* SPDX-License-Identifier: MIT */
#include "ingest/event_copy.h"
#include "ingest/fact_fields.h"

#include <stdlib.h>
#include <string.h>

/* The string that this place of the event points to; `each` runs over all its strings. NULL: no more. */
static const char **next_string(const struct event *event, size_t *each)
{
	const struct event_row *row = fact_row(event->fact);

	while (*each < row->count) {
		const struct field_row *field = &row->fields[(*each)++];
		if (field->type == FIELD_STR)
			return fact_field(event, field);
	}
	return NULL;
}

struct event *event_copy(const struct event *event)
{
	struct event *copy;
	const char **string;
	size_t each = 0, size = sizeof(*copy);
	char *text;

	while ((string = next_string(event, &each)))
		size += strlen(*string) + 1;
	copy = malloc(size);
	if (!copy)
		return NULL;
	*copy = *event;
	text = (char *)(copy + 1);
	for (each = 0; (string = next_string(copy, &each)); text += strlen(text) + 1)
		*string = strcpy(text, *string);
	return copy;
}
