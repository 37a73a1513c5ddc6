/* SPDX-License-Identifier: MIT */
#include "io_stats.h"

#include "base/emit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t summary_lock = PTHREAD_MUTEX_INITIALIZER; /* never taken on the I/O path */

static uint64_t io_stats_get(const _Atomic(uint64_t) *counter)
{
	return atomic_load_explicit((_Atomic(uint64_t) *)counter, memory_order_relaxed);
}

static void add_shard(struct io_totals *totals, const struct io_shard *shard)
{
	for (int i = 0; i < FL_IO_OPS; i++) {
		uint64_t ops = io_stats_get(&shard->ops[i]);
		totals->ops[i] += ops;
		totals->ios += ops;
	}
	totals->errors += io_stats_get(&shard->errors);
	totals->eshutdowns += io_stats_get(&shard->eshutdowns);
	totals->read_bytes += io_stats_get(&shard->bytes[FL_IO_READ]);
	totals->write_bytes += io_stats_get(&shard->bytes[FL_IO_WRITE]) + io_stats_get(&shard->bytes[FL_IO_WRITESAME]) +
	                       io_stats_get(&shard->bytes[FL_IO_COMPARE_AND_WRITE]);
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		totals->latency[i] += io_stats_get(&shard->latency[i]);
	if (io_stats_get(&shard->max_latency_ns) > totals->max_latency_ns)
		totals->max_latency_ns = io_stats_get(&shard->max_latency_ns);
}

void io_stats_read(const struct image_stats *stats, struct io_totals *totals)
{
	for (int i = 0; i < IO_SHARDS; i++)
		add_shard(totals, &stats->shards[i]);
	/* After the completions: an I/O that begins and ends meanwhile may look in flight, never completed twice. */
	for (int i = 0; i < IO_SHARDS; i++)
		totals->begun += io_stats_get(&stats->shards[i].begun);
	if (totals->begun < totals->ios)
		totals->begun = totals->ios;
}

/* One by one, since the sampler may be reading. */
static void clear(struct io_shard *shard)
{
	_Atomic(uint64_t) *counters = (_Atomic(uint64_t) *)shard;

	for (size_t i = 0; i < sizeof *shard / sizeof *counters; i++)
		atomic_store_explicit(&counters[i], 0, memory_order_relaxed);
}

bool io_stats_reset(struct image_stats **stats)
{
	if (!*stats)
		*stats = aligned_alloc(64, sizeof **stats);
	if (!*stats)
		return false;
	pthread_mutex_lock(&summary_lock);
	for (int i = 0; i < IO_SHARDS; i++)
		clear(&(*stats)->shards[i]);
	memset(&(*stats)->told, 0, sizeof(*stats)->told);
	(*stats)->told_ns = now_monotonic_ns();
	pthread_mutex_unlock(&summary_lock);
	return true;
}

static uint64_t take_maximum(struct image_stats *stats)
{
	uint64_t maximum = 0;

	for (int i = 0; i < IO_SHARDS; i++) {
		uint64_t value = atomic_exchange_explicit(&stats->shards[i].max_latency_ns, 0, memory_order_relaxed);
		if (value > maximum)
			maximum = value;
	}
	return maximum;
}

void io_stats_since(struct image_stats *stats, struct io_since *since)
{
	uint64_t now_ns;

	memset(&since->now, 0, sizeof since->now);
	pthread_mutex_lock(&summary_lock);
	now_ns = now_monotonic_ns();
	io_stats_read(stats, &since->now);
	since->before = stats->told;
	since->span_ns = now_ns - stats->told_ns;
	since->max_latency_ns = take_maximum(stats);
	stats->told = since->now;
	stats->told_ns = now_ns;
	pthread_mutex_unlock(&summary_lock);
}

void io_stats_after_fork_child(void)
{
	pthread_mutex_init(&summary_lock, NULL);
}
