/* SPDX-License-Identifier: MIT */
/*
 * Maps that JSON told of (json_read.h), collected from all inputs and handed to the account in order of their epochs, whatever
 * order the files came in. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_MAPS_H
#define FENCELINE_SNAPS_MAPS_H

#include "snaps/account.h"

struct map_pool {      /* one pool in one map */
	int64_t id;    /* -1: not said */
	char *name;    /* NULL: not said; owned */
	char *removed; /* the set's text; NULL: not said; owned */
	uint64_t snap_seq;
	enum snap_mode mode;
	struct interval_set pool_snaps; /* of pool snapshots: the live ones */
	struct interval_set queue, newly_removed, purged;
	struct map_pool *next;
};

struct map {
	const char *path; /* borrowed */
	uint64_t epoch;   /* 0: not said */
	int64_t ts_ns;    /* modified; 0: not said */
	bool incremental, has_queue;
	char *release, *flags;         /* require_osd_release, the cluster's flags; NULL: not said; owned */
	int least, most;               /* releases that can have written it, as far as its members tell; 0: any */
	struct map_pool *pools; /* owned */
	uint64_t order;         /* as read */
};

struct maps {
	struct map *maps; /* owned */
	size_t count;
};

/* A new map at the end. path is borrowed for as long as the maps live. */
struct map *maps_add(struct maps *maps, const char *path);
/* The map's pool of that id, made if it is not there; of -1 a new one each time. */
struct map_pool *maps_pool(struct map *map, int64_t id);
/* Sorts by epoch, time, order. */
void maps_sort(struct maps *maps);
/* Hands one map to the account. */
void map_apply(const struct map *map, struct account *account);
void maps_free(struct maps *maps);

#endif
