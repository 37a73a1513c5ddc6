/* SPDX-License-Identifier: MIT */
#include "io.h"

#include "hook.h"
#include "process.h"
#include "sampler.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct image_stats {
	struct io_shard shards[IO_SHARDS]; /* first: io_begin_inline */
	/* What the last io_summary told; under summary_lock. */
	struct io_totals told;
	uint64_t told_ns;
};

static pthread_mutex_t summary_lock = PTHREAD_MUTEX_INITIALIZER; /* never taken on the I/O path */

/* Somebody records: the summaries need the sampler thread, which a read-only image's watch never started. */
static void ask_for_sampler(void)
{
	static _Atomic(uint32_t) asked_by; /* a pid: a forked child has no sampler thread any more */
	uint32_t pid = process_id();

	if (__builtin_expect(atomic_load_explicit(&asked_by, memory_order_relaxed) == pid, 1))
		return;
	atomic_store_explicit(&asked_by, pid, memory_order_relaxed);
	sampler_start();
}

static __attribute__((noinline)) void begin_timed(struct io *io)
{
	ask_for_sampler();
	io->begun_ns = now_monotonic_ns();
}

void io_begin(struct io *io, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length)
{
	struct image *image = image_find(handle);

	io->image = image_number(image);
	io->op = (uint8_t)op;
	io->offset = offset;
	io->length = length;
	io->timed = io_timing_wanted();
	io->serial = image_serial(image);
	if (__builtin_expect(image != NULL, 1)) {
		unsigned slot = thread_slot();
		if (__builtin_expect(slot < IO_SHARD_SHARED, 1))
			io_add(&image->stats->shards[slot].begun, 1, false);
		else
			io_add(&image->stats->shards[IO_SHARD_SHARED].begun, 1, true);
	} else {
		hook_pass(HOOK_rbd_open, "image not known: its I/O is not counted");
	}
	if (__builtin_expect(io->timed, 0))
		begin_timed(io);
}

static unsigned latency_bucket(uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned bucket = us < 2 ? 0 : 63 - (unsigned)__builtin_clzll(us);

	return bucket < FL_LATENCY_BUCKETS ? bucket : FL_LATENCY_BUCKETS - 1;
}

static void raise_maximum(_Atomic(uint64_t) *maximum, uint64_t value)
{
	uint64_t old = atomic_load_explicit(maximum, memory_order_relaxed);

	/* a compare-and-swap, since the summary takes the maximum away and puts back 0 */
	while (value > old &&
	       !atomic_compare_exchange_weak_explicit(maximum, &old, value, memory_order_relaxed, memory_order_relaxed))
		;
}

static inline void count_result(struct io_shard *shard, const struct io *io, int64_t result, bool shared)
{
	io_add(&shard->ops[io->op], 1, shared);
	if (__builtin_expect(result >= 0, 1)) {
		io_add(&shard->bytes[io->op], io_bytes(io, result), shared);
	} else {
		io_add(&shard->errors, 1, shared);
		if (result == -ESHUTDOWN)
			io_add(&shard->eshutdowns, 1, shared);
	}
}

static inline void count(const struct io *io, int64_t result)
{
	struct image *image = io_counted_for(io);
	unsigned slot = thread_slot();
	bool shared = slot >= IO_SHARD_SHARED;

	if (image)
		count_result(&image->stats->shards[shared ? IO_SHARD_SHARED : slot], io, result, shared);
}

static inline void count_timed(const struct io *io, int64_t result, uint64_t latency_ns)
{
	struct image *image = io_counted_for(io);
	unsigned slot = thread_slot();
	bool shared = slot >= IO_SHARD_SHARED;

	if (!image)
		return;
	struct io_shard *shard = &image->stats->shards[shared ? IO_SHARD_SHARED : slot];
	count_result(shard, io, result, shared);
	io_add(&shard->latency[latency_bucket(latency_ns)], 1, shared);
	raise_maximum(&shard->max_latency_ns, latency_ns);
}

