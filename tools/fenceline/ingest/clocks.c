/* SPDX-License-Identifier: MIT */
#include "ingest/clocks.h"

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

/* Which fields are times is said where the events are declared, by their unit. */
#define SHIFT_U8(payload, name, unit)
#define SHIFT_U32(payload, name, unit)
#define SHIFT_I32(payload, name, unit)
#define SHIFT_U64(payload, name, unit)
#define SHIFT_STR(payload, name, unit)
#define SHIFT_LAT(payload, name, unit)
#define SHIFT_I64(payload, name, unit) \
	if ((payload)->name && !strcmp(unit, "ns since epoch")) \
		(payload)->name += offset_ns;
#define SHIFT_FIELD(type, name, unit, text) SHIFT_##type(payload, name, unit)
#define SHIFT_EVENT(event_name, level, when) \
	case FACT_##event_name: { \
		struct fl_##event_name *payload = &event->trace.event_name; \
		(void)payload; \
		FL_FIELDS_##event_name(SHIFT_FIELD) \
	} break;

void event_shift(struct event *event, int64_t offset_ns)
{
	if (event->ts_ns)
		event->ts_ns += offset_ns;
	switch (event->fact) {
		FL_EVENTS(SHIFT_EVENT)
	case FACT_lost_events:
		event->lost.begin_ns += event->lost.begin_ns ? offset_ns : 0;
		event->lost.end_ns += event->lost.end_ns ? offset_ns : 0;
		break;
	default: /* a log's facts have one time, the event's; that a fence ends is the monitors' time, not the log's */
		break;
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
