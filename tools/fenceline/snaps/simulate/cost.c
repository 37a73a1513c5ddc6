/* SPDX-License-Identifier: MIT */
#include "snaps/simulate/cost.h"
#include "ingest/xalloc.h"
#include "snaps/simulate/catch_up.h"
#include "snaps/simulate/random.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK_EPOCHS       40  /* how far a placement group goes at a stretch: about a message of maps */
#define CACHE_MAX          200 /* the most of rules_of */
#define AGAIN_EVERY        4 /* steps: in a real start of 14.2.21 one in two or three. More of them cost time and tell no more. */
#define NODES_AT_A_STRETCH ((uint64_t)1 << 20)
#define NODES_MAX          ((uint64_t)6 << 20) /* in all trees of a run together: about 400 MB */

const char *cost_algorithm_name(enum cost_algorithm algorithm)
{
#define COST_ALGORITHM_NAME(name, text) text,
	static const char *const names[] = { COST_ALGORITHMS(COST_ALGORITHM_NAME) };
#undef COST_ALGORITHM_NAME
	return names[algorithm];
}

struct pg_pool { /* PGPool's members: info.removed_snaps, cached_removed_snaps, newly_removed_snaps */
	struct map_tree info, cached, newly;
};

struct run {
	const struct cost_case *what;
	enum cost_algorithm algorithm;
	struct tree_ops ops;
	struct interval_set set; /* the pool's set as it changes from epoch to epoch */
	uint64_t snap_seq;
	uint64_t made, deleted; /* snapshots, so far */
	uint64_t ids;           /* of all decoded sets together */
	struct map_tree maps[BLOCK_EPOCHS];
	struct map_tree incremental;              /* the pool's set in an incremental map */
	struct map_tree cached[CACHE_MAX];        /* a ring of older maps, as OSDService::map_cache holds */
	struct interval_set stored[BLOCK_EPOCHS]; /* each map as bytes, in the object store */
	struct interval_set read;                 /* one of these, read */
	const struct interval_set *newest;        /* of these */
	bool updated[BLOCK_EPOCHS];
	struct pg_pool *pgs; /* owned */
	uint64_t pg_count;
	uint64_t ran_epochs;
	uint64_t cache, decoded; /* how many maps are in the cache; decoded so far */
	uint64_t steps, again;   /* of placement groups so far; those at which a map was decoded again */
	double look_s, ran_s;
	cpu_set_t cpus; /* that this process may use */
	uint64_t random;
	double map_s, again_s, copy_s, set_s;
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

/* 10.2.7, and 12.2.10 when the range end has moved: they differ in how the map's set becomes the one that is kept. */
static void update_by_intersection(enum cost_algorithm algorithm, struct pg_pool *pg, const struct map_tree *in_map,
                                   struct tree_ops *ops)
{
	struct map_tree common = MAP_TREE_EMPTY;
	bool grown;