/* FENCELINE_SLOW_MS, in ns; read once. */
static uint64_t slow_threshold_ns(void)
{
	static _Atomic(uint64_t) cached;
	uint64_t threshold = atomic_load_explicit(&cached, memory_order_relaxed);

	if (__builtin_expect(!threshold, 0)) {
		int saved = errno;
		const char *text = secure_getenv("FENCELINE_SLOW_MS");
		char *end = NULL;
		uint64_t ms = text ? strtoull(text, &end, 10) : 0;

		threshold = (end && end != text && !*end && ms && ms < UINT64_MAX / 1000000 ? ms : 1000) * 1000000;
		atomic_store_explicit(&cached, threshold, memory_order_relaxed);
		errno = saved;
	}
	return threshold;
}

#define EMIT_IO(event) \
	EMIT(event, .pid = process_id(), .global_id = client_id(client), .image = io->serial, .op = io->op, \
	     .offset = io->offset, .length = io->length, .result = result, .latency_ns = latency_ns)

static __attribute__((noinline)) void emit_trouble(const struct io *io, int64_t result, uint64_t latency_ns)
{
	const struct client *client = image_client(image_of_number(io->image));

	if (latency_ns >= slow_threshold_ns())
		EMIT_IO(io_slow);
	if (result < 0)
		EMIT_IO(io_error);
	if (result == -ESHUTDOWN)
		EMIT_IO(io_eshutdown);
}

static __attribute__((noinline)) void emit(const struct io *io, int64_t result, uint64_t latency_ns)
{
	const struct client *client = image_client(image_of_number(io->image));

	EMIT_IO(io);
	if (__builtin_expect(result < 0 || latency_ns >= slow_threshold_ns(), 0))
		emit_trouble(io, result, latency_ns);
}

static __attribute__((noinline)) void end_timed(const struct io *io, int64_t result)
{
	uint64_t latency_ns = now_monotonic_ns() - io->begun_ns;

	count_timed(io, result, latency_ns);
	emit(io, result, latency_ns);
}

/* One that began before the recording did has no time, and so cannot be called slow. */
static inline bool wanted_untimed(int64_t result)
{
	return emit_wanted(FL_EV_io) ||
	       (__builtin_expect(result < 0, 0) && (emit_wanted(FL_EV_io_error) || emit_wanted(FL_EV_io_eshutdown)));
}

void io_end(const struct io *io, int64_t result)
{
	if (__builtin_expect(io->timed, 0)) {
		end_timed(io, result);
		return;
	}
	count(io, result);
	if (wanted_untimed(result))
		emit(io, result, 0);
}

void io_forget(const struct io *io)
{
	struct image *image = io_counted_for(io);
	unsigned slot = thread_slot();
	bool shared = slot >= IO_SHARD_SHARED;

	/* as if it had never begun: what counts is the sum over all shards */
	if (image)
		io_add(&image->stats->shards[shared ? IO_SHARD_SHARED : slot].begun, UINT64_MAX, shared);
}

/* ---- reading the counters ---- */

static uint64_t get(const _Atomic(uint64_t) *counter)
{
	return atomic_load_explicit((_Atomic(uint64_t) *)counter, memory_order_relaxed);
}

static void add_shard(struct io_totals *totals, const struct io_shard *shard)
{
	for (int i = 0; i < FL_IO_OPS; i++) {
		uint64_t ops = get(&shard->ops[i]);
		totals->ops[i] += ops;
		totals->ios += ops;
	}
	totals->errors += get(&shard->errors);
	totals->eshutdowns += get(&shard->eshutdowns);
	totals->read_bytes += get(&shard->bytes[FL_IO_READ]);
	totals->write_bytes += get(&shard->bytes[FL_IO_WRITE]) + get(&shard->bytes[FL_IO_WRITESAME]) +
	                       get(&shard->bytes[FL_IO_COMPARE_AND_WRITE]);
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		totals->latency[i] += get(&shard->latency[i]);
	if (get(&shard->max_latency_ns) > totals->max_latency_ns)
		totals->max_latency_ns = get(&shard->max_latency_ns);
}

