/* SPDX-License-Identifier: MIT */
/*
 * What liblttng-ust asks of libc that could harm or hold up the host, taken over: fork() under a seccomp filter, the wait for a
 * session daemon that does not answer, the connection to one whose queue is full. Everybody else's calls pass straight through.
 *
 * liblttng-ust begins (lttng_ust_ctor) in two places, both on a thread of ours and both between lttng_begin and lttng_begun:
 * inside dlopen of the provider, and in a forked child. There its fork() is known by the thread, without a look at who calls.
 */
#ifndef FENCELINE_SHIM_LTTNG_CALLS_H
#define FENCELINE_SHIM_LTTNG_CALLS_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What liblttng-ust would have waited for. It is posted when all events are enabled; NULL: it wanted no wait. */
struct lttng_wait {
	sem_t *enabled;        /* liblttng-ust's own, which is never unloaded */
	struct timespec until; /* CLOCK_REALTIME: LTTNG_UST_REGISTER_TIMEOUT */
};

/* Has anybody opened the provider yet? Set before liblttng-ust comes in. */
extern _Atomic(bool) lttng_called;
static inline bool lttng_may_come(void)
{
	return atomic_load_explicit(&lttng_called, memory_order_relaxed);
}

/* The calling thread is about to let liblttng-ust begin. */
void lttng_begin(void);
/* It has begun, and has not waited. */
void lttng_begun(struct lttng_wait *wait);

/* Waits in its place: until the events are enabled, the time that liblttng-ust was given, or `until_mono_ns`, whichever comes
 * first. */
void lttng_wait_until(const struct lttng_wait *wait, uint64_t until_mono_ns);

/*
 * liblttng-ust holds its lock while it waits for words of the session daemon, some of them without end; whoever forks or
 * registers events waits for that lock. Between these two calls a thread of ours watches: after `limit_ns` it hangs up on the
 * daemon, and the lock is free. LTTng calls the daemon again by itself. Cheap where no daemon was ever reached and `always` is
 * not set. Any thread; the caller's `watch` is in use until lttng_watch_end.
 */
struct lttng_watch {
	struct lttng_watch *next;
	uint64_t due_ns; /* CLOCK_MONOTONIC; 0: nobody watches */
};
void lttng_watch(struct lttng_watch *watch, uint64_t limit_ns, bool always);
void lttng_watch_end(struct lttng_watch *watch);

/* In a forked child: nobody watches, and no thread is about to begin. */
void lttng_after_fork_child(void);

/* Does LTTng's own wrapper of fork(), liblttng-ust-fork.so, stand before or behind ours? It calls LTTng's hooks itself. */
bool lttng_wraps_fork(void);

#endif
