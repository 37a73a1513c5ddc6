/* SPDX-License-Identifier: MIT */
/*
 * What one I/O costs: create a completion, submit, callback, result, release, as QEMU does, against a librbd that does
 * nothing (tests/fakes/fake_rbd.c). Prints nanoseconds per I/O, the least of many rounds. Run with and without the shim.
 *
 *	shim_io io [other-thread] that, the callback inside the submitting call or on another thread
 *	shim_io count [other-thread]  with libbench-count.so: allocations, frees, mappings and locks per I/O once it is warm, and
 *	                          by how many KiB the process has grown meanwhile
 *	shim_io clock             one clock_gettime
 *	shim_io event PROVIDER    one `io` event through the LTTng provider, without a shim, again and again
 *	shim_io io-event PROVIDER the same in the callback of each I/O, as a tracepoint of librbd's own would be
 */
#include "fake_rbd.h"
#include "fenceline/provider.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 60, PER_ROUND = 20000, BURST = 250 };

static double now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const struct fl_provider *provider;
static void bare_event(void)
{
	struct fl_io io = {
		.pid = 1, .global_id = 4711, .image = 1, .op = 1, .offset = 8192, .length = 4096, .latency_ns = 1000
	};

	provider->emit[FL_EV_io](&io);
}

static void callback(void *c, void *arg)
{
	(void)arg;
	if (rbd_aio_get_return_value(c) < 0)
		abort();
	rbd_aio_release(c);
}
static void callback_with_event(void *c, void *arg)
{
	bare_event();
	callback(c, arg);
}

static void (*its_callback)(void *c, void *arg) = callback;

static void one_io(void *image)
{
	static struct iovec iov = { NULL, 4096 };
	void *c;

	if (rbd_aio_create_completion(NULL, its_callback, &c) || rbd_aio_writev(image, &iov, 1, 8192, c))
		abort();
}

/* ---- what a round costs, as a clock of CPU time tells before and after it ---- */

static double process_ns(void)
{
	return now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- rounds of PER_ROUND ---- */

static void round_at_once(void *image)
{
	for (int i = 0; i < PER_ROUND; i++)
		one_io(image);
}

/* librbd's thread, in bursts. What both threads spend on waking each other is left out: it is more than the I/Os cost. */
static sem_t burst_submitted, burst_completed;
static double submitting_ns, completing_ns;

static void *completer(void *arg)
{
	for (;;) {
		sem_wait(&burst_submitted);
		double begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
		fake_complete(BURST);
		completing_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
		sem_post(&burst_completed);
	}
	return arg;
}

static void round_other_thread(void *image)
{
	for (int i = 0; i < PER_ROUND / BURST; i++) {
		double begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
		for (int k = 0; k < BURST; k++)
			one_io(image);
		submitting_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
		sem_post(&burst_submitted);
		sem_wait(&burst_completed);
	}
}

static double both_threads_ns(void)
{
	return submitting_ns + completing_ns;
}

static void round_event(void *image)
{
	(void)image;
	for (int i = 0; i < PER_ROUND; i++)
		bare_event();
}

static void round_clock(void *image)
{
	(void)image;
	for (int i = 0; i < PER_ROUND; i++)
		now_ns(CLOCK_MONOTONIC);
}

static int rounds = ROUNDS; /* BENCH_ROUNDS: fewer, to count instructions with callgrind */

static double least(double (*spent_ns)(void), void (*round)(void *image), void *image)
{
	double best = 1e18;

	round(image); /* warm up */
	for (int i = 0; i < rounds; i++) {
		double begin = spent_ns();
		round(image);
		double took = (spent_ns() - begin) / PER_ROUND;
		if (took < best)
			best = took;
	}
	return best;
}

/* ---- what a steady load allocates, locks and keeps ---- */

enum { COUNTERS = 4, COUNTED_ROUNDS = 100 }; /* struct bench_counts of shim_count.c */

static long resident_kib(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*s %ld", &pages) != 1)
		abort();
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int count(void (*round)(void *image), void *image)
{
	const atomic_ulong *counters = dlsym(RTLD_DEFAULT, "bench_counts");
	unsigned long before[COUNTERS];

	if (!counters) {
		fprintf(stderr, "libbench-count.so is not preloaded\n");
		return 1;
	}
	round(image);
	long kib = resident_kib();
	for (int i = 0; i < COUNTERS; i++)
		before[i] = counters[i];
	for (int i = 0; i < COUNTED_ROUNDS; i++)
		round(image);
	for (int i = 0; i < COUNTERS; i++)
		printf("%.4f ", (double)(counters[i] - before[i]) / ((double)COUNTED_ROUNDS * PER_ROUND));
	printf("%ld\n", resident_kib() - kib);
	return 0;
}

static int open_provider(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	fl_provider_fn *get = handle ? (fl_provider_fn *)dlsym(handle, FL_PROVIDER_SYMBOL) : NULL;

	provider = get ? get(FL_PROVIDER_ABI, FL_EV_COUNT) : NULL;
	if (!provider)
		fprintf(stderr, "%s: no provider: %s\n", path, dlerror());
	return provider ? 0 : 1;
}

/* It also makes the process one of several threads, as every user of librbd is: glibc's malloc and mutexes are cheaper in
 * one that never had a second. */
static pthread_t completer_thread;

/* What goes from one to the other then has to travel, as it does under QEMU; the scheduler likes to keep both on one. */
static void on_processors_of_their_own(void)
{
	cpu_set_t all, one;
	pthread_t threads[] = { pthread_self(), completer_thread };

	sched_getaffinity(0, sizeof all, &all);
	for (int cpu = 0, i = 0; cpu < CPU_SETSIZE && i < 2; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(threads[i++], sizeof one, &one);
	}
}

static void start_completer(void)
{
	if (sem_init(&burst_submitted, 0, 0) || sem_init(&burst_completed, 0, 0) ||
	    pthread_create(&completer_thread, NULL, completer, NULL))
		abort();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "io";
	void *cluster, *image;

	if (getenv("BENCH_ROUNDS"))
		rounds = atoi(getenv("BENCH_ROUNDS"));
	start_completer();
	if (!strcmp(what, "clock")) {
		printf("%.1f\n", least(process_ns, round_clock, NULL));
		return 0;
	}
	if (strstr(what, "event") && (argc < 3 || open_provider(argv[2])))
		return 1;
	if (!strcmp(what, "event")) {
		printf("%.1f\n", least(process_ns, round_event, NULL));
		return 0;
	}
	if (!strcmp(what, "io-event"))
		its_callback = callback_with_event;
	if (rados_create(&cluster, NULL) || rados_connect(cluster) || rbd_open(cluster, "disk", &image, NULL))
		return 1;
	bool other = argc > 2 && !provider;
	if (other)
		on_processors_of_their_own();
	fake_set(other ? FAKE_HELD : FAKE_AT_ONCE, 1);
	void (*round)(void *) = other ? round_other_thread : round_at_once;
	if (!strcmp(what, "count"))
		return count(round, image) || rbd_close(image);
	printf("%.1f\n", least(other ? both_threads_ns : process_ns, round, image));
	return rbd_close(image);
}
