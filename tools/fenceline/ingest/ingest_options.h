/* SPDX-License-Identifier: MIT */
/* What is asked of the inputs. */
#ifndef FENCELINE_INGEST_OPTIONS_H
#define FENCELINE_INGEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
