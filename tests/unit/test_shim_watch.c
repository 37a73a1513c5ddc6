/* SPDX-License-Identifier: MIT */
/* Watches against a librados that does what it is told (tests/fakes/fake_rados.h): registrations, pings, samples, ends. */
#include "emit.h"
#include "fakes/fake_rados.h"
#include "hook.h"
#include "sampler.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- a provider that keeps the last event of each kind ---- */

static volatile int enabled[FL_EV_COUNT];
static _Atomic(unsigned) counts[FL_EV_COUNT];
static struct fl_watch_registered registered;
static struct fl_watch_error error_event;
static struct fl_notify notify_event;
static struct fl_ping_sent sent_event;
static struct fl_ping_reply reply_event;
static struct fl_ping_sample sample_event;

static void keep(enum fl_event event, const void *payload)
{
	switch (event) {
	case FL_EV_watch_registered:
		registered = *(const struct fl_watch_registered *)payload;
		break;
	case FL_EV_watch_error:
		error_event = *(const struct fl_watch_error *)payload;
		break;
	case FL_EV_notify:
		notify_event = *(const struct fl_notify *)payload;
		break;
	case FL_EV_ping_sent:
		sent_event = *(const struct fl_ping_sent *)payload;
		break;
	case FL_EV_ping_reply:
		reply_event = *(const struct fl_ping_reply *)payload;
		break;
	case FL_EV_ping_sample:
		sample_event = *(const struct fl_ping_sample *)payload;
		break;
	default:
		break;
	}
	atomic_fetch_add(&counts[event], 1);
}

#define KEEP(event, level, when) \
	static void keep_##event(const void *payload) \
	{ \
		keep(FL_EV_##event, payload); \
	}
FL_EVENTS(KEEP)
static int no_frames(uintptr_t *addresses, int max)
{
	return (void)addresses, (void)max, 0;
}
static void no_hook(void) {}
#define ENABLED(event, level, when) &enabled[FL_EV_##event],
#define EMITTER(event, level, when) keep_##event,
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

static unsigned count(enum fl_event event)
{
	return atomic_load(&counts[event]);
}

/* ---- the librados API as a program calls it ---- */

int rados_watch3(void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, uint32_t timeout_s,
                 void *arg);
int rados_aio_watch(void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error,
                    void *arg);
int rados_unwatch2(void *io, uint64_t cookie);
void rados_shutdown(void *cluster);

struct std_string {
	const char *text;
	size_t length;
	char inside[16];
};
int cpp_aio_watch(void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2) __asm__(
        "_ZN8librados7v14_2_05IoCtx9aio_watchERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
        "PNS0_13AioCompletionEPmPNS0_9WatchCtx2E");
int cpp_aio_unwatch(void **self, uint64_t cookie,
                    void **completion) __asm__("_ZN8librados7v14_2_05IoCtx11aio_unwatchEmPNS0_13AioCompletionE");

static struct fake_cluster cluster = { 4123 }, other_cluster = { 4999 };
static struct fake_ioctx ioctx = { &cluster, "volumes", "" }, other_ioctx = { &other_cluster, "volumes", "" };

/* The caller's WatchCtx2. */
struct ctx2 {
	void *const *vtable;
	unsigned notifies, errors;
	int error;
};
static void ctx2_destroy(void *self)
{
	(void)self, fail();
}
static void ctx2_notify(struct ctx2 *self, uint64_t id, uint64_t cookie, uint64_t notifier, void *list)
{
	(void)cookie, (void)list;
	assert_int_equal(id, 77);
	assert_int_equal(notifier, 4200);
	self->notifies++;
}
static void ctx2_error(struct ctx2 *self, uint64_t cookie, int error)
{
	(void)cookie;
	self->error = error;
	self->errors++;
}
static void *const ctx2_vtable[] = { (void *)ctx2_destroy, (void *)ctx2_destroy, (void *)ctx2_notify, (void *)ctx2_error };

static unsigned called_back;
static void *called_with;
static void callback(void *completion, void *arg)
{
	(void)completion;
	called_back++;
	called_with = arg;
}

/* Registers as librbd does; the registration is under way when this returns, unless fake_next_completes. */
static void *begin_watch(struct fake_ioctx *io, const char *oid, uint64_t *handle, struct ctx2 *ctx2)
{
	struct std_string name = { oid, strlen(oid), "" };
	void *self = io, *completion;

	rados_aio_create_completion(&called_back, callback, NULL, &completion);
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, handle, ctx2), 0);
	return completion;
}

