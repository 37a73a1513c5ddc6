/* SPDX-License-Identifier: MIT */
/*
 * What the shim costs a read() or sendmsg(): of somebody else, of Ceph with nobody recording, of Ceph while recording.
 * libc's functions are replaced by ones that do nothing, so that only the shim's own time is left. Prints ns per call, the
 * least of several rounds. Built with the shim's objects beside it, like the unit tests.
 */
#include "emit.h"
#include "fakes/fake_rados.h"
#include "hook.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLS = 200000, ROUNDS = 15 };

static volatile int enabled;
static void nothing(const void *event)
{
	(void)event;
}
static int no_frames(uintptr_t *addresses, int max)
{
	return (void)addresses, (void)max, 0;
}
static void no_hook(void) {}
#define ENABLED(event, level, when) &enabled,
#define EMITTER(event, level, when) nothing,
static const struct fl_provider provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
	.enabled = { FL_EVENTS(ENABLED) },
	.emit = { FL_EVENTS(EMITTER) },
	.backtrace = no_frames,
	.before_fork = no_hook,
	.after_fork_parent = no_hook,
	.after_fork_child = no_hook,
};

static ssize_t stub_read(int fd, void *buffer, size_t size)
{
	(void)fd, (void)buffer;
	return (ssize_t)size;
}
static ssize_t stub_sendmsg(int fd, const struct msghdr *message, int flags)
{
	(void)fd, (void)flags;
	return (ssize_t)message->msg_iov[0].iov_len;
}

static uint8_t data[65536];

static void call_others(size_t size)
{
	read(5, data, size);
}
static void call_read(size_t size)
{
	fake_common_read(5, data, size);
}
static void call_sendmsg(size_t size)
{
	struct iovec segments[] = { { data, size }, { data, 4096 } };

	fake_common_send(5, segments, 2);
}

static double ns_per_call(void (*call)(size_t size), size_t size)
{
	double least = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begun = now_monotonic_ns();
		for (int i = 0; i < CALLS; i++)
			call(size);
		double ns = (double)(now_monotonic_ns() - begun) / CALLS;
		if (ns < least)
			least = ns;
	}
	return least;
}

static void report(const char *what, void (*call)(size_t size), size_t size, double without)
{
	double ns = ns_per_call(call, size);

	printf("%-52s %6.1f ns\n", what, ns - without);
}

int main(void)
{
	struct fake_cluster cluster = { 4123 };
	struct fake_ioctx ioctx = { &cluster, "volumes", "" };

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13); /* as good as random to a search for two bytes */
	atomic_store(&emit_provider, &provider);
	libraries_refresh();
	/* Without the shim the stub is called right away. The calls' own cost is taken off. */
	atomic_store(&hook_real[HOOK_read], (void *)stub_read);
	atomic_store(&hook_real[HOOK_sendmsg], (void *)stub_sendmsg);
	double read_ceph = ns_per_call(call_read, 257), send_ceph = ns_per_call(call_sendmsg, 324);
	printf("%-52s %6.1f ns\n", "a call that leads to a stub, through the shim", read_ceph);
	printf("%-52s %6.1f ns\n", "read of somebody else, the same whole", ns_per_call(call_others, 257));
	struct watch *watch = watch_begin(&ioctx, HOOK_rados_watch3, "rbd_header.10aa", 15, 0);
	watch_registered(watch, 0, 0x7f0000001000);
	report("sendmsg of Ceph, a watch, nobody records: more by", call_sendmsg, 324, send_ceph);
	enabled = 1;
	report("read of Ceph, recording, 4096 bytes: more by", call_read, 4096, read_ceph);
	pings_sent(&watch->pings, &(struct ping){ 0 });
	report("  while a ping is unanswered, 257 bytes: more by", call_read, 257, read_ceph);
	report("  while a ping is unanswered, 1572 bytes: more by", call_read, 1572, read_ceph);
	report("  while a ping is unanswered, 4096 bytes: more by", call_read, 4096, read_ceph);
	report("sendmsg of Ceph, recording, 324 + 4096: more by", call_sendmsg, 324, send_ceph);
	report("sendmsg of Ceph, recording, 1200 + 4096: more by", call_sendmsg, 1200, send_ceph);
	return 0;
}
