/* SPDX-License-Identifier: MIT */
/*
 * Reads traces, several at once, into records: how each opened, their events in order of time, how each stream ended. Several
 * readers share the work: each reads the streams that are its own. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_READER_H
#define FENCELINE_INGEST_CTF_READER_H

#include "ingest/ctf_record.h"
#include "ingest/ctf_trace.h"

struct ctf_reader;

/* What a reader is at, in memory that outlives it: the one that dies over a trace is known by it. */
struct ctf_progress {
	volatile uint32_t trace, stream; /* stream: CTF_OPENING while the trace is opened */
	volatile uint32_t steps;         /* grows as long as it gets on */
};
#define CTF_OPENING UINT32_MAX

/* Reader `number` of these traces, which it only looks at, those that are there now; borrowed. */
struct ctf_reader *ctf_reader_new(const struct ctf_traces *traces, unsigned number, struct ctf_progress *progress);
/* Appends records, one at least, or returns false at the end. */
bool ctf_reader_step(struct ctf_reader *reader, struct ctf_buffer *out);
void ctf_reader_close(struct ctf_reader *reader);

#endif
