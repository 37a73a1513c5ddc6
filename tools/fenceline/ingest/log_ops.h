/* SPDX-License-Identifier: MIT */
/* What an OSD's dump_ops_in_flight, dump_blocked_ops and dump_historic_slow_ops print. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_OPS_H
#define FENCELINE_INGEST_LOG_OPS_H

#include "ingest/event_list.h"
#include "ingest/tz.h"

#include <jansson.h>

/* Each operation that took so long that an OSD complains becomes a slow request, and the watch that it names. Which OSD it was is
 * not told. False: the document is none of these. */
bool log_ops_read(const json_t *root, const struct stamp_zone *zone, const struct source *source, struct event_list *list);

#endif
