/* SPDX-License-Identifier: MIT */
/*
 * How the placement groups of a starting OSD walk through the maps that it missed: which of them have to be decoded again, and
 * how long it takes, as threads wait for each other and for a CPU. An event simulation of what src/osd/OSD.cc does; what each
 * step costs comes from cost.c, which measures it.
 *
 *  - Maps come in messages of osd_map_message_max. OSD::handle_osd_map decodes the map before, applies and encodes each and adds
 * it to the cache; OSD::_committed_osd_maps gets each from there once more, and OSD::consume_map queues every placement group.
 *  - The cache (OSDService::map_cache, a SharedLRU) holds osd_map_cache_size maps, and those that somebody refers to, as each
 *    placement group does to its newest (PG::osdmap_ref).
 *  - Threads take placement groups in the order of the queue. OSD::advance_pg walks one of them to the newest map of the OSD:
 *    10.2 and 12.2 at most osd_map_max_advance further than the slowest (OSDService::get_min_pg_epoch), then it is queued again.
 *    14.2 has no such limit, and each shard a queue of its own.
 *  - In 14.2 OSD::handle_osd_map waits for a placement group that lags behind by more than osd_map_cache_size *
 *    osd_pg_epoch_max_lag_factor maps. So a walk goes over up to that many and a message's: more than the cache holds. The groups
 * are not in step, so each of them finds most of its maps dropped.
 *  - OSDService::try_get_map holds map_cache_lock while it reads and decodes a map and frees the one that drops out: one thread
 * at a time does. A mutex is not handed over: who is woken may find it taken again.
 *  - Threads share the CPUs in turns.
 *
 * What uprobes counted in a real start over 523 epochs by 72 placement groups with 5 threads on 2 CPUs, and what walks it saw
 * (over 40, 80 and 120 maps), is in README.md beside what this says of the same.
 */
#ifndef FENCELINE_SNAPS_SIMULATE_CATCH_UP_H
#define FENCELINE_SNAPS_SIMULATE_CATCH_UP_H

#include <stdint.h>

struct catch_up_rules {           /* of a release; defaults in src/common/config_opts.h and options.cc */
	unsigned int cache;       /* osd_map_cache_size */
	unsigned int message;     /* osd_map_message_max */
	unsigned int max_advance; /* osd_map_max_advance; 0: none, and each thread has a queue of its own */
	unsigned int max_lag;     /* osd_map_cache_size * osd_pg_epoch_max_lag_factor; 0: maps come in without waiting */
};

/* Seconds of CPU time: what the set takes. What the same takes without a set is in catch_up.c. */
struct catch_up_times {
	double map_s;   /* to take one map in */
	double again_s; /* to read and decode one map again, and to free the one that it pushes out of the cache */
	double walk_s;  /* of one placement group at one epoch */
};

struct catch_up_case {
	const struct catch_up_rules *rules;
	uint64_t epochs, pgs;
	unsigned int threads, cpus; /* 0 counts as 1 */
	struct catch_up_times times;
};

struct catch_up {
	double decoded; /* how many maps are decoded again */
	double wall_s;  /* what the set adds until the last placement group is at the newest map */
};

/* The mean of several runs, in each of which the steps take somewhat longer or shorter. */
struct catch_up catch_up_run(const struct catch_up_case *what);

#endif
