/* SPDX-License-Identifier: MIT */
/* A CTF event becomes a struct event, by the field table. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_DECODE_H
#define FENCELINE_INGEST_CTF_DECODE_H

#include "ingest/fact_fields.h"
#include "ingest/hash_set.h"

#include <babeltrace2/babeltrace.h>

/* What is known of the event classes of one open trace. Event classes live as long as the graph that made them. */
struct ctf_decoder {
	struct hash_set classes; /* of struct ctf_class */
	uint64_t unknown; /* events that are not fenceline's, or of a kind that this build does not know */
	uint64_t skipped; /* `io` events that were not wanted */
	bool no_io;
};

/* True: *event is filled in but for its source, its strings borrowed from the message; else it is no event, or none of ours. */
bool ctf_decode(struct ctf_decoder *decoder, const bt_message *message, struct event *event);
/* The stream that a message belongs to; NULL for messages that belong to none. */
const bt_stream *ctf_stream_of(const bt_message *message);
void ctf_decoder_release(struct ctf_decoder *decoder);

#endif
