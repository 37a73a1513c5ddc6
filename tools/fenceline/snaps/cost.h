/* SPDX-License-Identifier: MIT */
/*
 * What an OSD pays at start for a pool's removed_snaps: every placement group walks through the epochs that it missed, and
 * PGPool::update runs at each. Not a formula: the algorithms run, on the pool's own set, in the data structure that Ceph uses
 * (map_tree.h), as far as a time budget lets them; the rest is scaled.
 *
 * What happens at each epoch (src/osd/PG.cc, OSD.cc of 10.2.7, 12.2.10, 14.2.21):
 *  - once per OSD the map before it is decoded, its set built node by node (and later freed); if the pool has changed, the
 *    incremental map is, too, and its set copied into the map; the new map is encoded;
 *  - maps come in faster than placement groups walk, and the OSD keeps osd_map_cache_size of them (50): a walk over more epochs
 *    decodes each map again, at best once for all groups (they walk in step), at worst once for each of them;
 *  - every placement group copies the pool's record, `info = *pi`, and with it the whole set: in every one of these releases, at
 *    every epoch, whether or not anything about snapshots changed;
 *  - if snap_epoch is this epoch (or epochs were skipped): 10.2.7 rebuilds the set, intersects, compares, subtracts and unites;
 *    12.2.10 does its steps (rebuild, intersect, compare, swap, copy, subtract) only if the set's range end has moved, which any
 *    deletion does; 14.2.21 under luminous likewise (rebuild, subset test, copy, subtract), from mimic on nothing.
 *
 * Measured, on the machine that this runs on: CPU time of these steps, with the sets' nodes in order of address and with them
 * scattered over memory; an OSD's heap is in between. Modelled: that what did not run costs as much as what ran; how often a map
 * is decoded again; that threads share the work of placement groups evenly, as far as this machine has CPUs for them.
 * Not in it: all that an OSD does at start whether there is a set or not (reading and storing maps, peering), and the trimming
 * of snapshots after it.
 */
#ifndef FENCELINE_SNAPS_COST_H
#define FENCELINE_SNAPS_COST_H

#include "snaps/map_tree.h"

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
	uint64_t pgs;         /* of this pool on the OSD */
	uint64_t updates;     /* epochs among them at which a snapshot was made or deleted, at most `epochs` */
	uint64_t deletions;   /* how many of those updates are deletions */
	unsigned int threads; /* that walk placement groups */
	unsigned int cpus;    /* for them */
	double budget_s;      /* how long one run may take */
	bool keep_shape;      /* what is deleted is younger than the set, its intervals stay; else a rotation, the oldest goes */
};

struct cost_time {               /* scaled to the whole case */
	double map_s;                /* CPU time of decoding and encoding maps as they come */
	double again_s;              /* of decoding them again, for the walk */
	double copy_s, set_s;        /* of the copies, of the set work */
	double cpu_s;                /* all of these */
	double start_s;              /* predicted: map_s + the rest / as many threads as have a CPU */
};

struct cost {
	enum cost_algorithm algorithm;
	uint64_t deletions;           /* of the updates */
	uint64_t ran_epochs, ran_pgs; /* how much of the case really ran, twice: scattered and in order */
	uint64_t ran_updates;
	double ran_s;        /* both together */
	struct tree_ops ops; /* of one of the two */
	struct cost_time in_order, scattered; /* the least and the most: also of how often maps are decoded again */
	struct cost_time middle;              /* of each part the geometric middle, and their sum */
};

/* Runs one algorithm on the set. 0 or -ENOMEM. */
int cost_run(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, enum cost_algorithm algorithm,
             struct cost *cost);

/* The same shape with another number of intervals: the set's beginning, or the set again and again after itself. */
int cost_resize(const struct interval_set *set, size_t intervals, struct interval_set *to);

#endif
