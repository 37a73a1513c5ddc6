/* SPDX-License-Identifier: MIT */
/*
 * A small number for each thread that does I/O, so that counters and free lists can be its own. A number is given back
 * when its thread exits, and what was kept under it passes to the next thread that gets the number.
 */
#ifndef FENCELINE_SHIM_THREAD_H
#define FENCELINE_SHIM_THREAD_H

#define THREAD_SLOTS 256
/* Shared by all threads that found the others taken. */
#define THREAD_SLOT_SHARED (THREAD_SLOTS - 1)

/* In a forked child: the other threads and their numbers are gone for good. */
void thread_after_fork_child(void);

extern __thread unsigned thread_slot_cached; /* number + 1; 0: none yet */

unsigned thread_slot_take(void);

/* The calling thread's number. Takes a lock at a thread's first call only. */
static inline unsigned thread_slot(void)
{
	return __builtin_expect(thread_slot_cached != 0, 1) ? thread_slot_cached - 1 : thread_slot_take();
}

#endif