static uint64_t live_watch(struct fake_ioctx *io, const char *oid, struct ctx2 *ctx2)
{
	uint64_t handle = 0;
	void *completion = begin_watch(io, oid, &handle, ctx2);

	fake_complete(completion, 0);
	rados_aio_release(completion);
	return handle;
}

static void end_watch(struct fake_ioctx *io, uint64_t handle)
{
	void *self = io, *completion;

	rados_aio_create_completion(NULL, NULL, NULL, &completion);
	assert_int_equal(cpp_aio_unwatch(&self, handle, &completion), 0);
	fake_complete(completion, 0);
	rados_aio_release(completion);
}

/* ---- the wire ---- */

struct connection {
	int client, osd;
};

static struct connection connection_open(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	return (struct connection){ fds[0], fds[1] };
}

static void connection_close(struct connection c)
{
	close(c.client);
	close(c.osd);
}

/* 324 bytes with an operation at 240, as a request has it; in a reply the result stands before it. */
#define OP_AT   240
#define MESSAGE 324
static void make_message(uint8_t *message, uint64_t cookie, uint8_t op, uint32_t gen, int32_t result, const char *oid)
{
	memset(message, 0x11, MESSAGE);
	memcpy(message + 100, oid, strlen(oid));
	memcpy(message + OP_AT - 24, &result, sizeof result);
	message[OP_AT] = 0x0f;
	message[OP_AT + 1] = 0x22;
	memcpy(message + OP_AT + 6, &cookie, sizeof cookie);
	message[OP_AT + 22] = op;
	memcpy(message + OP_AT + 23, &gen, sizeof gen);
}

static void send_ping_named(struct connection c, uint64_t cookie, const char *oid)
{
	uint8_t message[MESSAGE], got[MESSAGE];
	struct iovec segment = { message, sizeof message };

	make_message(message, cookie, 7, 1, 0, oid);
	assert_int_equal(fake_common_send(c.client, &segment, 1), MESSAGE);
	assert_int_equal(recv(c.osd, got, sizeof got, MSG_WAITALL), MESSAGE);
	assert_memory_equal(got, message, MESSAGE);
}

static void send_ping(struct connection c, uint64_t cookie)
{
	send_ping_named(c, cookie, "?");
}

/* The OSD answers; the messenger reads with its prefetch buffer. */
static void answer(struct connection c, uint64_t cookie, int32_t result)
{
	uint8_t message[MESSAGE], got[4096];

	make_message(message, cookie, 7, 1, result, "?");
	assert_int_equal(send(c.osd, message, sizeof message, 0), MESSAGE);
	assert_int_equal(fake_common_read(c.client, got, sizeof got), MESSAGE);
	assert_memory_equal(got, message, MESSAGE);
}

static int set_up(void **state)
{
	(void)state;
	memset((void *)enabled, 0, sizeof enabled);
	for (int i = 0; i < FL_EV_COUNT; i++) {
		enabled[i] = i != FL_EV_ping_sample; /* the sampler's own tests enable it */
		atomic_store(&counts[i], 0);
	}
	called_back = 0;
	fake_next_result = fake_next_completes = 0;
	fake_age_ms = 1;
	atomic_store(&fake_check_takes_ms, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fake_watches() || atomic_load(&fake_dangling_checks) || atomic_load(&watches_active) ||
	       atomic_load(&pings_awaited);
}

/* ---- registration ---- */

static void a_registration_is_reported_before_its_owner_learns_of_it(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);

	(void)state;
	assert_true(handle != 0);
	assert_int_equal(count(FL_EV_watch_registered), 0);
	fake_complete(completion, 0);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	assert_int_equal(registered.result, 0);
	assert_true(registered.cookie == handle);
	assert_int_equal(registered.global_id, 4123);
	assert_string_equal(registered.oid, "rbd_header.10aa");
	assert_string_equal(registered.pool, "volumes");
	assert_int_equal(called_back, 1);
	assert_ptr_equal(called_with, &called_back);
	rados_aio_release(completion);
	end_watch(&ioctx, handle);
	assert_int_equal(count(FL_EV_watch_unregistered), 1);
}

