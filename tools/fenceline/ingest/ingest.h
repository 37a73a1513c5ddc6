/* SPDX-License-Identifier: MIT */
/*
 * Inputs in, one stream of events out, ordered by time. An input is a CTF trace folder (or a folder that holds several)
 * or a log; its kind is recognised by its content. Single-threaded.
 */
#ifndef FENCELINE_INGEST_H
#define FENCELINE_INGEST_H

#include "ingest/event.h"

struct ingest;
struct clock_option; /* ingest/clocks.h */

struct ingest_options {
	const char *tz;        /* --tz for logs without a zone, NULL: UTC, assumed */
	int64_t since_ns;      /* events before it are not delivered; INT64_MIN: no bound. State events always are. */
	int64_t until_ns;      /* INT64_MAX: no bound */
	bool no_io;            /* do not deliver `io` events (they are counted in source->events all the same) */
	const struct clock_option *clocks; size_t clock_count; /* --clock-offset; borrowed */
	const char *cluster;   /* the fsid of logs whose path names none (cluster.h); NULL: not known */
	const uint32_t *uids; size_t uid_count; /* --uid: of traces only what these users' processes wrote; none: all; borrowed */
};

/* Opens every input. On error prints one line on stderr that names the input, says why and what to do, and returns NULL.
 * `options` is copied, its strings borrowed. Equal inputs are opened once. */
struct ingest *ingest_open(char *const paths[], size_t count, const struct ingest_options *options);

/* Delivers every event in order of time to `deliver`; equal times keep a fixed order that does not depend on the order
 * of the inputs. Stops early if `deliver` returns nonzero and returns that. A damaged stream: everything up to the
 * damage is delivered, the damage is said on stderr. Returns 0, or -errno. */
int ingest_run(struct ingest *ingest, int (*deliver)(const struct event *event, void *arg), void *arg);

/* The sources, sorted by path. Complete after ingest_run. Owned by the ingest. */
size_t ingest_sources(const struct ingest *ingest, const struct source *const **sources);

/* Total of events that the tracers discarded. */
uint64_t ingest_lost_events(const struct ingest *ingest);

void ingest_close(struct ingest *ingest);

#endif