void io_totals(const struct image *image, struct io_totals *totals)
{
	memset(totals, 0, sizeof *totals);
	if (!image->stats)
		return;
	for (int i = 0; i < IO_SHARDS; i++)
		add_shard(totals, &image->stats->shards[i]);
	/* After the completions: an I/O that begins and ends meanwhile may look in flight, never completed twice. */
	for (int i = 0; i < IO_SHARDS; i++)
		totals->begun += get(&image->stats->shards[i].begun);
	if (totals->begun < totals->ios)
		totals->begun = totals->ios;
}

uint32_t io_inflight(const struct image *image)
{
	struct io_totals totals;

	io_totals(image, &totals);
	return (uint32_t)(totals.begun - totals.ios);
}

/* One by one, since the sampler may be reading. */
static void clear(struct io_shard *shard)
{
	_Atomic(uint64_t) *counters = (_Atomic(uint64_t) *)shard;

	for (size_t i = 0; i < sizeof *shard / sizeof *counters; i++)
		atomic_store_explicit(&counters[i], 0, memory_order_relaxed);
}

bool io_stats_reset(struct image *image)
{
	if (!image->stats)
		image->stats = aligned_alloc(64, sizeof *image->stats);
	if (!image->stats)
		return false;
	pthread_mutex_lock(&summary_lock);
	for (int i = 0; i < IO_SHARDS; i++)
		clear(&image->stats->shards[i]);
	memset(&image->stats->told, 0, sizeof image->stats->told);
	image->stats->told_ns = now_monotonic_ns();
	pthread_mutex_unlock(&summary_lock);
	return true;
}

void io_after_fork_child(void)
{
	pthread_mutex_init(&summary_lock, NULL);
}

/* ---- the summary ---- */

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

void io_summary_emit(struct image *image)
{
	struct image_stats *stats = image->stats;
	struct io_totals now, *told = &stats->told;
	struct fl_io_summary summary;

	pthread_mutex_lock(&summary_lock);
	uint64_t now_ns = now_monotonic_ns();
	io_totals(image, &now);
#define SINCE(member) (now.member - told->member)
	summary = (struct fl_io_summary){
		.pid = process_id(),
		.global_id = client_id(image_client(image)),
		.image = image_serial(image),
		.span_ns = now_ns - stats->told_ns,
		.reads = (uint32_t)SINCE(ops[FL_IO_READ]),
		.writes = (uint32_t)(SINCE(ops[FL_IO_WRITE]) + SINCE(ops[FL_IO_WRITESAME]) + SINCE(ops[FL_IO_COMPARE_AND_WRITE])),
		.discards = (uint32_t)(SINCE(ops[FL_IO_DISCARD]) + SINCE(ops[FL_IO_WRITE_ZEROES])),
		.flushes = (uint32_t)SINCE(ops[FL_IO_FLUSH]),
		.errors = (uint32_t)SINCE(errors),
		.read_bytes = SINCE(read_bytes),
		.write_bytes = SINCE(write_bytes),
		.max_latency_ns = take_maximum(stats),
		.inflight = (uint32_t)(now.begun - now.ios),
	};
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		summary.latency[i] = (uint32_t)SINCE(latency[i]);
	bool had_io = SINCE(ios) || summary.inflight;
#undef SINCE
	*told = now;
	stats->told_ns = now_ns;
	pthread_mutex_unlock(&summary_lock);
	if (had_io && emit_wanted(FL_EV_io_summary))
		emit_record(FL_EV_io_summary, &summary);
}

static void summarize(struct image *image, void *arg)
{
	(void)arg;
	io_summary_emit(image);
}

void io_summary_tick(void)
{
	image_each(summarize, NULL);
}
