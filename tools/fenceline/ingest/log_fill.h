/* SPDX-License-Identifier: MIT */
/* A line's values as an event. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_FILL_H
#define FENCELINE_INGEST_LOG_FILL_H

#include "ingest/event_list.h"
#include "ingest/log_forms.h"

struct log_filling {
	struct event *event; /* whose ts_ns and source are set */
	const struct log_match *match;
	const struct log_line *line;
	const struct stamp_zone *zone;
	const char *osd; /* whose log it is, "osd.3"; "" if not known */
	struct event_list *list; /* keeps the strings */
};

/* Sets fact and payload of the event. False: the line is no event. */
bool log_fill(const struct log_filling *fill);

/* A slow operation on a watch names client, watch and object; an OSD at its default level says so nowhere else. False: the event
 * is none; else *named shares its strings. */
bool log_fill_named_watch(const struct event *slow, struct event *named);

/* "osd.3", kept by `list`. */
const char *log_fill_osd(struct event_list *list, uint64_t number);
/* "cidr:10.88.0.0:0/16" as "10.88.0.0/16", kept by `list`. */
const char *log_fill_range(struct event_list *list, struct log_span range);

#endif