static void a_failed_registration_leaves_nothing(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);
	struct connection c = connection_open();

	(void)state;
	fake_complete(completion, -108);
	rados_aio_release(completion);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	assert_int_equal(registered.result, -108);
	assert_int_equal(called_back, 1);
	assert_int_equal(atomic_load(&watches_active), 0);
	send_ping(c, handle);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	connection_close(c);
}

static void a_refused_registration_gives_the_callback_back(void **state)
{
	struct std_string name = { "rbd_header.10aa", 15, "" };
	struct ctx2 ctx2 = { ctx2_vtable };
	void *self = &ioctx, *completion;
	uint64_t handle = 0;

	(void)state;
	rados_aio_create_completion(&handle, callback, NULL, &completion);
	fake_next_result = -ENOTCONN;
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, &handle, &ctx2), -ENOTCONN);
	assert_int_equal(registered.result, -ENOTCONN);
	fake_complete(completion, -1); /* by whatever the caller does with it next */
	assert_int_equal(called_back, 1);
	assert_ptr_equal(called_with, &handle);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	rados_aio_release(completion);
}

/* librbd's RewatchRequest deletes itself, and the handle in it, in the callback. */
static uint64_t *freed_handle;
static void free_the_handle(void *completion, void *arg)
{
	(void)completion;
	memset(arg, 0xdd, sizeof(uint64_t));
	free(arg);
	freed_handle = NULL;
}

static void a_registration_may_end_before_the_call_returns(void **state)
{
	struct std_string name = { "rbd_header.10aa", 15, "" };
	struct ctx2 ctx2 = { ctx2_vtable };
	void *self = &ioctx, *completion;
	uint64_t cookie = fake_next_cookie;

	(void)state;
	freed_handle = malloc(sizeof *freed_handle);
	rados_aio_create_completion(freed_handle, free_the_handle, NULL, &completion);
	fake_next_completes = 1;
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, freed_handle, &ctx2), 0);
	assert_null(freed_handle);
	assert_true(registered.cookie == cookie);
	rados_aio_release(completion);
	end_watch(&ioctx, cookie);
}

static void the_cookie_changes_when_it_registers_again(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t old = live_watch(&ioctx, "rbd_header.10aa", &ctx2), new;

	(void)state;
	end_watch(&ioctx, old);
	new = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	assert_true(new != old);
	send_ping(c, old);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	send_ping(c, new);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_true(sent_event.cookie == new);
	connection_close(c);
	end_watch(&ioctx, new);
}

static unsigned c_notifies, c_errors;
static void c_notify(void *arg, uint64_t id, uint64_t cookie, uint64_t notifier, void *data, size_t length)
{
	(void)id, (void)cookie, (void)notifier;
	assert_ptr_equal(arg, &c_notifies);
	assert_int_equal(length, 26);
	assert_int_equal(((uint8_t *)data)[6], 2);
	c_notifies++;
}
static void c_error(void *arg, uint64_t cookie, int error)
{
	(void)cookie;
	assert_ptr_equal(arg, &c_notifies);
	assert_int_equal(error, -107);
	c_errors++;
}

static const uint8_t request_lock[26] = { 6, 1, 20, 0, 0, 0, 2, 0, 0, 0 };

static void notifies_and_errors_reach_their_owner(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2), c_cookie;

	(void)state;
	fake_notify(cookie, request_lock, sizeof request_lock);
	assert_int_equal(ctx2.notifies, 1);
	assert_int_equal(notify_event.op, 2);
	assert_int_equal(notify_event.payload_bytes, 26);
	assert_int_equal(notify_event.notifier_gid, 4200);
	fake_notify(cookie, "", 0);
	assert_int_equal(ctx2.notifies, 2);
	assert_int_equal(notify_event.op, -1);
	fake_error(cookie, -107);
	assert_int_equal(ctx2.error, -107);
	assert_int_equal(error_event.result, -107);
	assert_true(error_event.cookie == cookie);
	end_watch(&ioctx, cookie);

	assert_int_equal(rados_watch3(&ioctx, "rbd_header.10bb", &c_cookie, c_notify, c_error, 30, &c_notifies), 0);
	assert_int_equal(registered.timeout_s, 30);
	fake_notify(c_cookie, request_lock, sizeof request_lock);
	fake_error(c_cookie, -107);
	assert_int_equal(c_notifies, 1);
	assert_int_equal(c_errors, 1);
	assert_int_equal(count(FL_EV_notify), 3);
	assert_int_equal(rados_unwatch2(&ioctx, c_cookie), 0);
}

/* ---- pings ---- */

