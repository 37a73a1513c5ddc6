/* SPDX-License-Identifier: MIT */
/*
 * A VM's disk for tests/bench/make-trace: I/O through the shim against a librbd that does nothing (tests/fakes/fake_rbd.c),
 * from one thread on each processor, so that each has a stream. Meanwhile it loses its watch pings, is blocklisted by an
 * `rbd snap create`, and its last I/Os fail with -108. What no librbd did (pings, the other process) is emitted as it stands.
 *
 *	qemu-system-x86_64 -name guest=NAME EVENTS PROVIDER
 */
#include "fake_rbd.h"
#include "fenceline/provider.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The ring buffers of the full profile must not run over, also on a machine that does something else, too. */
#define PER_SECOND 400000
#define BURST      500
#define ESHUTDOWNS 100 /* two events and an io each */

/* The story, in ms: the watch is pinged every 5 s and lives 6 s. */
enum { ACKED_MS = 1000, LOST_MS = 6000, LOST_TOO_MS = 11000, SNAPSHOT_MS = 12000, FENCED_MS = 12200 };
#define COOKIE    UINT64_C(93825000001)
#define GLOBAL_ID 4711 /* and the address: the fake librados' */
#define ADDRESS   "192.0.2.1:0/4711"
#define HEADER    "rbd_header.id-of-disk"
#define OSD       "192.0.2.9:6802"

static const struct fl_provider *provider;
static struct timespec began;

