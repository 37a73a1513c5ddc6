/* SPDX-License-Identifier: MIT */
#include "snaps/cost.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAP_CACHE          50 /* osd_map_cache_size */
#define BLOCK_EPOCHS       40 /* osd_map_max_advance: how far a placement group goes at a stretch */
#define NODES_AT_A_STRETCH ((uint64_t)1 << 20)
#define NODES_MAX          ((uint64_t)6 << 20) /* in all trees of a run together: about 400 MB */

const char *cost_algorithm_name(enum cost_algorithm algorithm)
{
#define COST_ALGORITHM_NAME(name, text) text,
	static const char *const names[] = { COST_ALGORITHMS(COST_ALGORITHM_NAME) };
#undef COST_ALGORITHM_NAME
	return names[algorithm];
}

struct pg_state { /* PGPool's members */
	struct map_tree info, cached, newly;
};

struct run {
	const struct cost_case *what;
	enum cost_algorithm algorithm;
	struct tree_ops ops;
	struct interval_set set; /* the pool's set as it changes from epoch to epoch */
	uint64_t snap_seq;
	uint64_t made, deleted; /* snapshots, so far */
	struct map_tree maps[BLOCK_EPOCHS];
	struct map_tree incremental; /* the pool's set in an incremental map */
	unsigned char *encoded;      /* owned; the map as the OSD stores it */
	size_t encoded_size;
	bool updated[BLOCK_EPOCHS];
	struct pg_state *pgs; /* owned */
	uint64_t pg_count;
	uint64_t ran_epochs;
	double look_s, ran_s;
	double map_s, decode_s, copy_s, set_s;
};

static double clock_s(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* CPU time of this thread: other work on the machine does not count. */
static double cpu_s(void)
{
	return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

/* What one look at that clock costs; it is taken off what is measured with it. */
static double look_s(void)
{
	double least = 1, begin = cpu_s();

	for (int i = 0; i < 200; i++) {
		double now = cpu_s();

		least = now - begin < least ? now - begin : least;
		begin = now;
	}
	return least;
}

/* 10.2.7 */
static int update_2016(struct run *run, struct pg_state *pg, const struct map_tree *in_map)
{
	struct map_tree common = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, &run->ops);

	if (!ret)
		ret = map_tree_intersection(&common, &pg->newly, &pg->cached, &run->ops);
	if (!ret && map_tree_equal(&common, &pg->cached, &run->ops)) {
		ret = map_tree_subtract(&pg->newly, &pg->cached, &run->ops);
		if (!ret)
			ret = map_tree_union(&pg->cached, &pg->newly, &run->ops);
	}
	map_tree_clear(&common);
	return ret;
}

/* 12.2.10, when the range end has moved */
static int update_2018(struct run *run, struct pg_state *pg, const struct map_tree *in_map)
{
	struct map_tree common = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, &run->ops);

	if (!ret)
		ret = map_tree_intersection(&common, &pg->newly, &pg->cached, &run->ops);
	if (!ret && map_tree_equal(&common, &pg->cached, &run->ops)) {
		map_tree_swap(&pg->cached, &pg->newly);
		ret = map_tree_copy(&pg->newly, &pg->cached, &run->ops);
		if (!ret)
			ret = map_tree_subtract(&pg->newly, &common, &run->ops);
	}
	map_tree_clear(&common);
	return ret;
}

/* 14.2.21 under luminous, when the range end has moved */
static int update_2021(struct run *run, struct pg_state *pg, const struct map_tree *in_map)
{
	struct map_tree removed = MAP_TREE_EMPTY;
	int ret = map_tree_copy(&pg->newly, in_map, &run->ops);

	if (!ret && map_tree_subset(&pg->cached, &pg->newly, &run->ops)) {
		ret = map_tree_copy(&removed, &pg->newly, &run->ops);
		if (!ret)
			ret = map_tree_subtract(&pg->newly, &pg->cached, &run->ops);
		map_tree_swap(&pg->cached, &removed);
	}
	map_tree_clear(&removed);
	return ret;
}

static int set_work(struct run *run, struct pg_state *pg, const struct map_tree *in_map)
{
	bool moved = map_tree_range_end(in_map) != map_tree_range_end(&pg->cached);

	switch (run->algorithm) {
	case COST_10_2_7:
		return update_2016(run, pg, in_map);
	case COST_12_2_10:
		return moved ? update_2018(run, pg, in_map) : 0;
	case COST_14_2_LUMINOUS:
		return moved ? update_2021(run, pg, in_map) : 0;
	default:
		return 0;
	}
}

