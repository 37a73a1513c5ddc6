/* SPDX-License-Identifier: MIT */
/*
 * An interval set held as Ceph's OSDs hold it: a red-black tree with one allocation per interval (std::map<snapid_t,
 * snapid_t>, 48 bytes a node), with Ceph's own steps for each operation. For measuring what those steps cost; everything else in
 * here uses the array of interval_set.h. Operations are counted. Not thread-safe.
 *
 * Where a node lies in memory decides what a step costs. An assignment takes the nodes of the old content, as std::map's does.
 * Other nodes come in one of two ways, since nobody knows how a running OSD's heap lies: from malloc, with all that an allocator
 * does besides; or, after map_tree_scatter, from a list of free nodes, the one freed last first, as a thread's list in tcmalloc.
 * Those lists exchange 32 nodes at a time, so batches of 32 lie anywhere, but nodes of a batch side by side.
 *
 * Steps as in src/include/interval_set.h of 10.2, 12.2 and 14.2.
 */
#ifndef FENCELINE_SNAPS_SIMULATE_MAP_TREE_H
#define FENCELINE_SNAPS_SIMULATE_MAP_TREE_H

#include "snaps/intervals/interval_set.h"

#ifndef __unused
#define __unused __attribute__((unused)) /* tree.h wants it and glibc has none */
#endif
#include <bsd/sys/tree.h>

struct tree_ops {
	uint64_t copied, inserted, erased, compared, searched;
};

struct tree_node {
	RB_ENTRY(tree_node) link;
	struct interval ids;
};
RB_HEAD(tree_nodes, tree_node);

struct map_tree {
	struct tree_nodes nodes;
	size_t count;
};

#define MAP_TREE_EMPTY { { NULL }, 0 }

void map_tree_build(struct map_tree *tree, const struct interval_set *set, struct tree_ops *ops); /* as decoding does */
uint64_t map_tree_ids(const struct map_tree *tree); /* how many: interval_set adds it up after decoding, interval by interval */
void map_tree_copy(struct map_tree *to, const struct map_tree *from, struct tree_ops *ops);
void map_tree_swap(struct map_tree *a, struct map_tree *b);
void map_tree_clear(struct map_tree *tree);
bool map_tree_equal(const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops);
bool map_tree_subset(const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops);
void map_tree_intersection(struct map_tree *to, const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops);
/* All of b must be in a. */
void map_tree_subtract(struct map_tree *a, const struct map_tree *b, struct tree_ops *ops);
void map_tree_union(struct map_tree *a, const struct map_tree *b, struct tree_ops *ops);
uint64_t map_tree_range_end(const struct map_tree *tree);
/* Writes 16 bytes a node, as encoding a map does; returns how many bytes. */
uint64_t map_tree_encode(const struct map_tree *tree, void *buffer);
/* Until map_tree_release nodes are taken from so many, in batches that lie in random order. To be called while no tree holds a
 * node. */
void map_tree_scatter(size_t nodes);
/* Gives all memory back; no tree may hold a node then. */
void map_tree_release(void);

#endif
