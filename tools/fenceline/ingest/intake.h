/* SPDX-License-Identifier: MIT */
/* What all inputs of one run share: the options, the sources, the feeds. Internal to ingest/. */
#ifndef FENCELINE_INGEST_INTAKE_H
#define FENCELINE_INGEST_INTAKE_H

#include "ingest/event.h"
#include "ingest/ingest_options.h"

#include <sys/types.h>

/* What each kind of input looks like to the merge: one run of events in order of time. An input may open several. */
struct feed {
	/* Points *event at the next event, its times moved by its host's --clock-offset, which stays valid until the next call.
	 * 1: there is one, 0: the end, -errno: failed, said on stderr. */
	int (*next)(struct feed *feed, const struct event **event);
	void (*close)(struct feed *feed); /* frees the feed, too */
};

struct ingest {
	struct ingest_options options;
	struct source **sources;
	size_t source_count;
	struct source *newest; /* the one that was asked for last; NULL: none */
	struct feed **feeds;
	size_t feed_count;
	struct ctf_set *traces; /* one of the feeds: all traces; NULL until there is one */
	struct visited {
		dev_t device;
		ino_t inode;
	} * visited;
	size_t visited_count;
	struct log_vms *vms; /* what logs know of VMs, shared by all of them; NULL without logs */
	const char **paths;  /* while they are opened, borrowed */
	size_t path_count;
	int64_t dated_ns; /* -1: not asked yet */
};

/* One line on stderr, "fenceline: PATH: ...": what is wrong and what to do about it. */
void ingest_complain(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Finds or makes the source of that path and host ("" if not known). */
struct source *ingest_source(struct ingest *ingest, const char *path, const char *kind, const char *host);
void source_free(struct source *source);
/* Takes over the feed. */
void ingest_add_feed(struct ingest *ingest, struct feed *feed);
/* Delivers the events of all feeds by time; equal times: the feed that stands first, then the order within the feed. Keeps each source's
 * begin, end and counts. Returns what `deliver` returned if nonzero, else 0. A feed that fails ends, the others go on. */
int ingest_merge(const struct ingest *ingest, int (*deliver)(const struct event *event, void *arg), void *arg);
void ingest_close_feeds(struct ingest *ingest);
/* S_IFDIR, S_IFREG, or -errno after saying that it can be neither read as a trace nor as a log. */
int ingest_input_kind(const char *path);
/* True the first time that this folder (by device and inode) is asked about: an input may be named twice, or contain
 * another one. */
bool ingest_first_visit(struct ingest *ingest, const char *path);

#endif
