/* SPDX-License-Identifier: MIT */
/* Many feeds, each in order of time, become one. Internal to ingest/. */
#ifndef FENCELINE_INGEST_MERGE_H
#define FENCELINE_INGEST_MERGE_H

#include "ingest/feed.h"
#include "ingest/ingest_options.h"

/* Equal times: the feed that stands first in `feeds`, then the order within the feed. Keeps each source's begin, end and
 * counts. Returns what `deliver` returned if nonzero, else 0. A feed that fails ends, the others go on. */
int merge_feeds(struct feed *const feeds[], size_t count, const struct ingest_options *options,
                int (*deliver)(const struct event *event, void *arg), void *arg);

#endif
