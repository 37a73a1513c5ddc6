/* SPDX-License-Identifier: MIT */
/*
 * What the shim costs a read() or sendmsg(): of somebody else, of Ceph with nobody recording, of Ceph while recording.
 * libc's functions are replaced by ones that do nothing, so that only the shim's own time is left. One line a measure: the
 * budget in ns (0: none), a tab, ns of CPU per call (the least of many rounds), a tab, what it is. Built with the shim's
 * objects beside it, like the unit tests.
 */
#include "base/emit.h"
#include "fakes/fake_rados.h"
#include "fakes/ping_messages.h"
#include "base/hook.h"
#include "follow/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 20000, ROUNDS = 200 };

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

/* Without a shim: the stub by way of a pointer, as a call through the GOT. */
static ssize_t (*volatile direct_read)(int fd, void *buffer, size_t size) = stub_read;
static ssize_t (*volatile direct_sendmsg)(int fd, const struct msghdr *message, int flags) = stub_sendmsg;
static struct iovec segments[2] = { { data, 0 }, { data, 4096 } };
static struct msghdr message = { .msg_iov = segments, .msg_iovlen = 2 };

static void read_directly(size_t size)
{
	direct_read(5, data, size);
}
static void send_directly(size_t size)
{
	segments[0].iov_len = size;
	direct_sendmsg(5, &message, 0);
}
static void read_of_others(size_t size)
{
	read(5, data, size);
}
static void send_of_others(size_t size)
{
	segments[0].iov_len = size;
	sendmsg(5, &message, 0);
}
static void read_of_ceph(size_t size)
{
	fake_common_read(5, data, size);
}
static void send_of_ceph(size_t size)
{
	segments[0].iov_len = size;
	fake_common_send(5, segments, 2);
}

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double ns_per_call(void (*call)(size_t size), size_t size)
{
	int calls = size == sizeof data ? CALLS / 400 : CALLS;
	double least = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double begun = cpu_ns();
		for (int i = 0; i < calls; i++)
			call(size);
		double ns = (cpu_ns() - begun) / calls;
		if (ns < least)
			least = ns;
	}
	return least;
}

static void report(double budget, const char *what, void (*call)(size_t size), size_t size, double without)
{
	printf("%.0f\t%.1f\t%s\n", budget, ns_per_call(call, size) - without, what);
}

/* ---- what a guest may write into its disk to keep the messenger's thread busy ---- */

#define NAME   "rbd_header.10aa"
#define COOKIE UINT64_C(0x7f0000001000)

/* Fills data with as many of these bytes as fit into one another; `matters` says which of them each wants. */
static unsigned pack(const uint8_t *bytes, const uint8_t *matters, size_t length)
{
	static uint8_t taken[sizeof data];
	unsigned count = 0;

	memset(taken, 0, sizeof taken);
	memset(data, 0xaa, sizeof data);
	for (size_t at = 0; at + length <= sizeof data; at++) {
		bool fits = true;
		for (size_t i = 0; fits && i < length; i++)
			fits = !matters[i] || !taken[at + i] || data[at + i] == bytes[i];
		for (size_t i = 0; fits && i < length; i++)
			if (matters[i]) {
				data[at + i] = bytes[i];
				taken[at + i] = 1;
			}
		count += fits;
	}
	return count;
}

/* What parts of an answer they have: from the mere form that is searched for to all but the number of its message. */
enum forged { FORM, WITH_ROWS, WITH_COOKIE, WITH_NAME, WHOLE };

