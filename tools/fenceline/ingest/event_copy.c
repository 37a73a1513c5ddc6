/* SPDX-License-Identifier: MIT */
#include "ingest/event_copy.h"
#include "ingest/feed.h"

#include <stdlib.h>
#include <string.h>

/* Where the strings lie of what only logs tell; those of trace events are in the list that makes them (fields.c). */
#define STRING(fact, member) { FACT_##fact, offsetof(struct event, member) },
static const struct {
	enum fact fact;
	size_t offset;
} strings[] = { LOGGED_STRINGS(STRING) };
#define COUNT (sizeof(strings) / sizeof(*strings))

/* The string that this place of the event points to; `each` runs over all its strings. NULL: no more. */
static const char **next_string(struct event *event, size_t *each)
{
	if (fact_is_trace(event->fact)) {
		const struct event_row *row = event_row((enum fl_event)event->fact);
		while (*each < row->count) {
			const struct field_row *field = &row->fields[(*each)++];
			if (field->type == FIELD_STR)
				return (const char **)((char *)&event->trace + field->offset);
		}
		return NULL;
	}
	while (*each < COUNT) {
		size_t at = (*each)++;
		if (strings[at].fact == event->fact)
			return (const char **)((char *)event + strings[at].offset);
	}
	return NULL;
}

struct event *event_copy(const struct event *event)
{
	struct event *copy;
	const char **string;
	size_t each = 0, size = sizeof(*copy);
	char *text;

	while ((string = next_string((struct event *)event, &each)))
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
