/* SPDX-License-Identifier: MIT */
/* Events that outlive the callback that got them. */
#ifndef FENCELINE_INGEST_EVENT_COPY_H
#define FENCELINE_INGEST_EVENT_COPY_H

#include "ingest/event.h"

/* A copy with strings of its own, all in one block to be freed with free(); the source stays the caller's. NULL: out of memory.
 */
struct event *event_copy(const struct event *event);

#endif
