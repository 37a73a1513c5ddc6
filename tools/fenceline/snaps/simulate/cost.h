/* SPDX-License-Identifier: MIT */
/*
 * What an OSD pays at start for a pool's removed_snaps: every placement group walks through the epochs that it missed, and
 * PGPool::update runs at each. Not a formula: the algorithms run, on the pool's own set, in the data structure that Ceph uses
 * (map_tree.h), as far as a time budget lets them; the rest is scaled.
 *
 * What happens at each epoch (src/osd/PG.cc, OSD.cc of 10.2.7, 12.2.10, 14.2.21):
 *  - once per OSD the map before it is decoded, its set built node by node (and later freed); if the pool has changed, the
 *    incremental map is, too, and its set copied into the map; the new map is encoded (OSD::handle_osd_map);
 *  - the map is decoded again for a placement group that comes to it when OSDService::map_cache has dropped it. In 14.2.21, where
 *    groups are not kept in step, that is the larger part of what a set costs: see catch_up.h, which simulates how often;
 *  - every placement group copies the pool's record, `info = *pi` in PGPool::update, and with it the whole set: in every one of
 *    these releases, at every epoch, whether or not anything about snapshots changed;
 *  - if snap_epoch is this epoch (or epochs were skipped): 10.2.7 rebuilds the set, intersects, compares, subtracts and unites;
 *    12.2.10 does its steps (rebuild, intersect, compare, swap, copy, subtract) only if the set's range end has moved, which any
 *    deletion does; 14.2.21 under luminous likewise (rebuild, subset test, copy, subtract), from mimic on nothing.
 *
 * What of this is measured, what modelled and what simulated stands in README.md. Not in it: all that an OSD does at start
 * whether there is a set or not (reading and storing maps, peering), and the trimming of snapshots after it.
 */
#ifndef FENCELINE_SNAPS_SIMULATE_COST_H
#define FENCELINE_SNAPS_SIMULATE_COST_H

#include "snaps/simulate/map_tree.h"

#define COST_ALGORITHMS(A) \
	A(10_2_7, "10.2.7") \
	A(12_2_10, "12.2.10") \
	A(14_2_LUMINOUS, "14.2.21 at luminous") \
	A(14_2, "14.2.21 at mimic on")
#define COST_ALGORITHM_NUMBER(name, text) COST_##name,
enum cost_algorithm { COST_ALGORITHMS(COST_ALGORITHM_NUMBER) COST_ALGORITHM_COUNT };
#undef COST_ALGORITHM_NUMBER
const char *cost_algorithm_name(enum cost_algorithm algorithm);

struct cost_case {
	uint64_t epochs;      /* to walk through */
	uint64_t pgs;         /* of this pool on the OSD; those of others are as if they were not there */
	uint64_t updates;     /* epochs among them at which a snapshot was made or deleted, at most `epochs` */
	uint64_t deletions;   /* how many of those updates are deletions */
	unsigned int threads; /* that walk placement groups */
	unsigned int cpus;    /* for them */
	double budget_s;      /* how long one run may take */
	bool keep_shape;      /* what is deleted is younger than the set, its intervals stay; else a rotation, the oldest goes */
};

struct cost_time {            /* scaled to the whole case */
	double map_s;         /* CPU time of decoding and encoding maps as they come */
	double again_s;       /* of decoding them again, for the walk, and of freeing what drops out of the cache for it */
	double copy_s, set_s; /* of the copies, of the set work */
	double cpu_s;         /* all of these */
	double start_s;       /* predicted: until the last placement group is at the newest map */
};

struct cost {
	enum cost_algorithm algorithm;
	uint64_t deletions;           /* of the updates */
	uint64_t ran_epochs, ran_pgs; /* how much of the case really ran, twice: in_order and scattered */
	uint64_t ran_updates;
	double ran_s;                         /* both together */
	struct tree_ops ops;                  /* of one of the two */
	double decoded_again;                 /* maps, of the whole case: simulated (catch_up.h) */
	struct cost_time in_order, scattered; /* of map_tree.h's two ways to get nodes */
	struct cost_time middle;              /* of each part the geometric middle, and their sum */
};

/* Runs one algorithm on the set. */
void cost_run(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, enum cost_algorithm algorithm,
              struct cost *cost);

/* The same shape with another number of intervals: the set's beginning, or the set again and again after itself. */
void cost_resize(const struct interval_set *set, size_t intervals, struct interval_set *to);

#endif
