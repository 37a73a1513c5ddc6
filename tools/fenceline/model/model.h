/* SPDX-License-Identifier: MIT */
/*
 * Events become a picture: cluster, process (VM or not), client, image, watch, lock breaker, snapshot window.
 * The model joins what belongs together (by process, by client address, by watch cookie) and names it; it decides
 * nothing. Decisions are correlate/'s. Nothing in here knows whether a fact came from a trace or a log, but each fact
 * keeps a reference to its source for the evidence.
 *
 * Ownership: the model owns everything it hands out, until model_free. Single-threaded.
 * Names arrive late (a recording may begin long after the VM booted): records are created at the first event that
 * mentions them and filled in by later `state` events. Read names only after the last event.
 */
#ifndef FENCELINE_MODEL_H
#define FENCELINE_MODEL_H

#include "model/clients.h"
#include "model/clocks.h"
#include "model/records.h"
#include "model/sources.h"
#include "model/times.h"
#include "model/windows.h"

struct model *model_new(const struct model_options *options); /* NULL: out of memory */
int model_add(const struct event *event, void *model);        /* 0 or -errno; the shape that ingest_run wants */
void model_finish(struct model *model);                       /* after the last event: merges, orphans */
void model_free(struct model *model);

#endif
