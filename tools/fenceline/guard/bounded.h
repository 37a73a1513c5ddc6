/* SPDX-License-Identifier: MIT */
/*
 * Calls that end in time, or are left alone. librados and librbd answer when the cluster does, and some of their calls (a notify,
 * a close) know no timeout; so they are made on one thread of their own, and who asks waits until a deadline. There is one such
 * thread; what it works on is its own until it is done.
 */
#ifndef FENCELINE_GUARD_BOUNDED_H
#define FENCELINE_GUARD_BOUNDED_H

#include <stdbool.h>
#include <stdint.h>

/* Has work(arg) done by the thread, which is started with the first call and inherits the caller's signal mask. 0 once it is
 * done; -ETIMEDOUT at deadline_ns (CLOCK_MONOTONIC) if this work, or one before it, is still under way: the rest goes on, arg
 * stays in use, and bounded_is_idle tells when that has ended; -EAGAIN if there is no thread to be had. One caller's thread. */
int bounded_run(void (*work)(void *arg), void *arg, int64_t deadline_ns);
bool bounded_is_idle(void);

/* While bounded_run waits, `interrupted` is asked ten times a second; once it says true, bounded_run returns -EINTR, as on a
 * timeout. */
void bounded_interrupt_by(bool (*interrupted)(void));

#endif
