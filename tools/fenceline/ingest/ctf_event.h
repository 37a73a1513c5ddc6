/* SPDX-License-Identifier: MIT */
/* A CTF event becomes a struct event, by the field table. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_EVENT_H
#define FENCELINE_INGEST_CTF_EVENT_H

#include "ingest/fact_fields.h"

#include <babeltrace2/babeltrace.h>

/* What is known of the event classes of one open trace. Event classes live as long as the graph that made them. */
struct ctf_events {
	void *classes;    /* of struct ctf_class, by tsearch */
	uint64_t unknown; /* events that are not fenceline's, or of a kind that this build does not know */
	uint64_t skipped; /* `io` events that were not wanted */
	bool no_io;
};

/* True: *event is filled in but for its source, its strings borrowed from the message; else it is no event, or none of ours. */
bool ctf_event_of(struct ctf_events *events, const bt_message *message, struct event *event);
void ctf_events_release(struct ctf_events *events);

#endif
