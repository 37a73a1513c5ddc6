/* SPDX-License-Identifier: MIT */
#include "snaps/simulate/map_tree.h"

#include "ingest/xalloc.h"
#include "snaps/simulate/random.h"

#include <stdlib.h>
#include <string.h>

static int by_start(const struct tree_node *a, const struct tree_node *b)
{
	return a->ids.start < b->ids.start ? -1 : a->ids.start > b->ids.start;
}

RB_GENERATE_STATIC(tree_nodes, tree_node, link, by_start)

/* tree.h has no const; nothing below changes what it only walks */
static struct tree_nodes *nodes_of(const struct map_tree *tree)
{
	return (struct tree_nodes *)(uintptr_t)&tree->nodes;
}
static struct tree_node *tree_first(const struct map_tree *tree)
{
	return RB_MIN(tree_nodes, nodes_of(tree));
}
static struct tree_node *next(struct tree_node *node)
{
	return tree_nodes_RB_NEXT(node);
}

#define SLAB_NODES  1024 /* more, when the scattered ones are used up */
#define BATCH_NODES 32   /* what tcmalloc moves between the lists of threads at a time (kDefaultTransferNumObjecs) */

static struct slab {
	struct slab *next;
	struct tree_node nodes[];
} * slabs;                           /* none: nodes come from malloc */
static struct tree_node *free_nodes; /* a stack, linked by RB_LEFT: the one freed last is taken first, as tcmalloc's threads do */

static void keep_free(struct tree_node *node)
{
	RB_LEFT(node, link) = free_nodes;
	free_nodes = node;
}

static void node_free(struct tree_node *node)
{
	if (slabs)
		keep_free(node);
	else
		free(node);
}

void map_tree_scatter(size_t nodes)
{
	size_t batches = (nodes + BATCH_NODES - 1) / BATCH_NODES;
	struct slab *slab = xcalloc(1, sizeof *slab + batches * BATCH_NODES * sizeof *slab->nodes);
	uint32_t *order = xcalloc(batches, sizeof *order);
	uint64_t random = 4798;

	slab->next = slabs;
	slabs = slab;
	for (size_t i = 0; i < batches; i++)
		order[i] = (uint32_t)i;
	for (size_t left = batches; left; left--) {
		size_t pick = (size_t)((random_next(&random) >> 20) % left);

		for (size_t i = BATCH_NODES; i; i--)
			keep_free(&slab->nodes[(size_t)order[pick] * BATCH_NODES + i - 1]);
		order[pick] = order[left - 1];
	}
	free(order);
}

static struct tree_node *node_new(void)
{
	struct tree_node *node;

	if (!slabs)
		return xmalloc(sizeof *node);
	if (!free_nodes)
		map_tree_scatter(SLAB_NODES);
	node = free_nodes;
	free_nodes = RB_LEFT(node, link);
	return node;
}

void map_tree_release(void)
{
	struct slab *next;

	for (; slabs; slabs = next) {
		next = slabs->next;
		free(slabs);
	}
	free_nodes = NULL;
}

static void tree_add(struct map_tree *tree, uint64_t start, uint64_t length, struct tree_ops *ops)
{
	struct tree_node *node = node_new();

	node->ids = (struct interval){ start, length };
	RB_INSERT(tree_nodes, &tree->nodes, node);
	tree->count++;
	ops->inserted++;
}

static void tree_drop(struct map_tree *tree, struct tree_node *node, struct tree_ops *ops)
{
	RB_REMOVE(tree_nodes, &tree->nodes, node);
	node_free(node);
	tree->count--;
	ops->erased++;
}

static void free_below(struct tree_node *node)
{
	while (node) {
		struct tree_node *left = RB_LEFT(node, link);

		free_below(RB_RIGHT(node, link)); /* as deep as the tree is high */
		node_free(node);
		node = left;
	}
}

void map_tree_clear(struct map_tree *tree)
{
	free_below(RB_ROOT(&tree->nodes));
	RB_INIT(&tree->nodes);
	tree->count = 0;
}

