/* SPDX-License-Identifier: MIT */
/*
 * What happens to every I/O of an image, however it came in: it is counted, and turned into events if any are wanted.
 *
 * Counters are kept per image and thread ("shard"), each written by one thread only, so that counting costs no locked
 * instruction; a reader sums the shards. With no event wanted no clock is read.
 */
#ifndef FENCELINE_SHIM_IO_H
#define FENCELINE_SHIM_IO_H

#include "emit.h"
#include "image.h"

#include <stdbool.h>
#include <stdint.h>

/* One I/O between its submission and its completion. */
struct io {
	struct image *image; /* NULL: not known to us; then it is not counted, and its events say image 0 */
	uint32_t serial;     /* the image's when the I/O began: a slot may have been given to another one since */
	uint8_t op;          /* enum fl_io_op */
	bool timed;          /* some event wanted its time when it began */
	uint64_t length;
	/* What follows is not looked at when an untimed I/O ends: see struct completion. */
	uint64_t offset;
	uint64_t begun_ns; /* CLOCK_MONOTONIC; only if timed */
};

/* Begins an I/O on an rbd_image_t. Any thread; neither allocates nor locks; preserves errno. */
void io_begin(struct io *io, void *handle, enum fl_io_op op, uint64_t offset, uint64_t length);
/* Ends it: `result` is what the caller is told (bytes or 0, or -errno). Any thread, not necessarily the one that began it.
 * Likewise. */
void io_end(const struct io *io, int64_t result);

/* What has been counted for an image so far. */
struct io_totals {
	uint64_t begun, ios, errors, eshutdowns;
	uint64_t ops[FL_IO_OPS];
	uint64_t read_bytes, write_bytes;
	uint64_t latency[FL_LATENCY_BUCKETS];
	uint64_t max_latency_ns; /* since the last io_summary */
};
void io_totals(const struct image *image, struct io_totals *totals);
/* Submitted and not completed. */
uint32_t io_inflight(const struct image *image);

/* Called by the sampler thread once a second: one io_summary for each image that had I/O since the last one. */
void io_summary_tick(void);

/* The same for one image, when it is closed. Any thread. */
void io_summary_emit(struct image *image);

void io_after_fork_child(void);

/* For image.c: the counters of an image slot, from zero again. Allocates at a slot's first use; false: no memory. */
bool io_stats_reset(struct image *image);

#endif
