/* SPDX-License-Identifier: MIT */
#include "snaps/simulate/pool_update.h"

#include <errno.h>

/* 10.2.7 */
static int update_2016(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree common = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, ops);

	if (!ret)
		ret = map_tree_intersection(&common, &pg->newly, &pg->cached, ops);
	if (!ret && map_tree_equal(&common, &pg->cached, ops)) {
		ret = map_tree_subtract(&pg->newly, &pg->cached, ops);
		if (!ret)
			ret = map_tree_union(&pg->cached, &pg->newly, ops);
	}
	map_tree_clear(&common);
	return ret;
}

/* 12.2.10, when the range end has moved */
static int update_2018(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree common = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, ops);

	if (!ret)
		ret = map_tree_intersection(&common, &pg->newly, &pg->cached, ops);
	if (!ret && map_tree_equal(&common, &pg->cached, ops)) {
		map_tree_swap(&pg->cached, &pg->newly);
		ret = map_tree_copy(&pg->newly, &pg->cached, ops);
		if (!ret)
			ret = map_tree_subtract(&pg->newly, &common, ops);
	}
	map_tree_clear(&common);
	return ret;
}

/* 14.2.21 under luminous, when the range end has moved */
static int update_2021(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	struct map_tree removed = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, ops);

	if (!ret && map_tree_subset(&pg->cached, &pg->newly, ops)) {
		ret = map_tree_copy(&removed, &pg->newly, ops);
		if (!ret)
			ret = map_tree_subtract(&pg->newly, &pg->cached, ops);
		map_tree_swap(&pg->cached, &removed);
	}
	map_tree_clear(&removed);
	return ret;
}

int pool_update_set_work(enum cost_algorithm algorithm, struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	bool moved = map_tree_range_end(in_map) != map_tree_range_end(&pg->cached);

	switch (algorithm) {
	case COST_10_2_7:
		return update_2016(pg, in_map, ops);
	case COST_12_2_10:
		return moved ? update_2018(pg, in_map, ops) : 0;
	case COST_14_2_LUMINOUS:
		return moved ? update_2021(pg, in_map, ops) : 0;
	default:
		return 0;
	}
}

void pg_pool_clear(struct pg_pool *pg)
{
	map_tree_clear(&pg->info);
	map_tree_clear(&pg->cached);
	map_tree_clear(&pg->newly);
}
