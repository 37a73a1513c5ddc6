/* SPDX-License-Identifier: MIT */
/* Writes EVENTS.md to stdout from the list in include/fenceline/events.h. */
#include "fenceline/events.h"

#include <stdio.h>
#include <string.h>

struct field {
	const char *type, *name, *unit, *text;
};

#define FIELD(type, name, unit, text) { #type, #name, unit, text },
static const struct field head[] = { FL_FIELDS_HEAD(FIELD) };
#define FIELD_TABLE(event, level, when) static const struct field fields_##event[] = { FL_FIELDS_##event(FIELD) };
FL_EVENTS(FIELD_TABLE)

static const struct event {
	const char *name, *level, *when;
	const struct field *fields;
	size_t count;
} events[] = {
#define EVENT(event, level, when) { #event, #level, when, fields_##event, sizeof fields_##event / sizeof(struct field) },
	FL_EVENTS(EVENT)
};

static const struct type {
	const char *name, *text;
} types[] = {
	{ "U8", "unsigned 8 bit" },
	{ "U32", "unsigned 32 bit" },
	{ "I32", "signed 32 bit" },
	{ "U64", "unsigned 64 bit" },
	{ "I64", "signed 64 bit" },
	{ "STR", "string" },
	{ "LAT", "array of unsigned 32 bit" },
};

static const char *type_text(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].name, name))
			return types[i].text;
	return name;
}

static void print_fields(const struct field *fields, size_t count)
{
	puts("| field | type | unit | meaning |\n|---|---|---|---|");
	for (size_t i = 0; i < count; i++)
		printf("| `%s` | %s | %s | %s |\n", fields[i].name, type_text(fields[i].type), fields[i].unit, fields[i].text);
}

static void print_enum(const char *title, const char *const *names, size_t count)
{
	printf("\n### %s\n\n| value | name |\n|---|---|\n", title);
	for (size_t i = 0; i < count; i++)
		printf("| %zu | %s |\n", i, *names[i] ? names[i] : "(not known)");
}

int main(void)
{
	static const char *const ops[] = FL_IO_OP_NAMES;
	static const char *const entries[] = FL_BLOCKLIST_ENTRY_NAMES;
	const size_t head_count = sizeof head / sizeof *head;

	puts("# Trace events\n\n"
	     "Generated from include/fenceline/events.h by `cmake --build build --target events-md`; do not edit.\n\n"
	     "LTTng-UST names them `" FL_PROVIDER_NAME
	     ":EVENT`. The `incident` profile enables all of them but `io`, the `full` profile\n"
	     "all. Times are nanoseconds since the epoch (CLOCK_REALTIME), durations differences of CLOCK_MONOTONIC. A string "
	     "that is\n"
	     "not known is empty. No event carries guest data, keys, or monitor commands other than blocklist ones.\n\n"
	     "## Fields that begin every event\n");
	print_fields(head, head_count);
	puts("\n## Events");
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		printf("\n### %s\n\nFires %s. Log level %s.\n\n", events[i].name, events[i].when, events[i].level);
		print_fields(events[i].fields + head_count, events[i].count - head_count);
	}
	puts("\n## Numbers and their names");
	print_enum("`op` of the io events", ops, sizeof ops / sizeof *ops);
	print_enum("`entry` of blocklist", entries, sizeof entries / sizeof *entries);
	return 0;
}
