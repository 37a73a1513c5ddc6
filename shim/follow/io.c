/* SPDX-License-Identifier: MIT */
#include "io.h"

#include "base/hook.h"
#include "base/process.h"
#include "base/thread.h"
#include "base/ticker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Somebody records: the summaries need the ticker's thread, which a read-only image's watch never started. */
static void ask_for_ticker(void)
{
	static _Atomic(uint32_t) asked_by; /* a pid: a forked child has no such thread any more */
	uint32_t pid = process_id();

	if (__builtin_expect(atomic_load_explicit(&asked_by, memory_order_relaxed) == pid, 1))
		return;
	atomic_store_explicit(&asked_by, pid, memory_order_relaxed);
	ticker_start();
}

static __attribute__((noinline)) void begin_timed(struct io *io)
{
	ask_for_ticker();
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

void io_totals(const struct image *image, struct io_totals *totals)
{
	memset(totals, 0, sizeof *totals);
	if (image->stats)
		io_stats_read(image->stats, totals);
}

uint32_t io_inflight(const struct image *image)
{
	struct io_totals totals;

	io_totals(image, &totals);
	return (uint32_t)(totals.begun - totals.ios);
}

/* ---- the summary ---- */

#define SINCE(member) (since.now.member - since.before.member)

void io_summary_emit(struct image *image)
{
	struct fl_io_summary summary;
	struct io_since since;

	io_stats_since(image->stats, &since);
	summary = (struct fl_io_summary){
		.pid = process_id(),
		.global_id = client_id(image_client(image)),
		.image = image_serial(image),
		.span_ns = since.span_ns,
		.reads = (uint32_t)SINCE(ops[FL_IO_READ]),
		.writes = (uint32_t)(SINCE(ops[FL_IO_WRITE]) + SINCE(ops[FL_IO_WRITESAME]) + SINCE(ops[FL_IO_COMPARE_AND_WRITE])),
		.discards = (uint32_t)(SINCE(ops[FL_IO_DISCARD]) + SINCE(ops[FL_IO_WRITE_ZEROES])),
		.flushes = (uint32_t)SINCE(ops[FL_IO_FLUSH]),
		.errors = (uint32_t)SINCE(errors),
		.read_bytes = SINCE(read_bytes),
		.write_bytes = SINCE(write_bytes),
		.max_latency_ns = since.max_latency_ns,
		.inflight = (uint32_t)(since.now.begun - since.now.ios),
	};
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		summary.latency[i] = (uint32_t)SINCE(latency[i]);
	if ((SINCE(ios) || summary.inflight) && emit_wanted(FL_EV_io_summary))
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
