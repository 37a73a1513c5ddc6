/* SPDX-License-Identifier: MIT */
/*
 * Where the records of completions come from and go to (struct completion, see completion.h).
 *
 * Each thread takes its records in turn from a circle of its own; free is one that has no reference, whichever thread
 * dropped the last. So giving one back writes to nothing but the record, and what a thread takes next is known beforehand.
 * All records lie in one range of addresses, so that a pointer can be told to be one with a compare; its size, 16 MiB or
 * 262144 I/Os at a time, bounds what the shim ever takes for them.
 */
#ifndef FENCELINE_SHIM_RECORD_POOL_H
#define FENCELINE_SHIM_RECORD_POOL_H

#include "io.h"
#include "base/thread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*completion_callback)(void *c, void *arg);

/*
 * One cache line. A completion arrives on another thread than the one that submitted: it has to travel there and back.
 */
struct completion {
	_Atomic(void *) pc; /* the rbd_completion_t's first word, librbd's own completion: lives until the callback has run */
	completion_callback callback; /* the caller's, may be NULL */
	void *arg;                    /* the caller's */
	_Atomic(uint16_t) refs;       /* 0: free */
	_Atomic(bool) alive;          /* the rbd_completion_t has not been released: with pc, whose record this is */
	_Atomic(uint8_t) ended;       /* enum completion_ended */
	uint8_t kind;
	uint8_t copy; /* of librbd, see library_copy_of */
	union {
		struct io io;
		struct {
			void (*done)(void *data, int64_t result);
			void *data;
		} call;
	};
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct completion) == 64, "see above");

/* Where a thread is in its circle, and up to where the next ones lie side by side. */
struct record_pool {
	struct completion *at, *end; /* both NULL in the pool of the threads without a number of their own */
} __attribute__((aligned(64)));
extern struct record_pool record_pools[THREAD_SLOTS];

/* Brings a cache line here to be written to: one journey, where a read and then a write would be two. (gcc's
 * __builtin_prefetch makes it a read without -mprfchw. Processors without the instruction do nothing.) */
static inline void prefetch_to_write(const void *line)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
	__builtin_prefetch(line, 1);
#endif
}

/* For the two below: the one at hand, which is free. */
static inline struct completion *record_take_at(struct record_pool *pool)
{
	struct completion *record = pool->at;

	pool->at = record + 1;
	atomic_store_explicit(&record->refs, 1, memory_order_relaxed);
	return record;
}

struct completion *record_find(unsigned slot);

/* A free one, now with one reference. NULL: no memory, or all are in use. Any thread; preserves
 * errno. */
static inline struct completion *record_take(void)
{
	unsigned slot = thread_slot();
	struct record_pool *pool = &record_pools[slot];
	struct completion *record = pool->at;

	if (__builtin_expect(record == pool->end || atomic_load_explicit(&record->refs, memory_order_acquire), 0))
		return record_find(slot);
	record_take_at(pool);
	/* They come back from the thread that completed them: ordered now, this one's line is here by the time it is its turn. */
	prefetch_to_write(record + 2);
	return record;
}

/* Any thread. */
static inline void record_put_back(struct completion *record)
{
	atomic_store_explicit(&record->refs, 0, memory_order_release);
}

/* How many records have ever been carved out of fresh memory: stands still once a load is steady. */
uint64_t record_pool_made(void);

/* Is this pointer a record, in use or not? */
bool record_is_one(const void *pointer);

/* In a forked child: the other threads' circles are forgotten, with the records in them. */
void record_pool_after_fork_child(void);

#endif
