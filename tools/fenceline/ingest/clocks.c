/* SPDX-License-Identifier: MIT */
#include "ingest/clocks.h"

#include "ingest/fact_fields.h"

#include <string.h>

bool clock_is_of(const struct clock_option *option, const struct source *source)
{
	const char *name = strrchr(source->path, '/');

	if (*source->host)
		return !strcmp(option->host, source->host);
	return !strcmp(option->host, source->path) || (name && !strcmp(option->host, name + 1));
}

int64_t clock_offset(const struct ingest_options *options, const struct source *source)
{
	for (size_t i = 0; i < options->clock_count; i++)
		if (clock_is_of(&options->clocks[i], source))
			return options->clocks[i].offset_ns;
	return 0;
}

/* Which fields are times is said where the events are declared, by their unit. A log's facts have one time, the event's; that a
 * fence ends is the monitors' time, not the log's. */
void event_shift(struct event *event, int64_t offset_ns)
{
	const struct event_row *row = fact_row(event->fact);

	if (!offset_ns)
		return;
	if (event->ts_ns)
		event->ts_ns += offset_ns;
	for (size_t i = 0; i < row->count; i++) {
		int64_t *time_ns = fact_field(event, &row->fields[i]);
		if (!strcmp(row->fields[i].unit, "ns since epoch") && *time_ns)
			*time_ns += offset_ns;
	}
	if (event->fact == FACT_lost_events) {
		event->lost.begin_ns += event->lost.begin_ns ? offset_ns : 0;
		event->lost.end_ns += event->lost.end_ns ? offset_ns : 0;
	}
}
