/* SPDX-License-Identifier: MIT */
#include "snaps/report.h"

#include <string.h>

#define RUN_BUDGET_S    0.5
#define POINT_BUDGET_S  0.1
#define POINT_NODES     ((uint64_t)100000) /* in one set of each group together, 5 MB: more than a core's own cache holds */
#define POINT_INTERVALS ((uint64_t)100000) /* copied by all groups of a point together: a large set needs no repetition */

const struct snaps_renderer *snaps_renderer_find(const char *format)
{
	static const struct snaps_renderer *const renderers_of_snaps[] = { &snaps_text, &snaps_json, &snaps_html };

	for (size_t i = 0; i < sizeof renderers_of_snaps / sizeof *renderers_of_snaps; i++)
		if (!strcmp(renderers_of_snaps[i]->format, format))
			return renderers_of_snaps[i];
	return NULL;
}

/* µs per placement group at an epoch with a deletion, the copy of the pool's record included. */
static void run_point(const struct interval_set *set, uint64_t pgs, struct cost_point *point)
{
	uint64_t fit = POINT_NODES / (set->count + 1) + 2, groups = fit < pgs ? fit : pgs;
	uint64_t epochs = POINT_INTERVALS / ((set->count + 1) * groups) + 4;
	const struct cost_case what = { .epochs = epochs,
		                        .pgs = groups,
		                        .updates = epochs,
		                        .deletions = epochs,
		                        .threads = 1,
		                        .cpus = 1,
		                        .budget_s = POINT_BUDGET_S,
		                        .keep_shape = true };

	for (int a = 0; a < COST_ALGORITHM_COUNT; a++) {
		struct cost cost;

		cost_run(set, interval_set_range_end(set), &what, (enum cost_algorithm)a, &cost);
		point->us[a] = (cost.middle.copy_s + cost.middle.set_s) * 1e6 / (double)(what.epochs * what.pgs);
	}
	point->intervals = set->count;
}

static void run_points(const struct snaps_pool *pool, struct pool_cost *cost)
{
	struct interval_set set = INTERVAL_SET_EMPTY;

	for (size_t i = 0; i < COST_POINTS; i++) {
		/* from an eighth of the pool's own number to eight times as many */
		size_t intervals = (pool->removed.count << i) / 8;

		if (!intervals || intervals > 100000)
			continue;
		cost_resize(&pool->removed, intervals, &set);
		run_point(&set, cost->what.pgs, &cost->points[cost->point_count++]);
	}
	interval_set_free(&set);
}

static double saved(double old, double new)
{
	return old > 0 ? 1 - new / old : 0;
}

void pool_cost_run(const struct snaps_pool *pool, const struct cost_case *what, struct pool_cost *cost)
{
	static const enum cost_algorithm algorithms[COST_RUNS] = { [RUN_10] = COST_10_2_7,
		                                                   [RUN_12_CREATIONS] = COST_12_2_10,
		                                                   [RUN_12] = COST_12_2_10,
		                                                   [RUN_14_LUMINOUS] = COST_14_2_LUMINOUS,
		                                                   [RUN_14] = COST_14_2 };

	memset(cost, 0, sizeof *cost);
	cost->what = *what;
	cost->what.budget_s = RUN_BUDGET_S;
	for (int i = 0; i < COST_RUNS; i++) {
		struct cost_case one = cost->what;

		if (i == RUN_12_CREATIONS)
			one.deletions = 0;
		cost_run(&pool->removed, pool_snap_seq(pool), &one, algorithms[i], &cost->runs[i]);
	}
	run_points(pool, cost);
	cost->gain_creations = saved(cost->runs[RUN_10].middle.set_s, cost->runs[RUN_12_CREATIONS].middle.set_s);
	cost->gain = saved(cost->runs[RUN_10].middle.set_s, cost->runs[RUN_12].middle.set_s);
	cost->gain_start = saved(cost->runs[RUN_10].middle.start_s, cost->runs[RUN_12].middle.start_s);
}
