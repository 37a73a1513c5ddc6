/* SPDX-License-Identifier: MIT */
#include "snaps/simulate/pool_update.h"

/* 10.2.7 */
static void update_2016(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree common = MAP_TREE_EMPTY;

	map_tree_copy(&pg->newly, in_map, ops);
	map_tree_intersection(&common, &pg->newly, &pg->cached, ops);
	if (map_tree_equal(&common, &pg->cached, ops)) {
		map_tree_subtract(&pg->newly, &pg->cached, ops);
		map_tree_union(&pg->cached, &pg->newly, ops);
	}
	map_tree_clear(&common);
}

/* 12.2.10, when the range end has moved */
static void update_2018(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree common = MAP_TREE_EMPTY;

	map_tree_copy(&pg->newly, in_map, ops);
	map_tree_intersection(&common, &pg->newly, &pg->cached, ops);
	if (map_tree_equal(&common, &pg->cached, ops)) {
		map_tree_swap(&pg->cached, &pg->newly);
		map_tree_copy(&pg->newly, &pg->cached, ops);
		map_tree_subtract(&pg->newly, &common, ops);
	}
	map_tree_clear(&common);
}

/* 14.2.21 under luminous, when the range end has moved */
static void update_2021(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree removed = MAP_TREE_EMPTY;

	map_tree_copy(&pg->newly, in_map, ops);
	if (map_tree_subset(&pg->cached, &pg->newly, ops)) {
		map_tree_copy(&removed, &pg->newly, ops);
		map_tree_subtract(&pg->newly, &pg->cached, ops);
		map_tree_swap(&pg->cached, &removed);
	}
	map_tree_clear(&removed);
}

void pool_update_set_work(enum cost_algorithm algorithm, struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	bool moved = map_tree_range_end(in_map) != map_tree_range_end(&pg->cached);

	if (algorithm == COST_10_2_7)
		update_2016(pg, in_map, ops);
	else if (algorithm == COST_12_2_10 && moved)
		update_2018(pg, in_map, ops);
	else if (algorithm == COST_14_2_LUMINOUS && moved)
		update_2021(pg, in_map, ops);
}

void pg_pool_clear(struct pg_pool *pg)
{
	map_tree_clear(&pg->info);
	map_tree_clear(&pg->cached);
	map_tree_clear(&pg->newly);
}
