/* SPDX-License-Identifier: MIT */
/*
 * PGPool::update's work on the set, as each release does it (src/osd/PG.cc of 10.2.7, 12.2.10 and 14.2.21), on the trees of
 * map_tree.h. Called where the map has changed the pool's snapshots; the copy `info = *pi` comes before it and is not in here.
 */
#ifndef FENCELINE_SNAPS_SIMULATE_POOL_UPDATE_H
#define FENCELINE_SNAPS_SIMULATE_POOL_UPDATE_H

#include "snaps/simulate/map_tree.h"

#define COST_ALGORITHMS(A) \
	A(10_2_7, "10.2.7") \
	A(12_2_10, "12.2.10") \
	A(14_2_LUMINOUS, "14.2.21 at luminous") \
	A(14_2, "14.2.21 at mimic on")
#define COST_ALGORITHM_NUMBER(name, text) COST_##name,
enum cost_algorithm { COST_ALGORITHMS(COST_ALGORITHM_NUMBER) COST_ALGORITHM_COUNT };
#undef COST_ALGORITHM_NUMBER

struct pg_pool { /* PGPool's members: info.removed_snaps, cached_removed_snaps, newly_removed_snaps */
	struct map_tree info, cached, newly;
};

/* Counts what it does in `ops`. */
void pool_update_set_work(enum cost_algorithm algorithm, struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops);
void pg_pool_clear(struct pg_pool *pg);

#endif
