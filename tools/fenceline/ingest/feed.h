/* SPDX-License-Identifier: MIT */
/*
 * What each kind of input looks like to the merge: a feed, one run of events in order of time. An input may open several
 * feeds (a folder with several traces; a damaged trace, one per stream file). Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_FEED_H
#define FENCELINE_INGEST_FEED_H

#include "ingest/event.h"

struct feed {
	/* Points *event at the next event, its times moved by its host's --clock-offset, which stays valid until the next call.
	 * 1: there is one, 0: the end, -errno: failed, said on stderr. */
	int (*next)(struct feed *feed, const struct event **event);
	void (*close)(struct feed *feed); /* frees the feed, too */
};

#endif
