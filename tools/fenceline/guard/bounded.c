/* SPDX-License-Identifier: MIT */
#include "guard/bounded.h"
#include "run/now.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static bool started;
static void (*work_now)(void *arg); /* NULL: idle */
static void *work_arg;
static bool (*interrupted_by)(void);

#define LOOK_UP_NS INT64_C(100000000)

static void *bounded_serve(void *nothing)
{
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (!work_now)
			pthread_cond_wait(&changed, &mutex);
		pthread_mutex_unlock(&mutex);
		work_now(work_arg);
		pthread_mutex_lock(&mutex);
		work_now = NULL;
		pthread_cond_broadcast(&changed);
	}
	return nothing;
}

static int bounded_start(void)
{
	pthread_condattr_t attributes;
	int status;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attributes);
	pthread_condattr_destroy(&attributes);
	status = pthread_create(&thread, NULL, bounded_serve, NULL);
	started = !status;
	return status ? -EAGAIN : 0;
}

/* Waits until nothing is under way. The mutex is held. */
static int wait_idle(int64_t deadline_ns)
{
	while (work_now) {
		int64_t now_ns = monotonic_ns(), next_ns = now_ns + LOOK_UP_NS;
		struct timespec next;

		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		if (interrupted_by && interrupted_by())
			return -EINTR;
		next_ns = next_ns < deadline_ns ? next_ns : deadline_ns;
		next = (struct timespec){ next_ns / 1000000000, next_ns % 1000000000 };
		pthread_cond_timedwait(&changed, &mutex, &next);
	}
	return 0;
}

int bounded_run(void (*work)(void *arg), void *arg, int64_t deadline_ns)
{
	int status = started ? 0 : bounded_start();

	if (status)
		return status;
	pthread_mutex_lock(&mutex);
	status = wait_idle(deadline_ns);
	if (!status) {
		work_now = work;
		work_arg = arg;
		pthread_cond_broadcast(&changed);
		status = wait_idle(deadline_ns);
	}
	pthread_mutex_unlock(&mutex);
	return status;
}

bool bounded_is_idle(void)
{
	bool idle;

	pthread_mutex_lock(&mutex);
	idle = !work_now;
	pthread_mutex_unlock(&mutex);
	return idle;
}

void bounded_interrupt_by(bool (*interrupted)(void))
{
	interrupted_by = interrupted;
}
