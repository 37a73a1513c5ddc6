/* SPDX-License-Identifier: MIT */
/*
 * What JSON tells of pools' snapshots: `ceph osd dump`, `ceph osd pool ls detail`, `ceph-dencoder` dumps of OSDMap and
 * OSDMap::Incremental, any number of documents in a row, `ceph pg dump` and `ceph pg ls`. Maps are collected from all inputs
 * and handed to the account in order of their epochs, whatever order the files came in. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_MAPS_H
#define FENCELINE_SNAPS_MAPS_H

#include "snaps/account.h"

struct map_pool { /* one pool in one map */
	int64_t id;
	char *name;    /* NULL: not said; owned */
	char *removed; /* the set's text; NULL: not said; owned */
	uint64_t snap_seq;
	enum snap_mode mode;
	struct interval_set pool_snaps; /* of pool snapshots: the live ones */
	struct interval_set queue, newly_removed, purged;
	bool has_queue;
	struct map_pool *next;
};

struct map {
	const char *path; /* borrowed */
	uint64_t epoch;   /* 0: not said */
	int64_t ts_ns;    /* modified; 0: not said */
	bool incremental;
	char *release;          /* require_osd_release, NULL: not said; owned */
	struct map_pool *pools; /* owned */
	uint64_t order;         /* as read */
};

struct maps {
	struct map *maps; /* owned */
	size_t count, capacity;
};

/* Reads all documents in text; path is borrowed for as long as the maps live. What is broken is told, what came before is kept.
 * Placement groups go to the account at once. Returns how many documents told something, or -ENOMEM. */
int maps_read(struct maps *maps, struct account *account, const char *path, const char *text, size_t length);
/* Sorts by epoch, time, order. */
void maps_sort(struct maps *maps);
/* Hands one map to the account. 0 or -ENOMEM. */
int map_apply(const struct map *map, struct account *account);
void maps_free(struct maps *maps);

#endif
