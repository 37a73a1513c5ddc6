/* SPDX-License-Identifier: MIT */
/*
 * What a watcher has to explain, and when: what is new at once, and again at growing intervals, since routine rows come in batches and a
 * shard's may be minutes late.
 */
#ifndef FENCELINE_FLEET_DUE_H
#define FENCELINE_FLEET_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUE_MOST 64

struct due_item {
	int64_t begin_ns, end_ns; /* of the new rows, by their own times */
	int64_t seen_ms;          /* CLOCK_MONOTONIC */
	unsigned looks;           /* that it has had */
	bool taken;               /* by due_take */
};

struct due {
	struct due_item items[DUE_MOST];
	size_t count;
};

void due_add(struct due *due, int64_t begin_ns, int64_t end_ns, int64_t now_ms);
/* The time to explain now: of all items that are due and lie within STORY_NS of each other. False: none is. */
bool due_take(struct due *due, int64_t now_ms, int64_t *begin_ns, int64_t *end_ns);
/* What was taken has been explained; or could not be, and begins anew. */
void due_done(struct due *due, int64_t now_ms);
void due_failed(struct due *due, int64_t now_ms);

#endif