static void wait_until(int64_t ms)
{
	struct timespec until = began;

	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static int64_t epoch_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- I/O ---- */

struct writer {
	pthread_t thread;
	int cpu;
	long ios, per_second;
	void *image;
};

static void callback(void *c, void *arg)
{
	(void)arg;
	rbd_aio_release(c);
}

static void one_io(void *image, uint64_t number)
{
	static char block[4096];
	struct iovec iov = { block, sizeof(block) };
	void *c;

	if (rbd_aio_create_completion(NULL, callback, &c) || rbd_aio_writev(image, &iov, 1, number * 4096, c))
		abort();
}

static void *write_disk(void *arg)
{
	const struct writer *writer = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(writer->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (long done = 0; done < writer->ios; done++) {
		if (done % BURST == 0)
			wait_until(done * 1000 / writer->per_second);
		one_io(writer->image, (uint64_t)done);
	}
	return NULL;
}

static struct writer *start_writers(void *image, long events, int *count)
{
	cpu_set_t cpus;
	struct writer *writers;
	long each, per_second;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		abort();
	*count = CPU_COUNT(&cpus);
	writers = calloc((size_t)*count, sizeof(*writers));
	each = (events + *count - 1) / *count;
	/* A short trace takes as long as the story does. */
	per_second = each * 1000 / SNAPSHOT_MS + 1;
	if (per_second > PER_SECOND / *count)
		per_second = PER_SECOND / *count;
	for (int i = 0; writers && i < *count; i++) {
		do
			cpu++;
		while (!CPU_ISSET(cpu, &cpus));
		writers[i] = (struct writer){ .cpu = cpu, .ios = each, .per_second = per_second, .image = image };
		if (pthread_create(&writers[i].thread, NULL, write_disk, &writers[i]))
			abort();
	}
	return writers;
}

/* ---- what happens meanwhile ---- */

static void emit(enum fl_event event, const void *payload)
{
	if (*provider->enabled[event])
		provider->emit[event](payload);
}

static uint32_t pid(void)
{
	return (uint32_t)getpid();
}

static void ping(int64_t at_ms, bool answered)
{
	struct fl_ping_sent sent = { .pid = pid(), .global_id = GLOBAL_ID, .cookie = COOKIE, .gen = 1, .osd = OSD };
	struct fl_ping_reply reply = { .pid = pid(), .global_id = GLOBAL_ID, .cookie = COOKIE, .gen = 1, .osd = OSD };

	wait_until(at_ms);
	reply.sent_ns = sent.sent_ns = epoch_ns();
	emit(FL_EV_ping_sent, &sent);
	reply.rtt_ns = 600000;
	usleep(600);
	if (answered)
		emit(FL_EV_ping_reply, &reply);
}

/* What librados itself says of its last acknowledged ping: the witness that the verdict asks for. */
static void sample(int64_t acked_ns)
{
	struct fl_ping_sample overdue = { .pid = pid(),
		                          .global_id = GLOBAL_ID,
		                          .cookie = COOKIE,
		                          .oid = HEADER,
		                          .age_ms = (epoch_ns() - acked_ns) / 1000000,
		                          .acked_sent_ns = acked_ns,
		                          .change = 2 };

	emit(FL_EV_ping_sample, &overdue);
}

static void lose_the_watch(void)
{
	struct fl_watch_registered watch = { .pid = pid(),
		                             .global_id = GLOBAL_ID,
		                             .cookie = COOKIE,
		                             .oid = HEADER,
		                             .pool = "fakepool",
		                             .nspace = "fakespace",
		                             .timeout_s = 6 };
	int64_t acked_ns;

	emit(FL_EV_watch_registered, &watch);
	ping(ACKED_MS, true);
	acked_ns = epoch_ns();
	ping(LOST_MS, false);
	ping(LOST_TOO_MS, false);
	sample(acked_ns);
}

/* `rbd snap create` on another host finds no watcher, blocklists and takes the lock. */
static void fence(void)
{
	struct fl_client_connect connect = { .pid = pid() + 1,
		                             .global_id = 4800,
		                             .host = "controller1",
		                             .process = "rbd",
		                             .vm_name = "",
		                             .vm_uuid = "",
		                             .entity = "client.cinder",
		                             .address = "192.0.2.5:0/777",
		                             .fsid = "11111111-2222-3333-4444-555555555555",
		                             .ceph_version = "16.2.15" };
	struct fl_snapshot_begin begin = { .pid = pid() + 1,
		                           .global_id = 4800,
		                           .action = 1,
		                           .op = "create",
		                           .snap = "nightly",
		                           .pool = "fakepool",
		                           .nspace = "fakespace",
		                           .name = "disk",
		                           .image_id = "" };
	struct fl_watchers_listed listed = { .pid = pid() + 1, .global_id = 4800, .list = 1, .oid = HEADER };
	struct fl_blocklist blocklist = { .pid = pid() + 1,
		                          .global_id = 4800,
		                          .action = 2,
		                          .op = "add",
		                          .target = ADDRESS,
		                          .expire_s = -1,
		                          .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK,
		                          .call = "MonClient::_send_command",
		                          .thread = "io_context_pool",
		                          .by_address = "192.0.2.5:0/777",
		                          .by_entity = "client.cinder" };
	struct fl_snapshot_end end = { .pid = pid() + 1, .global_id = 4800, .action = 1 };

	wait_until(SNAPSHOT_MS);
	emit(FL_EV_client_connect, &connect);
	emit(FL_EV_snapshot_begin, &begin);
	emit(FL_EV_watchers_listed, &listed);
	emit(FL_EV_blocklist, &blocklist);
	wait_until(FENCED_MS);
	emit(FL_EV_snapshot_end, &end);
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

int main(int argc, char **argv)
{
	long events = argc > 2 ? atol(argv[argc - 2]) : 0;
	void *cluster, *image;
	struct writer *writers;
	int count;

	if (events <= 0 || open_provider(argv[argc - 1]))
		return 1;
	if (rados_create(&cluster, NULL) || rados_connect(cluster) || rbd_open(cluster, "disk", &image, NULL))
		return 1;
	fake_set(FAKE_AT_ONCE, 1);
	clock_gettime(CLOCK_MONOTONIC, &began);
	writers = start_writers(image, events, &count);
	if (!writers)
		return 1;
	lose_the_watch();
	fence();
	for (int i = 0; i < count; i++)
		pthread_join(writers[i].thread, NULL);
	free(writers);
	fake_set(FAKE_AT_ONCE, -108);
	for (uint64_t i = 0; i < ESHUTDOWNS; i++)
		one_io(image, i);
	return rbd_close(image);
}
