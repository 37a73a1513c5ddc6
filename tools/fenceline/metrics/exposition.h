/* SPDX-License-Identifier: MIT */
/* A host as Prometheus reads it: text exposition format 0.0.4. Names and labels are in docs/METRICS.md. */
#ifndef FENCELINE_METRICS_EXPOSITION_H
#define FENCELINE_METRICS_EXPOSITION_H

#include "metrics/host.h"

#include <stdio.h>

/* What only the recorder knows. */
struct recorder_state {
	bool recording;                  /* its LTTng session is active */
	uint64_t lost_events;            /* that LTTng discarded, since the recorder began */
	uint64_t incidents, near_misses; /* folders written; near misses told in them */
	unsigned vms_without_shim;       /* running QEMU with librbd in it and no shim */
	int64_t started_ns;
};

/* The whole text. `recorder` NULL: there is none (`top`). The reader may be slow: nothing is kept between two calls. */
void exposition_write(const struct host *host, const struct recorder_state *recorder, FILE *out);

/* DIR/fenceline.prom, for node_exporter's textfile collector: written beside and renamed, 0644. Returns 0 or -errno. */
int exposition_textfile(const struct host *host, const struct recorder_state *recorder, const char *folder);

#endif
