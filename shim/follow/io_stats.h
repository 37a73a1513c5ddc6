/* SPDX-License-Identifier: MIT */
/*
 * The counters of an image's I/O, per thread ("shard"), each written by one thread only, so that counting costs no locked
 * instruction; a reader sums the shards.
 */
#ifndef FENCELINE_SHIM_IO_STATS_H
#define FENCELINE_SHIM_IO_STATS_H

#include "fenceline/events.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Counters, each written by one thread; those of threads with a higher number share the last shard, with locked instructions. */
#define IO_SHARDS       64
#define IO_SHARD_SHARED (IO_SHARDS - 1)

struct io_shard {
	_Atomic(uint64_t) begun, errors, eshutdowns;
	_Atomic(uint64_t) ops[FL_IO_OPS], bytes[FL_IO_OPS];
	_Atomic(uint64_t) max_latency_ns;
	_Atomic(uint64_t) latency[FL_LATENCY_BUCKETS];
} __attribute__((aligned(64)));

/* To a counter of one thread's, or of the shared shard. */
static inline void io_add(_Atomic(uint64_t) *counter, uint64_t amount, bool shared)
{
	if (shared)
		atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
	else
		atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount,
		                      memory_order_relaxed);
}

struct io_totals {
	uint64_t begun, ios, errors, eshutdowns;
	uint64_t ops[FL_IO_OPS];
	uint64_t read_bytes, write_bytes;
	uint64_t latency[FL_LATENCY_BUCKETS];
	uint64_t max_latency_ns; /* since the last io_summary */
};

struct image_stats {
	struct io_shard shards[IO_SHARDS];
	/* What the last summary told; under a lock. */
	struct io_totals told;
	uint64_t told_ns;
};

/* From zero again; allocated with the first use, and never freed. False: no memory. */
bool io_stats_reset(struct image_stats **stats);

/* Adds what has been counted so far to totals that are zero. */
void io_stats_read(const struct image_stats *stats, struct io_totals *totals);

/* What has been counted since the last time that this was asked. */
struct io_since {
	struct io_totals now, before;
	uint64_t span_ns, max_latency_ns;
};
void io_stats_since(struct image_stats *stats, struct io_since *since);

void io_stats_after_fork_child(void);

#endif