	map_tree_copy(&pg->newly, in_map, ops);
	map_tree_intersection(&common, &pg->newly, &pg->cached, ops);
	grown = map_tree_equal(&common, &pg->cached, ops);
	if (grown && algorithm == COST_10_2_7) {
		map_tree_subtract(&pg->newly, &pg->cached, ops);
		map_tree_union(&pg->cached, &pg->newly, ops);
	} else if (grown) {
		map_tree_swap(&pg->cached, &pg->newly);
		map_tree_copy(&pg->newly, &pg->cached, ops);
		map_tree_subtract(&pg->newly, &common, ops);
	}
	map_tree_clear(&common);
}

/* 14.2.21 under luminous, when the range end has moved */
static void update_by_subset(struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
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

/* PGPool::update where the map has changed the pool's snapshots, without the copy `info = *pi` that comes before (src/osd/PG.cc)
 */
static void update_set(enum cost_algorithm algorithm, struct pg_pool *pg, const struct map_tree *in_map, struct tree_ops *ops)
{
	bool moved = map_tree_range_end(in_map) != map_tree_range_end(&pg->cached);

	if (algorithm == COST_10_2_7 || (algorithm == COST_12_2_10 && moved))
		update_by_intersection(algorithm, pg, in_map, ops);
	else if (algorithm == COST_14_2_LUMINOUS && moved)
		update_by_subset(pg, in_map, ops);
}

/*
 * OSDService::_get_map_bl, OSDMap::decode and SharedLRU::add: the map is read and decoded, then the one decoded longest ago drops
 * out of the cache and is freed. The order counts. The new map's nodes are none of those that become free, and what is freed has
 * not been touched while the whole cache was decoded and many sets copied: it lies in no near cache of a CPU.
 */
static void decode(struct run *run, struct map_tree *map, const struct interval_set *stored, struct tree_ops *ops)
{
	struct map_tree fresh = MAP_TREE_EMPTY;

	interval_set_copy(&run->read, stored);
	map_tree_build(&fresh, &run->read, ops);
	run->ids += map_tree_ids(&fresh);
	map_tree_swap(map, &fresh);
	map_tree_swap(&run->cached[run->decoded++ % run->cache], &fresh);
	map_tree_clear(&fresh);
}

/* A placement group comes to a map that has been dropped. Returns how long it took. Its operations do not count: how often it
 * happens is catch_up's to say. */
static double decode_again(struct run *run, unsigned int e)
{
	struct tree_ops none = { 0 };
	double begin = cpu_s(), took;

	decode(run, &run->maps[e], &run->stored[e], &none);
	took = cpu_s() - begin;
	run->again_s += took - run->look_s;
	run->again++;
	return took;
}

/* The clock is looked at only around decoding and set work, for small sets cost less than a look at it. */
static void walk_pg(struct run *run, struct pg_pool *pg, unsigned int epochs)
{
	double begin = cpu_s(), set_s = 0, again_s = 0;
	unsigned int looks = 1;

	for (unsigned int e = 0; e < epochs; e++) {
		double before;

		if (run->steps++ % AGAIN_EVERY == 0) {
			again_s += decode_again(run, e);
			looks++;
		}
		map_tree_copy(&pg->info, &run->maps[e], &run->ops);
		if (!run->updated[e] || run->algorithm == COST_14_2) {
			map_tree_clear(&pg->newly);
			continue;
		}
		before = cpu_s();
		update_set(run->algorithm, pg, &run->maps[e], &run->ops);
		set_s += cpu_s() - before - run->look_s;
		looks += 2;
	}
	run->set_s += set_s;
	run->copy_s += cpu_s() - begin - set_s - again_s - looks * run->look_s;
}

/* The oldest snapshot goes, and the next sequence number with it: what a rotation does. */
static void delete_one(struct run *run)
{
	uint64_t oldest = run->set.count && run->set.items[0].start <= 1 ? interval_end(&run->set.items[0]) : 1;

	if (run->what->keep_shape || oldest > run->snap_seq) /* none alive: one is made and deleted in the same epoch */
		oldest = ++run->snap_seq;
	interval_set_insert(&run->set, oldest, 1);
	interval_set_insert(&run->set, ++run->snap_seq, 1);
	run->deleted++;
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

/*
 * An OSD's threads run on all CPUs: what one of them decodes another copies and a third frees, and the CPU that does it finds it
 * in another's cache. This thread goes from one to the next between pieces of work.
 */
static void to_any_cpu(struct run *run)
{
	int count = CPU_COUNT(&run->cpus), pick;
	cpu_set_t one;

	if (count < 2 || run->what->cpus < 2 || run->what->threads < 2)
		return;
	pick = (int)((random_next(&run->random) >> 33) % (uint64_t)count);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &run->cpus) && pick-- == 0) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof one, &one);
			return;
		}
}

/* What becomes of one map in OSD::handle_osd_map: the one before is decoded, the incremental applied if it tells of the pool, the
 * map encoded and stored. */
static void make_map(struct run *run, unsigned int e)
{
	struct map_tree *map = &run->maps[e];

	decode(run, map, run->newest, &run->ops);
	if (run->updated[e]) {
		map_tree_build(&run->incremental, &run->set, &run->ops);
		map_tree_copy(map, &run->incremental, &run->ops);
	}
	interval_set_copy(&run->stored[e], &run->set); /* the write; the map holds this very set, so it has room for the bytes */
	map_tree_encode(map, run->stored[e].items);
	run->newest = &run->stored[e];
}

/* Makes the maps of the next epochs. */
static void make_maps(struct run *run, uint64_t first_epoch, unsigned int epochs)
{
	const struct cost_case *what = run->what;

	for (unsigned int e = 0; e < epochs; e++) {
		double begin;

		run->updated[e] = is_due(first_epoch + e, what->updates, what->epochs);
		if (run->updated[e] && is_due(run->made + run->deleted, what->deletions, what->updates)) {
			delete_one(run);
		} else if (run->updated[e]) {
			run->snap_seq++;
			run->made++;
		}
		to_any_cpu(run);
		begin = cpu_s();
		make_map(run, e);
		run->map_s += cpu_s() - begin - run->look_s;
	}
}