static void a_ping_and_its_answer(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	send_ping(c, cookie);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_int_equal(sent_event.gen, 1);
	usleep(2000);
	answer(c, cookie, 0);
	assert_int_equal(count(FL_EV_ping_reply), 1);
	assert_int_equal(reply_event.result, 0);
	assert_true(reply_event.sent_ns == sent_event.sent_ns);
	assert_true(reply_event.rtt_ns >= 2000000 && reply_event.rtt_ns < 2000000000);
	send_ping(c, cookie);
	answer(c, cookie, -108);
	assert_int_equal(reply_event.result, -108);
	connection_close(c);
	end_watch(&ioctx, cookie);
}

static void several_watches_share_a_connection(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t a = live_watch(&ioctx, "rbd_header.10aa", &ctx2), b = live_watch(&ioctx, "rbd_header.10bb", &ctx2);
	uint8_t both[2 * MESSAGE], got[4096];

	(void)state;
	make_message(both, a, 7, 1, 0, "?");
	make_message(both + MESSAGE, b, 7, 1, 0, "?");
	struct iovec segments[] = { { both, MESSAGE }, { both + MESSAGE, MESSAGE } };
	assert_int_equal(fake_common_send(c.client, segments, 2), 2 * MESSAGE);
	assert_int_equal(count(FL_EV_ping_sent), 2);
	assert_true(sent_event.cookie == b);
	assert_int_equal(send(c.osd, both, sizeof both, 0), sizeof both); /* both answers in one read */
	assert_int_equal(fake_common_read(c.client, got, sizeof got), sizeof both);
	assert_int_equal(count(FL_EV_ping_reply), 2);
	assert_true(reply_event.rtt_ns > 0);
	connection_close(c);
	end_watch(&ioctx, a);
	end_watch(&ioctx, b);
}

/* From Ceph 20 on cookies may be small numbers, counted for each client. */
static void one_cookie_of_two_clients_is_told_apart_by_the_object(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t before = fake_next_cookie, same, other;

	(void)state;
	same = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	fake_next_cookie = before;
	other = live_watch(&other_ioctx, "rbd_header.10bb", &ctx2);
	assert_true(same == other);
	send_ping_named(c, same, "rbd_header.10bb");
	assert_int_equal(sent_event.global_id, 4999);
	send_ping_named(c, same, "rbd_header.10aa");
	assert_int_equal(sent_event.global_id, 4123);
	connection_close(c);
	end_watch(&ioctx, same);
	end_watch(&other_ioctx, other);
}

/* Before Ceph 20 the cookie is an address, free again before the unwatch's completion has been called back. */
static void a_cookie_may_be_given_again_at_once(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	void *self = &ioctx, *completion;

	(void)state;
	rados_aio_create_completion(NULL, NULL, NULL, &completion);
	assert_int_equal(cpp_aio_unwatch(&self, cookie, &completion), 0);
	fake_next_cookie = cookie;
	assert_true(live_watch(&other_ioctx, "rbd_header.10aa", &ctx2) == cookie);
	send_ping(c, cookie);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_int_equal(sent_event.global_id, 4999);
	fake_complete(completion, 0);
	rados_aio_release(completion);
	send_ping(c, cookie);
	assert_int_equal(count(FL_EV_ping_sent), 2);
	connection_close(c);
	end_watch(&other_ioctx, cookie);
}

static void a_reply_cut_in_two_is_one_reply(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t message[MESSAGE], got[4096];

	(void)state;
	for (size_t cut = OP_AT - 30; cut <= OP_AT + 30; cut++) {
		atomic_store(&counts[FL_EV_ping_reply], 0);
		send_ping(c, cookie);
		make_message(message, cookie, 7, 1, -107, "?");
		assert_int_equal(send(c.osd, message, cut, 0), cut);
		assert_int_equal(fake_common_read(c.client, got, sizeof got), cut);
		assert_int_equal(send(c.osd, message + cut, MESSAGE - cut, 0), MESSAGE - cut);
		assert_int_equal(fake_common_read(c.client, got, sizeof got), MESSAGE - cut);
		assert_int_equal(count(FL_EV_ping_reply), 1);
		assert_int_equal(reply_event.result, -107);
		assert_true(reply_event.sent_ns == sent_event.sent_ns);
	}
	connection_close(c);
	end_watch(&ioctx, cookie);
}

