/* SPDX-License-Identifier: MIT */
/* Traces that grow. Internal to ingest/growing*.c. */
#ifndef FENCELINE_INGEST_GROWING_TRACE_H
#define FENCELINE_INGEST_GROWING_TRACE_H

#include "ingest/ctf_trace.h"
#include "ingest/intake.h"

struct growing {
	struct ingest *ingest; /* owned: its inputs come and go, round by round; its sources, options and VMs stay */
	struct growing_file *files;
	struct ctf_traces traces; /* those found so far */
	struct stream *streams;   /* of all of them */
	uint64_t lost_events;     /* that the tracers discarded so far */
	bool more;                /* there is more to be read at once than fits into a round */
};

/* The traces in or beneath the folder that was named `input`: what has been added becomes feeds. 0 or -errno. */
int growing_traces_round(struct growing *growing, const char *input);
void growing_traces_free(struct growing *growing);

#endif
