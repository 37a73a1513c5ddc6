/* SPDX-License-Identifier: MIT */
/*
 * A pool's placement groups, as far as inputs told what they trim: the newest word on each, and the sums. A group is named once,
 * however often a log or several dumps tell of it. Not thread-safe.
 *
 * Facts: `snaptrimq_len` counts the removed snapshots that the group has yet to trim (pg_stat_t); from
 * mon_osd_snap_trim_queue_warn_on, 32768, on Ceph warns with PG_SLOW_SNAP_TRIMMING. The states are snaptrim, snaptrim_wait and
 * snaptrim_error (osd_types.cc).
 */
#ifndef FENCELINE_SNAPS_PGS_H
#define FENCELINE_SNAPS_PGS_H

#include "snaps/intervals/interval_set.h"

#define PG_QUEUE_WARN 32768

struct pg_sighting {
	int64_t pool;
	uint64_t seed;
	const char *state; /* "active+clean+snaptrim"; NULL or "": not said */
	bool has_queue;
	uint64_t queued;
	const struct interval_set *purged; /* purged_snaps of the group; NULL: not said */
};

struct pg_table {
	void *groups; /* of struct pg, by tsearch */
	size_t group_count;
	uint64_t trimming, waiting, errors; /* by state */
	uint64_t busy;                      /* in one of the first two states, or with a queue */
	uint64_t with_queue, queued;        /* whose queue is known, the sum of the queues */
	uint64_t over;                      /* whose queue Ceph warns of */
};

/* "1.3f" (a shard, "2.1s0", is left out) at the start of text[0, length) into pool and seed. Returns the bytes, 0: it is none. */
size_t pg_name_parse(const char *text, size_t length, struct pg_sighting *pg);
/* Beyond a bound that no pool reaches further groups are not counted. */
void pg_table_take(struct pg_table *table, const struct pg_sighting *pg);
/* The group, if it is in the table, has no queue any more. */
void pg_table_drained(struct pg_table *table, uint64_t seed);
void pg_table_free(struct pg_table *table);

#endif