static struct tree_node *leaf_below(struct tree_node *node)
{
	while (node && (RB_RIGHT(node, link) || RB_LEFT(node, link)))
		node = RB_RIGHT(node, link) ? RB_RIGHT(node, link) : RB_LEFT(node, link);
	return node;
}

/*
 * The nodes of a tree that is assigned to, `leaf` the next of them: std::map's assignment takes them for the copy, leaf by leaf
 * from the right, and allocates only what is missing. That is what makes repeated assignment slow: with each one neighbours in
 * the tree lie further apart in memory. (libstdc++ from GCC 5 on; before that, all nodes were freed and allocated anew.)
 */
static struct tree_node *spare_or_new(struct tree_node **leaf)
{
	struct tree_node *node = *leaf, *parent = node ? RB_PARENT(node, link) : NULL;

	if (!node)
		return node_new();
	*leaf = parent;
	if (parent && RB_RIGHT(parent, link) == node) {
		RB_RIGHT(parent, link) = NULL;
		*leaf = leaf_below(parent);
	} else if (parent) {
		RB_LEFT(parent, link) = NULL;
	}
	return node;
}

/* A decoder knows that the next one comes last (emplace_hint at the end): nothing is searched. */
void map_tree_build(struct map_tree *tree, const struct interval_set *set, struct tree_ops *ops)
{
	struct tree_node *last = NULL;

	map_tree_clear(tree);
	for (size_t i = 0; i < set->count; i++) {
		struct tree_node *node = node_new();

		node->ids = set->items[i];
		RB_SET(node, last, link);
		if (last)
			RB_RIGHT(last, link) = node;
		else
			RB_ROOT(&tree->nodes) = node;
		tree_nodes_RB_INSERT_COLOR(&tree->nodes, node);
		tree->count++;
		last = node;
	}
	ops->inserted += set->count;
}

uint64_t map_tree_ids(const struct map_tree *tree)
{
	uint64_t ids = 0;

	for (struct tree_node *node = tree_first(tree); node; node = next(node))
		ids += node->ids.length;
	return ids;
}

/* Clones the shape as it is, without searching or balancing, as std::map's copy does. */
static struct tree_node *clone(const struct tree_node *from, struct tree_node *parent, struct tree_node **spare)
{
	struct tree_node *node = spare_or_new(spare);

	*node = *from;
	RB_PARENT(node, link) = parent;
	RB_LEFT(node, link) = RB_RIGHT(node, link) = NULL;
	if (RB_RIGHT(from, link))
		RB_RIGHT(node, link) = clone(RB_RIGHT(from, link), node, spare);
	if (RB_LEFT(from, link))
		RB_LEFT(node, link) = clone(RB_LEFT(from, link), node, spare);
	return node;
}

void map_tree_copy(struct map_tree *to, const struct map_tree *from, struct tree_ops *ops)
{
	struct tree_node *spare = leaf_below(RB_ROOT(&to->nodes)), *root = NULL;

	if (RB_ROOT(&from->nodes))
		root = clone(RB_ROOT(&from->nodes), NULL, &spare);
	while (spare)
		node_free(spare_or_new(&spare));
	RB_ROOT(&to->nodes) = root;
	to->count = from->count;
	ops->copied += to->count;
}

uint64_t map_tree_encode(const struct map_tree *tree, void *buffer)
{
	unsigned char *at = buffer;

	for (struct tree_node *node = tree_first(tree); node; node = next(node), at += sizeof node->ids)
		memcpy(at, &node->ids, sizeof node->ids);
	return (uint64_t)(at - (unsigned char *)buffer);
}

void map_tree_swap(struct map_tree *a, struct map_tree *b)
{
	struct map_tree tmp = *a;

	*a = *b;
	*b = tmp;
}

bool map_tree_equal(const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops)
{
	struct tree_node *x = tree_first(a), *y = tree_first(b);

	if (a->count != b->count)
		return false;
	for (; x && y && x->ids.start == y->ids.start && x->ids.length == y->ids.length; x = next(x), y = next(y))
		ops->compared++;
	return !x && !y;
}