/* Up to so many epochs, as far as the budget goes. */
static void walk(struct run *run, uint64_t epochs, double budget_s)
{
	unsigned int block = block_epochs((run->set.count + 1) * run->pg_count);
	double begin = clock_s(CLOCK_MONOTONIC);

	while (run->ran_epochs < epochs) {
		uint64_t left = epochs - run->ran_epochs;
		unsigned int stretch = left < block ? (unsigned int)left : block;

		make_maps(run, run->ran_epochs, stretch);
		for (uint64_t i = 0; i < run->pg_count; i++) {
			to_any_cpu(run);
			walk_pg(run, &run->pgs[i], stretch);
		}
		run->ran_epochs += stretch;
		run->ran_s = clock_s(CLOCK_MONOTONIC) - begin;
		if (run->ran_s > budget_s)
			break;
	}
}

static void free_run(struct run *run)
{
	for (unsigned int e = 0; e < BLOCK_EPOCHS; e++) {
		map_tree_clear(&run->maps[e]);
		interval_set_free(&run->stored[e]);
	}
	map_tree_clear(&run->incremental);
	for (uint64_t i = 0; i < run->cache; i++)
		map_tree_clear(&run->cached[i]);
	interval_set_free(&run->read);
	for (uint64_t i = 0; i < run->pg_count; i++) {
		map_tree_clear(&run->pgs[i].info);
		map_tree_clear(&run->pgs[i].cached);
		map_tree_clear(&run->pgs[i].newly);
	}
	free(run->pgs);
	interval_set_free(&run->set);
}

static const struct catch_up_rules rules_of[COST_ALGORITHM_COUNT] = {
	[COST_10_2_7] = { .cache = 200, .message = 100, .max_advance = 150 },
	[COST_12_2_10] = { .cache = 50, .message = 40, .max_advance = 40 },
	[COST_14_2_LUMINOUS] = { .cache = 50, .message = 40, .max_lag = 100 },
	[COST_14_2] = { .cache = 50, .message = 40, .max_lag = 100 },
};

/* Of what is decoded again, the time of one map: how many there are is known only when the whole is scheduled. */
static void scale(const struct run *run, struct cost_time *time)
{
	double epochs = (double)run->what->epochs / (double)run->ran_epochs;
	double all = epochs * ((double)run->what->pgs / (double)run->pg_count);

	time->map_s = run->map_s * epochs;
	time->again_s = run->again ? run->again_s / (double)run->again : 0;
	/* Looks at the clock are taken off; of a few intervals on a busy machine that can be more than there was. */
	time->copy_s = run->copy_s > 0 ? run->copy_s * all : 0;
	time->set_s = run->set_s > 0 ? run->set_s * all : 0;
}

/* How many maps of a cache are kept: all, or as many as no CPU's cache can hold. */
static uint64_t maps_that_fit(enum cost_algorithm algorithm, size_t intervals)
{
	uint64_t maps = NODES_AT_A_STRETCH / (intervals + 1), cache = rules_of[algorithm].cache;

	return maps < 1 ? 1 : maps < cache ? maps : cache;
}

/* How many placement groups fit in memory. Each holds `info` and `cached`, and a third set while it works. */
static uint64_t groups_that_fit(const struct cost_case *what, size_t intervals, uint64_t maps)
{
	uint64_t trees = NODES_MAX / (intervals + 1), pgs = trees > maps ? (trees - maps) / 4 : 0;

	return pgs < 1 ? 1 : pgs < what->pgs ? pgs : what->pgs;
}

/* A placement group is loaded with the set as it was when the OSD stopped, and so are the maps, the newest of which is stored. */
static void load(struct run *run)
{
	struct map_tree map = MAP_TREE_EMPTY;
	struct tree_ops none = { 0 };

	run->pgs = xcalloc(run->pg_count, sizeof *run->pgs);
	map_tree_build(&map, &run->set, &none);
	for (uint64_t i = 0; i < run->pg_count; i++) {
		map_tree_copy(&run->pgs[i].info, &map, &none);
		if (run->algorithm != COST_14_2)
			map_tree_copy(&run->pgs[i].cached, &map, &none);
	}
	for (uint64_t i = 0; i < run->cache; i++)
		map_tree_copy(&run->cached[i], &map, &none);
	map_tree_clear(&map);
	interval_set_copy(&run->stored[BLOCK_EPOCHS - 1], &run->set);
	run->newest = &run->stored[BLOCK_EPOCHS - 1];
}

