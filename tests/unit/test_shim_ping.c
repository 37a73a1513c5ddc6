/* SPDX-License-Identifier: MIT */
/* Pings of watches in what libceph-common sends and reads. */
#include "fakes/watch_fixture.h"
#include "base/hook.h"
#include "follow/pings.h"
#include "follow/wire.h"

#include <errno.h>
#include <pthread.h>
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
	uint8_t one[PING_MAX], two[PING_MAX], both[2 * PING_MAX];
	size_t op_at, first = make_ping(one, a, "rbd_header.10aa", &op_at), second;

	(void)state;
	memcpy(both, one, PING_MAX);
	make_answer(one, a, 0, "rbd_header.10aa", &op_at);
	struct iovec segments[] = { { both, first }, { two, make_ping(two, b, "rbd_header.10bb", &op_at) } };
	fake_common_send(c.client, segments, 2);
	assert_int_equal(count(FL_EV_ping_sent), 2);
	assert_true(sent_event.cookie == b);
	first = op_at = 0;
	second = make_answer(two, b, 0, "rbd_header.10bb", &op_at);
	first = ping_reply(both, &(struct ping_fields){ "rbd_header.10aa", a, 0, 1, 0, 7 }, &op_at);
	memcpy(both, one, first);
	memcpy(both + first, two, second);
	deliver(c, both, first + second); /* both answers in one read */
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
	uint8_t ping[PING_MAX];
	size_t op_at, length = make_ping(ping, cookie, OID, &op_at);
	struct iovec segments[] = { { front, sizeof front }, { data, sizeof data }, { front, sizeof front },
		                    { data, 4096 },          { ping, length },      { front, sizeof front } };

	(void)state;
	forget_count(FL_EV_ping_sent);
	fake_common_send(c.client, segments, 6);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_int_equal(sent_event.cookie, cookie);
	/* Its own segment may hold more than the ping, too. */
	memcpy(data + 300, ping, length);
	struct iovec one = { data, 1000 };
	forget_count(FL_EV_ping_sent);
	fake_common_send(c.client, &one, 1);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	answer(c, cookie, 0); /* the header was found in there, too */
	assert_int_equal(count(FL_EV_ping_reply), 1);
	connection_close(c);
	end_watch(&ioctx, cookie);
}

/* As Ceph hands it to sendmsg: preamble, header, checksum, front and epilogue each for itself. */
static void the_answer_belongs_to_the_message_of_the_ping(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	struct ping_fields fields = { OID, cookie, 4711, 1, 0, 7 };
	uint8_t ping[PING_MAX], reply[PING_MAX];
	size_t op_at, length = ping_request(ping, &fields, &op_at);
	struct iovec segments[] = { { ping, PING_HEADER_AT },
		                    { ping + PING_HEADER_AT, 41 },
		                    { ping + PING_HEADER_AT + 41, 4 },
		                    { ping + PING_FRONT_AT, length - 13 - PING_FRONT_AT },
		                    { ping + length - 13, 13 } };

	(void)state;
	fake_common_send(c.client, segments, 5);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	fields.tid++; /* all of it right, but for another message */
	deliver(c, reply, ping_reply(reply, &fields, &op_at));
	assert_int_equal(count(FL_EV_ping_reply), 0);
	fields.tid--;
	size_t whole = ping_reply(reply, &fields, &op_at);
	deliver(c, reply, whole);
	assert_int_equal(count(FL_EV_ping_reply), 1);
	deliver(c, reply, whole); /* one ping, one answer */
	assert_int_equal(count(FL_EV_ping_reply), 1);
	assert_int_equal(atomic_load(&pings_awaited), 0);
	connection_close(c);
	end_watch(&ioctx, cookie);
}