static unsigned forge(enum forged how, uint64_t cookie, uint64_t tid)
{
	uint8_t answer[PING_MAX], matters[PING_MAX] = { 0 };
	size_t op_at, name_at = PING_FRONT_AT + 4, minus_one;

	ping_reply(answer, &(struct ping_fields){ NAME, cookie, tid, 1, 0, 7 }, &op_at);
	minus_one = op_at - 36;
	memset(matters + minus_one - 13, 1, 1);
	memset(matters + minus_one, 1, 4);
	memset(matters + op_at - 4, 1, 6);
	matters[op_at + 22] = 1;
	if (how == WITH_ROWS) { /* so that the -1 may begin at 13 places */
		memset(answer + minus_one - 12, 0xff, 12);
		memset(matters + minus_one - 12, 1, 12);
	}
	if (how >= WITH_COOKIE)
		memset(matters + op_at + 6, 1, 8);
	if (how >= WITH_NAME) {
		memset(matters + name_at - 4, 1, 4 + strlen(NAME));
		memset(matters + op_at + 23, 1, 4); /* gen */
	}
	if (how >= WHOLE)
		memset(matters + PING_HEADER_AT + 8, 1, 10);
	return pack(answer + PING_HEADER_AT, matters + PING_HEADER_AT, op_at + 27 - PING_HEADER_AT);
}

/* At most 50 us for 64 KiB of them. */
static void report_forged(enum forged how, const char *what, double without)
{
	char text[160];

	snprintf(text, sizeof text, "read of 64 KiB, %u candidates %s", forge(how, COOKIE, 9999), what);
	report(50000, text, read_of_ceph, sizeof data, without);
}

int main(void)
{
	struct fake_cluster cluster = { 4123 };
	struct fake_ioctx ioctx = { &cluster, "volumes", "" };

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 13); /* as good as random to a search for two bytes */
	atomic_store(&emit_provider, &provider);
	libraries_refresh();
	atomic_store(&hook_real[HOOK_read], (void *)stub_read);
	atomic_store(&hook_real[HOOK_sendmsg], (void *)stub_sendmsg);
	report(5, "read of somebody else", read_of_others, 257, ns_per_call(read_directly, 257));
	report(5, "sendmsg of somebody else", send_of_others, 324, ns_per_call(send_directly, 324));
	/* From here on beyond what those two cost. */
	double read_base = ns_per_call(read_of_ceph, 257), send_base = ns_per_call(send_of_ceph, 324);
	struct watch *watch = watch_begin(&ioctx, HOOK_rados_watch3, NAME, strlen(NAME), 0);
	watch_registered(watch, 0, COOKIE);
	report(5, "sendmsg of Ceph, a watch, nobody records", send_of_ceph, 324, send_base);
	enabled = 1;
	report(60, "sendmsg of Ceph, recording, 324 + 4096 bytes", send_of_ceph, 324, send_base);
	report(60, "sendmsg of Ceph, recording, 1200 + 4096 bytes", send_of_ceph, 1200, send_base);
	report(60, "read of Ceph, recording, 4096 bytes", read_of_ceph, 4096, read_base);
	pings_sent(&watch->pings, &(struct ping){ 0 });
	report(60, "read, a ping is unanswered, 257 bytes (an answer)", read_of_ceph, 257, read_base);
	report(60, "read, a ping is unanswered, 1572 bytes (several)", read_of_ceph, 1572, read_base);
	report(60, "read, a ping is unanswered, 4096 bytes (data)", read_of_ceph, 4096, read_base);

	for (int i = 1; i < PINGS_KEPT; i++) /* a silence of five minutes */
		pings_sent(&watch->pings, &(struct ping){ .gen = 1, .tid = (uint64_t)i, .fd = 5 });
	for (int i = 1; i < 1000; i++) /* a process with a thousand images */
		watch_registered(watch_begin(&ioctx, HOOK_rados_watch3, NAME, strlen(NAME), 0), 0, COOKIE + 0x100 * (uint64_t)i);
	report_forged(FORM, "in form alone", read_base);
	report_forged(WITH_ROWS, "behind a row of 0xff", read_base);
	report_forged(WITH_COOKIE, "with a watch's cookie", read_base);
	report_forged(WITH_NAME, "with its name, too", read_base);
	report_forged(WHOLE, "with all but the number of a ping", read_base);
	return 0;
}
