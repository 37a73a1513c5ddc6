/* SPDX-License-Identifier: MIT */
/*
 * One thread per process, "fenceline": it does once a second what ticker_does was given, and notes when it did not run
 * (process_stalled).
 */
#ifndef FENCELINE_SHIM_TICKER_H
#define FENCELINE_SHIM_TICKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What is done each second: `look` never beside or after exit(), `behind` without that promise. `tick` counts from 1. */
struct ticker_work {
	void (*look)(unsigned tick);
	void (*behind)(unsigned tick);
	void (*stalled)(int64_t begin_ns, uint64_t gap_ns);
};
/* For the constructor. `work` stays where it is. Until then a second passes with nothing done. */
void ticker_does(const struct ticker_work *work);

/* Starts the thread if it does not run yet. Any thread, any number of times; preserves errno. Never called in a
 * constructor: a process that opens no image and no watch has no such thread. */
void ticker_start(void);

/* Is the process on its way out? From then on librados is asked nothing. */
bool ticker_is_exiting(void);

/* For how long the process has stood still in all, in ms: what it did not send then is not overdue. */
extern _Atomic(int64_t) ticker_stalled_ms;

/* In a forked child: it has no such thread yet. */
void ticker_after_fork_child(void);

#endif
