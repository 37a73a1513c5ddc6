/* SPDX-License-Identifier: MIT */
/* --clock-offset HOST=SECONDS: what is added to the times of everything that comes from that host, before events are merged. */
#ifndef FENCELINE_INGEST_CLOCKS_H
#define FENCELINE_INGEST_CLOCKS_H

#include "ingest/event.h"
#include "ingest/ingest_options.h"

struct clock_option {
	const char *host; /* as in the inputs' list; for a log that names none, its path or the last part of it; borrowed */
	int64_t offset_ns;
};

/* Is it this clock that the source's times are of? */
bool clock_is_of(const struct clock_option *option, const struct source *source);
/* What the times of that source are moved by. */
int64_t clock_offset(const struct ingest_options *options, const struct source *source);
/* Moves the event and every time inside it. */
void event_shift(struct event *event, int64_t offset_ns);

#endif
