/* SPDX-License-Identifier: MIT */
/* Pings of watches in what libceph-common sends and reads. */
#include "fakes/watch_fixture.h"
#include "hook.h"
#include "pings.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* What could not leave at once leaves together: a write's front and its data, and behind them the ping. */
static void a_ping_that_had_to_wait_leaves_behind_other_messages(void **state)
{
	static uint8_t front[324], data[65536];
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t ping[MESSAGE];
	struct iovec segments[] = { { front, sizeof front }, { data, sizeof data }, { front, sizeof front },
		                    { data, 4096 },          { ping, MESSAGE },     { front, sizeof front } };

	(void)state;
	make_message(ping, cookie, 7, 1, 0, "rbd_header.10aa");
	forget_count(FL_EV_ping_sent);
	fake_common_send(c.client, segments, 6);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_int_equal(sent_event.cookie, cookie);
	/* Its own segment may hold more than the ping, too. */
	memcpy(data, ping, MESSAGE);
	struct iovec one = { data, 1000 };
	forget_count(FL_EV_ping_sent);
	fake_common_send(c.client, &one, 1);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	connection_close(c);
	end_watch(&ioctx, cookie);
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

/* ms_tcp_prefetch_max_size: 4 KiB up to Ceph 18, 64 KiB in Ceph 20. Whoever asks for more reads a message's data. */
static void a_reply_is_seen_whatever_a_release_reads_ahead(void **state)
{
	static const struct {
		size_t asked;
		int seen;
	} reads[] = { { 4096, 1 }, { 65536, 1 }, { 65537, 0 } };
	static uint8_t got[65537];
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t message[MESSAGE];

	(void)state;
	make_message(message, cookie, 7, 1, 0, "?");
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		forget_count(FL_EV_ping_reply);
		send_ping(c, cookie);
		assert_int_equal(send(c.osd, message, sizeof message, 0), MESSAGE);
		assert_int_equal(fake_common_read(c.client, got, reads[i].asked), MESSAGE);
		assert_int_equal(count(FL_EV_ping_reply), reads[i].seen);
	}
	connection_close(c);
	end_watch(&ioctx, cookie);
}

static void a_reply_cut_in_two_is_one_reply(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	uint8_t message[MESSAGE], got[4096];

	(void)state;
	for (size_t cut = OP_AT - 30; cut <= OP_AT + 30; cut++) {
		forget_count(FL_EV_ping_reply);
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

		forget_count(FL_EV_ping_sent);
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
	for (int i = 0; i < FL_EV_COUNT; i++)
		enabled[i] = 0;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ping_and_its_answer),
		TEST(several_watches_share_a_connection),
		TEST(a_ping_that_had_to_wait_leaves_behind_other_messages),
		TEST(one_cookie_of_two_clients_is_told_apart_by_the_object),
		TEST(a_cookie_may_be_given_again_at_once),
		TEST(a_reply_is_seen_whatever_a_release_reads_ahead),
		TEST(a_reply_cut_in_two_is_one_reply),
		TEST(a_ping_that_leaves_in_two_parts_is_reported_once),
		TEST(what_is_no_ping_of_ours_is_not_reported),
		TEST(nothing_is_looked_at_while_nobody_records),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