static ssize_t short_write; /* what the socket takes of the next message; -1 EAGAIN */
static ssize_t sendmsg_short(int fd, const struct msghdr *message, int flags)
{
	(void)fd, (void)message, (void)flags;
	errno = EAGAIN;
	return short_write;
}

static void a_ping_that_leaves_in_two_parts_is_reported_once(void **state)
{
	void *real = atomic_load(&hook_real[HOOK_sendmsg]);
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t message[MESSAGE];

	(void)state;
	make_message(message, cookie, 7, 1, 0, "?");
	atomic_store(&hook_real[HOOK_sendmsg], (void *)sendmsg_short);
	for (ssize_t cut = -1; cut < MESSAGE; cut++) {
		struct iovec whole = { message, MESSAGE };
		size_t left_out = MESSAGE - (cut < 0 ? 0 : (size_t)cut);
		struct iovec rest = { message + MESSAGE - left_out, left_out };

		atomic_store(&counts[FL_EV_ping_sent], 0);
		short_write = cut;
		assert_int_equal(fake_common_send(0, &whole, 1), cut);
		assert_int_equal(errno, EAGAIN);
		short_write = (ssize_t)left_out;
		fake_common_send(0, &rest, 1);
		assert_int_equal(count(FL_EV_ping_sent), 1);
	}
	atomic_store(&hook_real[HOOK_sendmsg], real);
	end_watch(&ioctx, cookie);
}

static void what_is_no_ping_of_ours_is_not_reported(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t message[MESSAGE], got[MESSAGE];
	struct iovec segment = { message, sizeof message };
	struct msghdr not_ceph = { .msg_iov = &segment, .msg_iovlen = 1 };

	(void)state;
	send_ping(c, cookie + 1);
	make_message(message, cookie, 3, 1, 0, "?"); /* its registration */
	assert_int_equal(fake_common_send(c.client, &segment, 1), MESSAGE);
	make_message(message, cookie, 7, 1, 0, "?");
	assert_int_equal(sendmsg(c.client, &not_ceph, 0), MESSAGE); /* not from libceph-common */
	assert_int_equal(send(c.osd, message, MESSAGE, 0), MESSAGE);
	assert_int_equal(read(c.client, got, MESSAGE), MESSAGE);
	assert_int_equal(count(FL_EV_ping_sent) + count(FL_EV_ping_reply), 0);
	answer(c, cookie, 0); /* of a ping that nobody saw */
	assert_int_equal(count(FL_EV_ping_reply), 0);
	assert_int_equal(atomic_load(&pings_awaited), 0);
	connection_close(c);
	errno = 0;
	assert_int_equal(fake_common_read(-1, got, sizeof got), -1);
	assert_int_equal(errno, EBADF);
	end_watch(&ioctx, cookie);
}

static void nothing_is_looked_at_while_nobody_records(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	memset((void *)enabled, 0, sizeof enabled);
	send_ping(c, cookie);
	enabled[FL_EV_ping_reply] = enabled[FL_EV_ping_sent] = 1;
	answer(c, cookie, 0);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	assert_int_equal(count(FL_EV_ping_reply), 0);
	send_ping(c, cookie);
	answer(c, cookie, 0);
	assert_int_equal(count(FL_EV_ping_reply), 1);
	assert_true(reply_event.sent_ns == sent_event.sent_ns);
	connection_close(c);
	end_watch(&ioctx, cookie);
}

/* ---- the sampler, a thread of its own with a period of a second ---- */

static bool within_s(int seconds, bool (*so)(void))
{
	for (int i = 0; i < seconds * 100 && !so(); i++)
		usleep(10000);
	return so();
}
static bool sampled(void)
{
	return count(FL_EV_ping_sample) > 0;
}
static bool check_is_running(void)
{
	return atomic_load(&fake_check_running) > 0;
}

/* In secure mode nothing can be seen on the wire. */
static void the_sampler_alone_sees_acknowledgements_and_errors(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	struct timespec now;

	(void)state;
	fake_age_ms = 4001;
	enabled[FL_EV_ping_sample] = 1;
	assert_true(within_s(5, sampled));
	clock_gettime(CLOCK_REALTIME, &now);
	assert_int_equal(sample_event.change, 0);
	assert_true(sample_event.cookie == cookie);
	assert_true(llabs(now.tv_sec * 1000 + now.tv_nsec / 1000000 - 4000 - sample_event.acked_sent_ns / 1000000) < 1000);
	atomic_store(&counts[FL_EV_ping_sample], 0);
	fake_age_ms = 1;
	assert_true(within_s(5, sampled));
	assert_int_equal(sample_event.change, 1);
	atomic_store(&counts[FL_EV_ping_sample], 0);
	fake_age_ms = -107;
	assert_true(within_s(5, sampled));
	assert_int_equal(sample_event.change, 3);
	assert_int_equal(sample_event.age_ms, -107);
	end_watch(&ioctx, cookie);
}