/* The clock is looked at only around set work, for small sets cost less than a look at it. */
static int walk_pg(struct run *run, struct pg_state *pg, unsigned int epochs)
{
	double begin = cpu_s(), set_s = 0;
	unsigned int looks = 1;
	int ret = 0;

	for (unsigned int e = 0; e < epochs && !ret; e++) {
		double before;

		ret = map_tree_copy(&pg->info, &run->maps[e], &run->ops);
		if (!run->updated[e] || run->algorithm == COST_14_2) {
			map_tree_clear(&pg->newly);
			continue;
		}
		before = cpu_s();
		if (!ret)
			ret = set_work(run, pg, &run->maps[e]);
		set_s += cpu_s() - before - run->look_s;
		looks += 2;
	}
	run->set_s += set_s;
	run->copy_s += cpu_s() - begin - set_s - looks * run->look_s;
	return ret;
}

/* The oldest snapshot goes, and the next sequence number with it: what a rotation does. */
static int delete_one(struct run *run)
{
	uint64_t oldest = run->set.count && run->set.items[0].start <= 1 ? interval_end(&run->set.items[0]) : 1;
	int ret;

	if (run->what->keep_shape || oldest > run->snap_seq) /* none alive: one is made and deleted in the same epoch */
		oldest = ++run->snap_seq;
	ret = interval_set_insert(&run->set, oldest, 1);
	if (ret != -ENOMEM)
		ret = interval_set_insert(&run->set, ++run->snap_seq, 1);
	run->deleted++;
	return ret == -ENOMEM ? ret : 0;
}

/* Does number `i` of `all` belong to `part` of them, spread evenly? */
static bool is_due(uint64_t i, uint64_t part, uint64_t all)
{
	return all && (uint64_t)((unsigned __int128)(i + 1) * part / all) != (uint64_t)((unsigned __int128)i * part / all);
}

/* How many epochs at a stretch: the budget is looked at between stretches, so one must not take long. */
static unsigned int block_epochs(uint64_t nodes_per_epoch)
{
	uint64_t epochs = NODES_AT_A_STRETCH / nodes_per_epoch;

	return epochs < 1 ? 1 : epochs < BLOCK_EPOCHS ? (unsigned int)epochs : BLOCK_EPOCHS;
}

/* What becomes of one map: decoded, the incremental applied if it tells of the pool, encoded for the disk. */
static int make_map(struct run *run, struct map_tree *map, bool changed)
{
	size_t size = interval_set_encoded_bytes(&run->set);
	double begin = cpu_s();
	int ret = map_tree_build(map, &run->set, &run->ops);

	run->decode_s += cpu_s() - begin - run->look_s;
	if (!ret && changed)
		ret = map_tree_build(&run->incremental, &run->set, &run->ops);
	if (!ret && changed)
		ret = map_tree_copy(map, &run->incremental, &run->ops);
	if (!ret && size > run->encoded_size) {
		free(run->encoded);
		run->encoded_size = 2 * size;
		run->encoded = malloc(run->encoded_size);
	}
	if (ret || !run->encoded)
		return -ENOMEM;
	map_tree_encode(map, run->encoded);
	return 0;
}

/* Makes the maps of the next epochs. */
static int make_maps(struct run *run, uint64_t first_epoch, unsigned int epochs)
{
	const struct cost_case *what = run->what;

	for (unsigned int e = 0; e < epochs; e++) {
		double begin;
		int ret = 0;

		run->updated[e] = is_due(first_epoch + e, what->updates, what->epochs);
		if (run->updated[e] && is_due(run->made + run->deleted, what->deletions, what->updates)) {
			ret = delete_one(run);
		} else if (run->updated[e]) {
			run->snap_seq++;
			run->made++;
		}
		begin = cpu_s();
		if (!ret)
			ret = make_map(run, &run->maps[e], run->updated[e]);
		run->map_s += cpu_s() - begin - 3 * run->look_s;
		if (ret)
			return ret;
	}
	return 0;
}

/* Up to so many epochs, as far as the budget goes. */
static int walk(struct run *run, uint64_t epochs, double budget_s)
{
	unsigned int block = block_epochs((run->set.count + 1) * run->pg_count);
	double begin = clock_s(CLOCK_MONOTONIC);

	while (run->ran_epochs < epochs) {
		uint64_t left = epochs - run->ran_epochs;
		unsigned int stretch = left < block ? (unsigned int)left : block;
		int ret = make_maps(run, run->ran_epochs, stretch);

		for (uint64_t i = 0; i < run->pg_count && !ret; i++)
			ret = walk_pg(run, &run->pgs[i], stretch);
		if (ret)
			return ret;
		run->ran_epochs += stretch;
		run->ran_s = clock_s(CLOCK_MONOTONIC) - begin;
		if (run->ran_s > budget_s)
			break;
	}
	return 0;
}

static void free_run(struct run *run)
{
	for (unsigned int e = 0; e < BLOCK_EPOCHS; e++)
		map_tree_clear(&run->maps[e]);
	map_tree_clear(&run->incremental);
	free(run->encoded);
	for (uint64_t i = 0; run->pgs && i < run->pg_count; i++) {
		map_tree_clear(&run->pgs[i].info);
		map_tree_clear(&run->pgs[i].cached);
		map_tree_clear(&run->pgs[i].newly);
	}
	free(run->pgs);
	interval_set_free(&run->set);
}

