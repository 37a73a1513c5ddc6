/* SPDX-License-Identifier: MIT */
/*
 * What happens to every I/O of an image, however it came in: it is counted, and turned into events if any are wanted.
 * (io_stats.h). With no event wanted no clock is read.
 */
#ifndef FENCELINE_SHIM_IO_H
#define FENCELINE_SHIM_IO_H

#include "base/emit.h"
#include "image.h"
#include "io_stats.h"
#include "base/thread.h"

#include <stdbool.h>
#include <stdint.h>

/* In place of a result that cannot be asked. Whoever passes it on counts it. */
#define RESULT_UNKNOWN INT64_MIN

/* One I/O between its submission and its completion. */
struct io {
	uint32_t serial; /* the image's when the I/O began: a slot may have been given to another one since */
	uint16_t image;  /* image_of_number; 0: not known to us, then it is not counted, and its events say image 0 */
	uint8_t op;      /* enum fl_io_op */
	bool timed;      /* some event wanted its time when it began */
	uint64_t length, offset;
	uint64_t begun_ns; /* CLOCK_MONOTONIC; only if timed */
};

/* How many bytes one that succeeded has moved. */
static inline uint64_t io_bytes(const struct io *io, int64_t result)
{
	return io->op == FL_IO_READ && result > 0 ? (uint64_t)result : io->length;
}

/* The image to count it for: none if it was closed under the I/O and its slot given to another one. */
static inline struct image *io_counted_for(const struct io *io)
{
	struct image *image = image_of_number(io->image);

	return image_serial(image) == io->serial ? image : NULL;
}

/* Does anything that a completion can emit need its time? */
static inline bool io_timing_wanted(void)
{
	const struct fl_provider *provider = atomic_load_explicit(&emit_provider, memory_order_relaxed);

#define WANTED(event) __atomic_load_n(provider->enabled[FL_EV_##event], __ATOMIC_RELAXED)
	return (WANTED(io) | WANTED(io_slow) | WANTED(io_error) | WANTED(io_eshutdown) | WANTED(io_summary)) != 0;
#undef WANTED
}

/* Begins an I/O on an rbd_image_t. Any thread; neither allocates nor locks; preserves errno. */
void io_begin(struct io *io, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length);

/* The same where every instruction counts, for nearly every I/O while nothing records; false: it is not begun, io_begin will. */
static inline __attribute__((always_inline)) bool io_begin_inline(struct io *io, void *handle, enum fl_io_op op, uint64_t offset,
                                                                  uint64_t length)
{
	const struct image_memo *memo = &image_memo;
	unsigned slot = thread_slot_cached - 1; /* huge if it has none yet */

	if (__builtin_expect(!image_memo_fits(handle) || slot >= IO_SHARD_SHARED || io_timing_wanted(), 0))
		return false;
	_Atomic(uint64_t) *begun = &memo->image->stats->shards[slot].begun;
	io->serial = image_serial(memo->image);
	io->image = memo->number;
	io->op = (uint8_t)op;
	io->timed = false;
	io->length = length;
	io->offset = offset;
	io_add(begun, 1, false);
	return true;
}

/* Ends it: `result` is what the caller is told (bytes or 0, or -errno). Any thread, not necessarily the one that began it.
 * Likewise. */
void io_end(const struct io *io, int64_t result);

/* Ends it without a result: it is not in flight any more, and nothing is told of it. Any thread. */
void io_forget(const struct io *io);

/* The same where every instruction counts, for nearly every I/O while nothing records; false: nothing is done, io_end will. */
static inline bool io_end_inline(const struct io *io, int64_t result)
{
	const struct image *image = io_counted_for(io);
	unsigned slot = thread_slot_cached - 1;

	if (__builtin_expect(result < 0 || io->timed || slot >= IO_SHARD_SHARED || !image || emit_wanted(FL_EV_io), 0))
		return false;
	struct io_shard *shard = &image->stats->shards[slot];
	io_add(&shard->ops[io->op], 1, false);
	io_add(&shard->bytes[io->op], io_bytes(io, result), false);
	return true;
}

/* What has been counted for an image so far. */
void io_totals(const struct image *image, struct io_totals *totals);
/* Submitted and not completed. */
uint32_t io_inflight(const struct image *image);

/* Called by the sampler thread once a second: one io_summary for each image that had I/O since the last one. */
void io_summary_tick(void);

/* The same for one image, when it is closed. Any thread. */
void io_summary_emit(struct image *image);

#endif
