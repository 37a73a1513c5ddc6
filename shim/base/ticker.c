/* SPDX-License-Identifier: MIT */
#include "ticker.h"

#include "emit.h"
#include "fork.h"
#include "hook.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define PERIOD_NS    UINT64_C(1000000000)
#define STALLED_NS   (2 * UINT64_C(1000000000)) /* a host that is merely busy wakes a thread within 2 s */
#define STACK_SIZE   (512 * 1024)
#define EXIT_WAIT_NS (500 * 1000000)

/* Held while the thread may be inside librados. Whoever leaves the process takes it and keeps it. */
static pthread_mutex_t inside_librados = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(bool) exiting;
static _Atomic(int) started;                   /* 0 no, 1 yes */
static const struct ticker_work *_Atomic work; /* NULL: a library began before us, whose constructor opened an image */
_Atomic(int64_t) ticker_stalled_ms;

void ticker_does(const struct ticker_work *what)
{
	atomic_store(&work, what);
}

bool ticker_is_exiting(void)
{
	return atomic_load(&exiting);
}

/* CLOCK_BOOTTIME goes on while the host is suspended. */
static uint64_t now_boottime_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Sleeps, and tells if that took much longer than asked for. Only the sleep is judged: the rest may wait for librados. */
static void sleep_and_notice_stall(const struct ticker_work *does)
{
	const struct timespec period = { PERIOD_NS / 1000000000, PERIOD_NS % 1000000000 };
	uint64_t begun = now_boottime_ns();
	int64_t begun_ns = now_realtime_ns();

	clock_nanosleep(CLOCK_MONOTONIC, 0, &period, NULL);
	uint64_t slept = now_boottime_ns() - begun;
	if (slept <= PERIOD_NS + STALLED_NS)
		return;
	atomic_fetch_add(&ticker_stalled_ms, (int64_t)((slept - PERIOD_NS) / 1000000));
	if (does)
		does->stalled(begun_ns, slept - PERIOD_NS);
}

static void *ticker(void *arg)
{
	(void)arg;
	for (unsigned tick = 1; !atomic_load(&exiting); tick++) {
		sleep_and_notice_stall(atomic_load(&work));
		const struct ticker_work *does = atomic_load(&work);
		pthread_mutex_lock(&inside_librados);
		if (does && !atomic_load(&exiting))
			does->look(tick);
		pthread_mutex_unlock(&inside_librados);
		if (does && !atomic_load(&exiting))
			does->behind(tick);
	}
	return NULL;
}

/* exit() destroys librados' static objects after this, with watches alive perhaps: nothing may be asked from here on. The
 * wait is bounded, so that a librados that hangs does not hang the exit. */
static void before_exit(void)
{
	struct timespec until;

	atomic_store(&exiting, true);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += EXIT_WAIT_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_timedlock(&inside_librados, &until);
}

void ticker_after_fork_child(void)
{
	pthread_mutex_init(&inside_librados, NULL);
	atomic_store(&started, 0);
}

static void prepare_once(void)
{
	atexit(before_exit);
	fork_survive();
}

static void start_thread(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;

	pthread_once(&once, prepare_once);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* the host's handlers run on the host's threads */
	if (pthread_create(&thread, &attributes, ticker, NULL) == 0)
		pthread_setname_np(thread, "fenceline");
	else {
		hook_pass(HOOK_rados_watch3, "no thread for the sampler");
		atomic_store(&started, 0);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
}

void ticker_start(void)
{
	int saved = errno, not_yet = 0;

	if (!atomic_load(&exiting) && atomic_compare_exchange_strong(&started, &not_yet, 1))
		start_thread();
	errno = saved;
}