/* Runs up to `epochs` of the case with nodes in one of the two orders. */
static void run_layout(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, uint64_t epochs,
                       bool scattered, struct cost *cost)
{
	struct run run = { .what = what, .algorithm = cost->algorithm, .snap_seq = snap_seq, .look_s = look_s() };

	interval_set_copy(&run.set, set);
	if (sched_getaffinity(0, sizeof run.cpus, &run.cpus))
		CPU_ZERO(&run.cpus);
	run.cache = maps_that_fit(run.algorithm, set->count);
	run.pg_count = groups_that_fit(what, set->count, run.cache + BLOCK_EPOCHS);
	if (scattered)
		map_tree_scatter((set->count + 1) *
		                 (3 * run.pg_count + run.cache + block_epochs((set->count + 1) * run.pg_count) + 4));
	load(&run);
	walk(&run, epochs, what->budget_s);
	scale(&run, scattered ? &cost->scattered : &cost->in_order);
	cost->ran_epochs = run.ran_epochs;
	cost->ran_pgs = run.pg_count;
	cost->ran_updates = run.made + run.deleted;
	cost->ran_s += run.ran_s;
	cost->ops = run.ops;
	free_run(&run);
	if (CPU_COUNT(&run.cpus))
		sched_setaffinity(0, sizeof run.cpus, &run.cpus);
	map_tree_release();
}

/*
 * How often maps are decoded again, and how the threads share all of it, is simulated with the middle of what was measured. The
 * two ends are of the same course: what is decoded as often takes more or less time.
 */
static void schedule(const struct cost_case *what, struct cost *cost)
{
	double steps = (double)what->epochs * (double)what->pgs;
	struct cost_time *ends[] = { &cost->in_order, &cost->middle, &cost->scattered };
	const struct catch_up_case walk = {
		.rules = &rules_of[cost->algorithm],
		.epochs = what->epochs,
		.pgs = what->pgs,
		.threads = what->threads,
		.cpus = what->cpus,
		.times = { .map_s = cost->middle.map_s / (double)what->epochs,
		           .again_s = cost->middle.again_s,
		           .walk_s = (cost->middle.copy_s + cost->middle.set_s) / steps },
	};
	const struct catch_up course = catch_up_run(&walk);

	cost->decoded_again = course.decoded;
	for (int i = 0; i < 3; i++) {
		struct cost_time *time = ends[i];

		time->again_s *= course.decoded;
		time->cpu_s = time->map_s + time->again_s + time->copy_s + time->set_s;
	}
	for (int i = 0; i < 3; i++)
		ends[i]->start_s = cost->middle.cpu_s > 0 ? course.wall_s * ends[i]->cpu_s / cost->middle.cpu_s : 0;
}

void cost_run(const struct interval_set *set, uint64_t snap_seq, const struct cost_case *what, enum cost_algorithm algorithm,
              struct cost *cost)
{
	const struct cost_time *a = &cost->in_order, *b = &cost->scattered;

	*cost = (struct cost){ .algorithm = algorithm, .deletions = what->deletions };
	run_layout(set, snap_seq, what, what->epochs, true, cost);
	run_layout(set, snap_seq, what, cost->ran_epochs, false, cost); /* the same epochs again */
	cost->middle = (struct cost_time){
		.map_s = sqrt(a->map_s * b->map_s),
		.again_s = sqrt(a->again_s * b->again_s),
		.copy_s = sqrt(a->copy_s * b->copy_s),
		.set_s = sqrt(a->set_s * b->set_s),
	};
	schedule(what, cost);
}

void cost_resize(const struct interval_set *set, size_t intervals, struct interval_set *to)
{
	uint64_t offset = 0, span = interval_set_range_end(set) + 1;

	interval_set_clear(to);
	for (size_t i = 0; set->count && i < intervals; i++) {
		const struct interval *it = &set->items[i % set->count];

		if (i && i % set->count == 0)
			offset += span;
		interval_set_insert(to, it->start + offset, it->length);
	}
}