static void an_unwatch_waits_for_the_sample_under_way(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 300);
	assert_true(within_s(5, check_is_running));
	end_watch(&ioctx, cookie);
	assert_false(check_is_running());
	unsigned checks = atomic_load(&fake_checks);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

static void a_shutdown_waits_for_the_sample_under_way(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	(void)state;
	live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 300);
	assert_true(within_s(5, check_is_running));
	rados_shutdown(&cluster); /* with the watch alive, as programs do that just end */
	assert_false(check_is_running());
	unsigned checks = atomic_load(&fake_checks);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

static void a_registration_under_way_is_not_sampled(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);
	unsigned checks = atomic_load(&fake_checks);

	(void)state;
	enabled[FL_EV_ping_sample] = 1;
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
	fake_complete(completion, -110);
	rados_aio_release(completion);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

/* ---- other processes ---- */

static int exit_code_of_child(int (*run)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int child_samples_its_own_watch(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	if (atomic_load(&watches_active))
		return 1; /* the parent's */
	enabled[FL_EV_ping_sample] = 1;
	live_watch(&ioctx, "rbd_header.10cc", &ctx2);
	return within_s(5, sampled) && !strcmp(sample_event.oid, "rbd_header.10cc") && !atomic_load(&fake_dangling_checks) ? 0
	                                                                                                                   : 2;
}

static void a_forked_child_has_watches_and_a_sampler_of_its_own(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	assert_int_equal(exit_code_of_child(child_samples_its_own_watch), 0);
	assert_int_equal(atomic_load(&watches_active), 1);
	end_watch(&ioctx, cookie);
}

static int child_exits_while_sampled(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 100);
	live_watch(&ioctx, "rbd_header.10cc", &ctx2);
	if (!within_s(5, check_is_running))
		return 1;
	exit(0); /* runs the exit handlers */
}

static void exit_with_a_watch_alive_ends_cleanly(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(child_exits_while_sampled), 0);
}

/* A librados whose completions cannot be understood: the watch is followed on the wire, and not sampled before that. */
static int child_cannot_tap(void)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };

	fake_hides_callbacks = 1;
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	if (called_back != 1 || count(FL_EV_watch_registered))
		return 1;
	send_ping(c, cookie);
	return count(FL_EV_watch_registered) == 1 && registered.cookie == cookie && count(FL_EV_ping_sent) == 1 ? 0 : 2;
}

static void without_a_tap_the_first_ping_proves_the_registration(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(child_cannot_tap), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(without_a_tap_the_first_ping_proves_the_registration), /* before the layout is looked at */
		TEST(a_registration_is_reported_before_its_owner_learns_of_it),
		TEST(a_failed_registration_leaves_nothing),
		TEST(a_refused_registration_gives_the_callback_back),
		TEST(a_registration_may_end_before_the_call_returns),
		TEST(the_cookie_changes_when_it_registers_again),
		TEST(notifies_and_errors_reach_their_owner),
		TEST(a_ping_and_its_answer),
		TEST(several_watches_share_a_connection),
		TEST(one_cookie_of_two_clients_is_told_apart_by_the_object),
		TEST(a_cookie_may_be_given_again_at_once),
		TEST(a_reply_cut_in_two_is_one_reply),
		TEST(a_ping_that_leaves_in_two_parts_is_reported_once),
		TEST(what_is_no_ping_of_ours_is_not_reported),
		TEST(nothing_is_looked_at_while_nobody_records),
		TEST(the_sampler_alone_sees_acknowledgements_and_errors),
		TEST(an_unwatch_waits_for_the_sample_under_way),
		TEST(a_shutdown_waits_for_the_sample_under_way),
		TEST(a_registration_under_way_is_not_sampled),
		TEST(a_forked_child_has_watches_and_a_sampler_of_its_own),
		TEST(exit_with_a_watch_alive_ends_cleanly),
	};

	atomic_store(&emit_provider, &provider);
	libraries_refresh();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
