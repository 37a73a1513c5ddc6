/* SPDX-License-Identifier: MIT */
#include "ingest/clocks.h"

#include "ingest/fact_fields.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

bool clock_is_of(const struct clock_option *option, const struct source *source)
{
	const char *name = strrchr(source->path, '/');

	if (*source->host)
		return !strcmp(option->host, source->host);
	return !strcmp(option->host, source->path) || (name && !strcmp(option->host, name + 1));
}

/* Which fields are times is said where the events are declared, by their unit. A log's facts have one time, the event's; that a
 * fence ends is the monitors' time, not the log's. */
void event_shift(struct event *event, int64_t offset_ns)
{
	const struct event_row *row = fact_row(event->fact);

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

struct shifted_feed {
	struct feed feed; /* first: a feed is its shifted one */
	struct feed *inner;
	const struct clock_option *options;
	size_t count;
	struct event event;
};

static int shifted_next(struct feed *feed, const struct event **event)
{
	struct shifted_feed *shifted = (struct shifted_feed *)feed;
	int more = shifted->inner->next(shifted->inner, event);

	if (more != 1)
		return more;
	for (size_t i = 0; i < shifted->count; i++) {
		if (!clock_is_of(&shifted->options[i], (*event)->source))
			continue;
		shifted->event = **event;
		event_shift(&shifted->event, shifted->options[i].offset_ns);
		*event = &shifted->event;
		break;
	}
	return 1;
}

static void shifted_close(struct feed *feed)
{
	struct shifted_feed *shifted = (struct shifted_feed *)feed;

	shifted->inner->close(shifted->inner);
	free(shifted);
}

struct feed *clocks_feed(struct feed *inner, const struct clock_option *options, size_t count)
{
	struct shifted_feed *shifted =
	        XNEW(struct shifted_feed, .feed = { .source = inner->source, .next = shifted_next, .close = shifted_close },
	             .inner = inner, .options = options, .count = count);

	return &shifted->feed;
}
