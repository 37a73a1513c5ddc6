/* SPDX-License-Identifier: MIT */
/*
 * What each kind of input looks like to the merge: a feed, one run of events in order of time. An input may open several
 * feeds (a folder with several traces; a damaged trace, one per stream file). Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_FEED_H
#define FENCELINE_INGEST_FEED_H

#include "ingest/event.h"

struct feed {
	struct source *source; /* borrowed from the ingest: whose events these are */
	/* Points *event at the next event, which stays valid until the next call. 1: there is one, 0: the end, -errno:
	 * failed, said on stderr. Only feed->source of the event may differ from this feed's. */
	int (*next)(struct feed *feed, const struct event **event);
	void (*close)(struct feed *feed); /* frees the feed, too */
	bool shifted; /* the times are moved by their hosts' --clock-offset already: a feed of several hosts does that itself */
};

#endif