/* The last node that starts at or before `start`, or NULL. */
static struct tree_node *at_or_before(const struct map_tree *tree, uint64_t start, struct tree_ops *ops)
{
	struct tree_node key = { .ids.start = start }, *node = RB_NFIND(tree_nodes, nodes_of(tree), &key);

	ops->searched++;
	if (node && node->ids.start == start)
		return node;
	return node ? RB_PREV(tree_nodes, nodes_of(tree), node) : RB_MAX(tree_nodes, nodes_of(tree));
}

bool map_tree_subset(const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops)
{
	for (struct tree_node *x = tree_first(a); x; x = next(x)) {
		const struct tree_node *y = at_or_before(b, x->ids.start, ops);

		if (!y || interval_end(&y->ids) < interval_end(&x->ids))
			return false;
	}
	return true;
}

void map_tree_intersection(struct map_tree *to, const struct map_tree *a, const struct map_tree *b, struct tree_ops *ops)
{
	struct tree_node *x = tree_first(a), *y = tree_first(b);

	map_tree_clear(to);
	while (x && y) {
		uint64_t start = x->ids.start > y->ids.start ? x->ids.start : y->ids.start;
		uint64_t end = interval_end(&x->ids) < interval_end(&y->ids) ? interval_end(&x->ids) : interval_end(&y->ids);

		ops->compared++;
		if (start < end)
			tree_add(to, start, end - start, ops);
		if (interval_end(&x->ids) < interval_end(&y->ids)) {
			x = next(x);
		} else {
			if (interval_end(&x->ids) == interval_end(&y->ids))
				x = next(x);
			y = next(y);
		}
	}
}

static void erase(struct map_tree *tree, uint64_t start, uint64_t length, struct tree_ops *ops)
{
	struct tree_node *node = at_or_before(tree, start, ops);
	uint64_t before = start - node->ids.start, after = node->ids.length - before - length;

	if (before)
		node->ids.length = before;
	else
		tree_drop(tree, node, ops);
	if (after)
		tree_add(tree, start + length, after, ops);
}

void map_tree_subtract(struct map_tree *a, const struct map_tree *b, struct tree_ops *ops)
{
	for (struct tree_node *y = tree_first(b); y; y = next(y))
		erase(a, y->ids.start, y->ids.length, ops);
}

/* Into a set that does not hold it: alone, or grown onto its neighbours. */
static void insert(struct map_tree *tree, uint64_t start, uint64_t length, struct tree_ops *ops)
{
	struct tree_node *before = at_or_before(tree, start, ops);
	struct tree_node *after = before ? next(before) : tree_first(tree);

	if (before && interval_end(&before->ids) == start) {
		before->ids.length += length;
		if (after && after->ids.start == start + length) {
			before->ids.length += after->ids.length;
			tree_drop(tree, after, ops);
		}
		return;
	}
	if (after && after->ids.start == start + length) {
		length += after->ids.length;
		tree_drop(tree, after, ops);
	}
	tree_add(tree, start, length, ops);
}

void map_tree_union(struct map_tree *a, const struct map_tree *b, struct tree_ops *ops)
{
	struct map_tree old = MAP_TREE_EMPTY, both = MAP_TREE_EMPTY;

	map_tree_swap(a, &old);
	map_tree_copy(a, &old, ops);
	map_tree_intersection(&both, &old, b, ops);
	map_tree_subtract(a, &both, ops);
	for (struct tree_node *y = tree_first(b); y; y = next(y))
		insert(a, y->ids.start, y->ids.length, ops);
	map_tree_clear(&both);
	map_tree_clear(&old);
}

uint64_t map_tree_range_end(const struct map_tree *tree)
{
	const struct tree_node *last = RB_MAX(tree_nodes, nodes_of(tree));

	return last ? interval_end(&last->ids) : 0;
}