/* A guest that knows the cookie writes and reads blocks that look like pings and answers, but for what it cannot know. */
static void a_guest_cannot_forge_pings(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	static const char *const names[] = { "", "?", "rbd_header.10a", "rbd_header.10ab", "rbd_header.10aaa", "rbd_data.10aa" };
	uint8_t message[PING_MAX], sector[1024], got[1024];
	struct iovec segment = { sector, sizeof sector };
	size_t op_at, length;

	(void)state;
	send_ping(c, cookie); /* an answer is awaited */
	forget_count(FL_EV_ping_sent);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t at = 0; at < 512; at += 13) {
			memset(sector, 0, sizeof sector);
			length = make_ping(message, cookie, names[i], &op_at);
			memcpy(sector + at, message, length);
			fake_common_send(c.client, &segment, 1);
			assert_int_equal(recv(c.osd, got, sizeof got, MSG_WAITALL), sizeof got);
			length = make_answer(message, cookie, -108, names[i], &op_at);
			memcpy(sector + at, message, length);
			deliver(c, sector, sizeof sector);
		}
	/* no name at all: the operation alone, as often as it fits, with the result and the number in front of it */
	make_answer(message, cookie, -108, OID, &op_at);
	for (size_t at = 0; at + 64 <= sizeof sector; at += 64)
		memcpy(sector + at, message + op_at - 36, 64);
	fake_common_send(c.client, &segment, 1);
	deliver(c, sector, sizeof sector);
	/* all of a front, in a sector behind other data, but no header; and all of an answer, on another connection */
	struct connection other = connection_open();
	struct iovec behind[] = { { got, sizeof got }, { sector, sizeof sector } };
	length = make_ping(message, cookie, OID, &op_at);
	memset(sector, 0, sizeof sector);
	memset(got, 0, sizeof got);
	memcpy(sector, message + PING_FRONT_AT, length - PING_FRONT_AT);
	fake_common_send(c.client, behind, 2);
	for (int i = 0; i < 3; i++) /* and what was sent above */
		assert_int_equal(recv(c.osd, got, sizeof got, MSG_WAITALL), sizeof got);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	send_ping(c, cookie); /* whose number is known to who answers */
	length = make_answer(message, cookie, 0, OID, &op_at);
	deliver(other, message, length);
	connection_close(other);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	forget_count(FL_EV_ping_sent);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	assert_int_equal(count(FL_EV_ping_reply), 0);
	/* nor has it hidden the answer, in the same read and in the next one */
	connection_close(c);
	c = connection_open();
	send_ping(c, cookie);
	length = make_answer(message, cookie, 0, OID, &op_at);
	memset(sector, 0xff, sizeof sector);
	memcpy(sector + 512, message, length);
	deliver(c, sector, sizeof sector);
	assert_int_equal(count(FL_EV_ping_reply), 1);
	assert_int_equal(reply_event.result, 0);
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
	uint8_t message[PING_MAX];
	size_t op_at, length;

	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
		forget_count(FL_EV_ping_reply);
		send_ping(c, cookie);
		length = make_answer(message, cookie, 0, OID, &op_at);
		assert_int_equal(send(c.osd, message, length, 0), length);
		assert_int_equal(fake_common_read(c.client, got, reads[i].asked), length);
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
	uint8_t message[PING_MAX];
	size_t op_at, length = make_answer(message, cookie, -107, OID, &op_at);

	(void)state;
	for (size_t cut = 1; cut < length; cut++) {
		forget_count(FL_EV_ping_reply);
		send_ping(c, cookie);
		length = make_answer(message, cookie, -107, OID, &op_at);
		deliver(c, message, cut);
		deliver(c, message + cut, length - cut);
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
	uint8_t message[PING_MAX];
	size_t op_at, length = make_ping(message, cookie, OID, &op_at);

	(void)state;
	atomic_store(&hook_real[HOOK_sendmsg], (void *)sendmsg_short);
	for (ssize_t cut = -1; cut < (ssize_t)length; cut++) {
		struct iovec whole = { message, length };
		size_t left_out = length - (cut < 0 ? 0 : (size_t)cut);
		struct iovec rest = { message + length - left_out, left_out };

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
	uint8_t message[PING_MAX], got[PING_MAX];
	size_t op_at, length = make_ping(message, cookie, OID, &op_at);
	struct iovec segment = { message, length };
	struct msghdr not_ceph = { .msg_iov = &segment, .msg_iovlen = 1 };

	(void)state;
	send_ping(c, cookie + 1);
	assert_int_equal(sendmsg(c.client, &not_ceph, 0), length); /* not from libceph-common */
	message[op_at + 22] = 3;                                   /* its registration */
	assert_int_equal(fake_common_send(c.client, &segment, 1), length);
	length = make_answer(message, cookie, 0, OID, &op_at);
	assert_int_equal(send(c.osd, message, length, 0), length);
	assert_int_equal(read(c.client, got, length), length);
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

/* After its OSD died, or its connection: the watch is registered anew under the cookie that it has, and its OSD answers. */
static void a_reconnect_and_its_answer_are_told_and_are_no_ping(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	struct connection c = connection_open();
	struct ping_fields fields = { OID, cookie, 900, 2, 0, 5 };
	uint8_t message[PING_MAX];
	size_t op_at;
	struct iovec segment = { message, ping_request(message, &fields, &op_at) };

	(void)state;
	assert_true(fake_common_send(c.client, &segment, 1) > 0);
	assert_int_equal(count(FL_EV_watch_reconnect_sent), 1);
	assert_int_equal(atomic_load(&pings_awaited), 1);
	deliver(c, message,
	        ping_reply(message, &(struct ping_fields){ OID, cookie, 901, 2, 0, 5 }, &op_at)); /* another message's */
	deliver(c, message, ping_reply(message, &(struct ping_fields){ OID, cookie, 900, 1, 0, 5 }, &op_at)); /* an older one's */
	assert_int_equal(count(FL_EV_watch_reconnect_reply), 0);
	fields.result = -107;
	deliver(c, message, ping_reply(message, &fields, &op_at));
	deliver(c, message, ping_reply(message, &fields, &op_at)); /* answered once */
	assert_int_equal(count(FL_EV_watch_reconnect_reply), 1);
	assert_int_equal(reconnect_event.result, -107);
	assert_true(reconnect_event.cookie == cookie && reconnect_event.gen == 2 && reconnect_event.rtt_ns > 0);
	assert_int_equal(atomic_load(&pings_awaited), 0);
	assert_int_equal(count(FL_EV_ping_sent) + count(FL_EV_ping_reply), 0);
	end_watch(&ioctx, cookie);
	connection_close(c);
}

/* A tick of a process with many images: all pings to one OSD leave together. */
static void a_hundred_pings_in_one_message_are_all_reported(void **state)
{
	enum { MANY = 60 }; /* as many watches as the fake has; the other pings are seconds of the same */
	static uint8_t messages[2 * MANY][PING_MAX];
	struct iovec segments[2 * MANY];
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookies[MANY];
	struct connection c = connection_open();
	size_t op_at;

	(void)state;
	for (int i = 0; i < MANY; i++)
		cookies[i] = live_watch(&ioctx, OID, &ctx2);
	for (int i = 0; i < 2 * MANY; i++)
		segments[i] = (struct iovec){ messages[i], make_ping(messages[i], cookies[i % MANY], OID, &op_at) };
	assert_true(fake_common_send(c.client, segments, 2 * MANY) > 0);
	assert_int_equal(count(FL_EV_ping_sent), 2 * MANY);
	for (int i = 0; i < MANY; i++)
		end_watch(&ioctx, cookies[i]);
	connection_close(c);
}

/* A message with a ping in it that no one takes: the messenger's thread stands in sendmsg. */
static void *stand_in_sendmsg(void *arg)
{
	const struct connection *c = arg;
	uint8_t message[PING_MAX];
	size_t op_at, length = make_ping(message, registered.cookie, OID, &op_at);
	struct iovec segment = { message, length };

	fake_common_send(c->client, &segment, 1);
	return NULL;
}

static void fill(struct connection c)
{
	static const char data[4096];

	while (send(c.client, data, sizeof data, MSG_DONTWAIT) > 0)
		;
}

static int child_has_no_ping_under_way(void)
{
	return wire_is_looking() || atomic_load(&pings_awaited) ? 1 : 0;
}

static void a_forked_child_begins_with_no_ping_under_way(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	struct connection c = connection_open();
	pthread_t thread;
	char got[4096];

	(void)state;
	fill(c);
	assert_false(wire_is_looking());
	assert_int_equal(pthread_create(&thread, NULL, stand_in_sendmsg, &c), 0);
	while (!wire_is_looking())
		usleep(1000);
	atomic_fetch_add(&pings_awaited, 1); /* as if another thread were between two instructions of a change */
	int code = exit_code_of_child(child_has_no_ping_under_way);
	atomic_fetch_sub(&pings_awaited, 1);
	shutdown(c.osd, SHUT_RDWR);
	while (recv(c.osd, got, sizeof got, MSG_DONTWAIT) > 0)
		;
	pthread_join(thread, NULL);
	connection_close(c);
	end_watch(&ioctx, cookie);
	assert_int_equal(code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ping_and_its_answer),
		TEST(several_watches_share_a_connection),
		TEST(a_ping_that_had_to_wait_leaves_behind_other_messages),
		TEST(the_answer_belongs_to_the_message_of_the_ping),
		TEST(a_guest_cannot_forge_pings),
		TEST(one_cookie_of_two_clients_is_told_apart_by_the_object),
		TEST(a_cookie_may_be_given_again_at_once),
		TEST(a_reply_is_seen_whatever_a_release_reads_ahead),
		TEST(a_reply_cut_in_two_is_one_reply),
		TEST(a_ping_that_leaves_in_two_parts_is_reported_once),
		TEST(what_is_no_ping_of_ours_is_not_reported),
		TEST(nothing_is_looked_at_while_nobody_records),
		TEST(a_reconnect_and_its_answer_are_told_and_are_no_ping),
		TEST(a_hundred_pings_in_one_message_are_all_reported),
		TEST(a_forked_child_begins_with_no_ping_under_way),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