static void add_up(const struct cost_case *what, struct cost_time *time)
{
	unsigned int at_once = what->threads < what->cpus ? what->threads : what->cpus;

	time->cpu_s = time->map_s + time->again_s + time->copy_s + time->set_s;
	time->start_s = time->map_s + (time->cpu_s - time->map_s) / (at_once ? at_once : 1);
}

static void scale(const struct run *run, bool at_worst, struct cost_time *time)
{
	const struct cost_case *what = run->what;
	double epochs = run->ran_epochs ? (double)what->epochs / (double)run->ran_epochs : 0;
	double all = epochs * (run->pg_count ? (double)what->pgs / (double)run->pg_count : 0);

	time->map_s = run->map_s * epochs;
	if (what->epochs > MAP_CACHE)
		time->again_s = run->decode_s * epochs * (at_worst ? (double)what->pgs : 1);
	/* Looks at the clock are taken off; of a few intervals on a busy machine that can be more than there was. */
	time->copy_s = run->copy_s > 0 ? run->copy_s * all : 0;
	time->set_s = run->set_s > 0 ? run->set_s * all : 0;
	add_up(what, time);
}

/* How many placement groups fit in memory: each holds info and cached, and one more while it works. */
static uint64_t groups_that_fit(const struct cost_case *what, size_t intervals)
{
	uint64_t trees = NODES_MAX / (intervals + 1), pgs = trees > BLOCK_EPOCHS ? (trees - BLOCK_EPOCHS) / 4 : 0;

	return pgs < 1 ? 1 : pgs < what->pgs ? pgs : what->pgs;
}

/* A placement group is loaded with the set as it was when the OSD stopped. */
static int load_pgs(struct run *run)
{
	struct map_tree map = MAP_TREE_EMPTY;
	struct tree_ops none = { 0 };
	int ret;

	run->pgs = calloc(run->pg_count, sizeof *run->pgs);
	ret = run->pgs ? map_tree_build(&map, &run->set, &none) : -ENOMEM;
	for (uint64_t i = 0; i < run->pg_count && !ret; i++) {
		ret = map_tree_copy(&run->pgs[i].info, &map, &none);
		if (!ret && run->algorithm != COST_14_2)
			ret = map_tree_copy(&run->pgs[i].cached, &map, &none);
	}
	map_tree_clear(&map);
	return ret;
}

/* Runs up to `epochs` of the case with nodes in one of the two orders. */
static int run_layout(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, uint64_t epochs,
                      bool scattered, struct cost *cost)
{
	struct run run = { .what = what, .algorithm = cost->algorithm, .snap_seq = snap_seq, .look_s = look_s() };
	int ret = interval_set_copy(&run.set, set);

	run.pg_count = groups_that_fit(what, set->count);
	if (scattered)
		map_tree_scatter((set->count + 1) * (3 * run.pg_count + block_epochs((set->count + 1) * run.pg_count) + 4));
	if (!ret)
		ret = load_pgs(&run);
	if (!ret)
		ret = walk(&run, epochs, what->budget_s);
	scale(&run, scattered, scattered ? &cost->scattered : &cost->in_order);
	cost->ran_epochs = run.ran_epochs;
	cost->ran_pgs = run.pg_count;
	cost->ran_updates = run.made + run.deleted;
	cost->ran_s += run.ran_s;
	cost->ops = run.ops;
	free_run(&run);
	map_tree_release();
	return ret;
}

static double middle(double a, double b)
{
	return sqrt(a * b);
}

int cost_run(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, enum cost_algorithm algorithm,
             struct cost *cost)
{
	const struct cost_time *a = &cost->in_order, *b = &cost->scattered;
	int ret;

	*cost = (struct cost){ .algorithm = algorithm, .deletions = what->deletions };
	ret = run_layout(set, snap_seq, what, what->epochs, true, cost);
	if (!ret) /* the same epochs again; in order is the faster one */
		ret = run_layout(set, snap_seq, what, cost->ran_epochs, false, cost);
	cost->middle = (struct cost_time){
		.map_s = middle(a->map_s, b->map_s),
		.again_s = middle(a->again_s, b->again_s),
		.copy_s = middle(a->copy_s, b->copy_s),
		.set_s = middle(a->set_s, b->set_s),
	};
	add_up(what, &cost->middle);
	return ret;
}

int cost_resize(const struct interval_set *set, size_t intervals, struct interval_set *to)
{
	uint64_t offset = 0, span = interval_set_range_end(set) + 1;
	int ret = 0;

	interval_set_clear(to);
	for (size_t i = 0; set->count && i < intervals && ret != -ENOMEM; i++) {
		const struct interval *it = &set->items[i % set->count];

		if (i && i % set->count == 0)
			offset += span;
		ret = interval_set_insert(to, it->start + offset, it->length);
	}
	return ret == -ENOMEM ? ret : 0;
}
