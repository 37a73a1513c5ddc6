/* SPDX-License-Identifier: MIT */
/*
 * Where the records of completions come from and go to (struct completion, see completion.h).
 *
 * Each thread has a free list of its own. A record goes back to its owner's list without a lock from whatever thread
 * drops its last reference. All records lie in one range of addresses, so that a pointer can be told to be one with a
 * compare; its size, 16 MiB or 262144 I/Os at a time, bounds what the shim ever takes for them.
 */
#ifndef FENCELINE_SHIM_RECORD_POOL_H
#define FENCELINE_SHIM_RECORD_POOL_H

#include "io.h"
#include "thread.h"

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
	union {
		void *arg;               /* the caller's */
		struct completion *next; /* of a free record */
	};
	_Atomic(uint16_t) refs;
	_Atomic(bool) alive; /* the rbd_completion_t has not been released: with pc, whose record this is */
	_Atomic(bool) ended;
	uint8_t kind;
	uint16_t owner; /* thread slot whose free list it belongs to */
	union {
		struct io io;
		struct {
			void (*done)(void *data, int64_t result);
			void *data;
		} call;
	};
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct completion) == 64, "see above");

struct record_pool {
	struct completion *local; /* the owner's alone; always empty in the pool that threads share */
	/* Records of another thread on their way back to it, a few at a time; also the owner's alone. */
	struct completion *outgoing, *outgoing_last;
	unsigned outgoing_count;
	_Atomic(struct completion *) returned __attribute__((aligned(64))); /* pushed by any thread, taken whole by the owner */
};
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

/* For the two below. */
struct completion *record_refill(unsigned slot);
void record_send_back(struct completion *record, unsigned slot);

/* NULL: no memory, or all are in use. Any thread; preserves errno. */
static inline struct completion *record_take(void)
{
	unsigned slot = thread_slot();
	struct record_pool *pool = &record_pools[slot];
	struct completion *record = pool->local;

	if (__builtin_expect(!record, 0))
		return record_refill(slot);
	pool->local = record->next;
	/* It comes back from the thread that completed it: ordered now, its line is here by the next I/O. */
	prefetch_to_write(record->next);
	return record;
}

/* Any thread. */
static inline void record_put_back(struct completion *record)
{
	unsigned slot = thread_slot();

	if (__builtin_expect(record->owner != slot || slot == THREAD_SLOT_SHARED, 0)) {
		record_send_back(record, slot);
		return;
	}
	record->next = record_pools[slot].local;
	record_pools[slot].local = record;
}

/* Is this pointer a record, in use or not? */
bool record_is_one(const void *pointer);

void record_pool_after_fork_child(void);

#endif
