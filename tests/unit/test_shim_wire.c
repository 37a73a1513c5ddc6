/* SPDX-License-Identifier: MIT */
/* Watch operations in what is sent and received, fronts of notifies, frames. */
#include "fakes/ping_messages.h"
#include "follow/frames.h"
#include "follow/watch_proxy.h"
#include "follow/wire_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COOKIE 0x00007f31ab34cd50u

struct seen {
	int count;
	struct wire_op op[8];
	int32_t result[8];
	uint64_t tid[8];
	bool named[8];
};

static void note(const struct wire_op *op, int32_t result, void *arg)
{
	struct seen *seen = arg;
	int i = seen->count++;

	assert_true(i < 8);
	seen->op[i] = *op;
	seen->result[i] = result;
	seen->named[i] = wire_name_is(op, i ? "rbd_header.10bb" : "rbd_header.10aa");
	size_t front = strlen("rbd_header.10aa") + 4;
	seen->tid[i] = op->before >= front ? wire_tid(op->name_end - front, op->before - front, WIRE_REPLY) : 0;
}

static const struct ping_fields answers[2] = { { "rbd_header.10aa", COOKIE, 7001, 3, -107, 7 },
	                                       { "rbd_header.10bb", COOKIE + 1, 7002, 4, 0, 3 } };

/* Two replies in 1100 bytes of other things, some of which begin like an operation, or hold a row of 0xff. */
static size_t make_stream(uint8_t *stream)
{
	uint8_t message[PING_MAX];
	size_t length = 1100, op_at;

	memset(stream, 0xaa, length);
	memcpy(stream + 60, message, ping_reply(message, &answers[0], &op_at));
	stream[400] = 0x0f;
	stream[401] = 0x22;
	memset(stream + 410, 0xff, 37);
	memcpy(stream + 700, message, ping_reply(message, &answers[1], &op_at));
	return length;
}

static void check_seen(const struct seen *seen)
{
	assert_int_equal(seen->count, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(seen->result[i], answers[i].result);
		assert_true(seen->op[i].cookie == answers[i].cookie);
		assert_int_equal(seen->op[i].op, answers[i].op);
		assert_int_equal(seen->op[i].gen, answers[i].gen);
		assert_true(seen->named[i]);
		assert_int_equal(seen->tid[i], answers[i].tid);
	}
}

static void replies_are_found_once_however_the_stream_is_cut(void **state)
{
	uint8_t stream[1100];
	size_t length = make_stream(stream);

	(void)state;
	for (size_t first = 0; first <= length; first++)
		for (size_t second = first; second <= length; second += 41) {
			struct wire_tail tail = { 0 };
			struct seen seen = { 0 };
			/* malloc'ed copies: reading past an end is a fault under ASan and valgrind */
			size_t cuts[] = { 0, first, second, length };
			for (int i = 0; i < 3; i++) {
				size_t size = cuts[i + 1] - cuts[i];
				uint8_t *part = malloc(size + !size);
				memcpy(part, stream + cuts[i], size);
				wire_replies(&tail, part, size, note, &seen);
				free(part);
			}
			check_seen(&seen);
		}
}

/* With so little kept of it the head may be gone. */
static void replies_are_found_once_byte_by_byte(void **state)
{
	uint8_t stream[1100];
	size_t length = make_stream(stream);

	(void)state;
	for (size_t step = 1; step < 70; step++) {
		struct wire_tail tail = { 0 };
		struct seen seen = { 0 };
		for (size_t i = 0; i < length; i += step)
			wire_replies(&tail, stream + i, i + step > length ? length - i : step, note, &seen);
		check_seen(&seen);
	}
}

/* The -1 that is searched for stands behind a hash that may be anything, 0xffffffff for instance, and that behind the pool's
 * number. */
static void a_reply_is_found_whatever_its_hash_and_pool(void **state)
{
	uint8_t message[PING_MAX], data[1024];
	size_t op_at, length = ping_reply(message, &answers[0], &op_at), minus_one = op_at - 36;

	(void)state;
	for (size_t ones = 0; ones <= 12; ones++)
		for (size_t shift = 0; shift < 64; shift++) {
			struct wire_tail tail = { 0 };
			struct seen seen = { 0 };
			memset(data, 0, sizeof data);
			memset(message + minus_one - 12, 0, 12);
			memset(message + minus_one - ones, 0xff, ones);
			memcpy(data + shift, message, length);
			wire_replies(&tail, data, sizeof data, note, &seen);
			assert_int_equal(seen.count, 1);
			assert_true(seen.op[0].cookie == COOKIE && seen.named[0] && seen.tid[0] == 7001);
		}
}

/* Whatever the search's step and wherever a cache line begins: in a buffer that ends where the operation does. */
static void a_reply_is_found_in_long_reads_at_every_alignment(void **state)
{
	enum { LONG = 4096 };
	uint8_t message[PING_MAX];
	size_t op_at, whole;

	(void)state;
	ping_reply(message, &answers[0], &op_at);
	whole = op_at + 27;
	for (size_t shift = 0; shift < 64; shift++)
		for (size_t size = whole; size < LONG; size += size < 900 ? 1 : 97)
			for (int tailed = 0; tailed < 2; tailed++) {
				uint8_t *data = malloc(shift + size), *begin = data + shift;
				struct wire_tail tail = { 0 };
				struct seen seen = { 0 };
				memset(data, size % 3 == 0 ? 0xff : size % 3 == 1 ? 0x0f : 0, shift + size);
				memcpy(begin + size - whole, message, whole);
				if (tailed)
					wire_replies(&tail, (const uint8_t *)"something", 9, note, &seen);
				wire_replies(&tail, begin, size, note, &seen);
				assert_int_equal(seen.count, 1);
				assert_true(seen.op[0].cookie == COOKIE && seen.named[0] && seen.tid[0] == 7001);
				free(data);
				seen.count = 0; /* cut off by one byte it is none */
				data = malloc(shift + size - 1);
				memset(data, 0, shift + size - 1);
				memcpy(data + shift + size - whole, message, whole - 1);
				tail.length = 0;
				wire_replies(&tail, data + shift, size - 1, note, &seen);
				assert_int_equal(seen.count, 0);
				free(data);
			}
}

/* The search without the processor's help is the measure of the one with it: in data made of the bytes that replies are made of.
 */
static void what_random_data_holds_is_found_the_same_in_one_read_and_byte_by_byte(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0xff, 0xff, 0xff, 0x0f, 0x22, 1, 0, 0, 7 };
	enum { SIZE = 700 };
	static _Alignas(64) uint8_t room[SIZE + 64];
	uint8_t message[PING_MAX];
	size_t op_at;
	uint32_t random = 12345;

	(void)state;
	ping_reply(message, &answers[0], &op_at);
	for (int round = 0; round < 3000; round++) {
		struct wire_tail one = { 0 }, other = { 0 };
		struct seen whole = { 0 }, pieces = { 0 };
		uint8_t *data = room + round % 64;
		for (size_t i = 0; i < SIZE; i++)
			data[i] = bytes[((random = random * 1103515245 + 12345) >> 16) % sizeof bytes];
		if (round & 1)
			memcpy(data + (random >> 8) % 400, message + PING_FRONT_AT, op_at + 27 - PING_FRONT_AT);
		if (round & 2) /* from where the name ends: as near to the beginning as one can stand */
			memcpy(data + (random >> 16) % 40, message + op_at - 49, 49 + 27);
		wire_replies(&one, data, SIZE, note, &whole);
		if ((round & 2) && !(round & 1))
			assert_true(whole.count >= 1);
		for (size_t i = 0; i < SIZE; i++)
			wire_replies(&other, data + i, 1, note, &pieces);
		assert_int_equal(whole.count, pieces.count);
		for (int i = 0; i < whole.count; i++)
			assert_true(whole.op[i].cookie == pieces.op[i].cookie && whole.result[i] == pieces.result[i]);
	}
}

static void a_request_is_found_at_every_place_up_to_the_last_byte(void **state)
{
	uint8_t message[PING_MAX];
	struct wire_op op;
	size_t op_at;

	(void)state;
	ping_request(message, &answers[0], &op_at);
	for (size_t cut = 0; cut < op_at - 1; cut++) {
		size_t whole = op_at + 27 - cut;
		uint8_t *data = malloc(whole);
		memcpy(data, message + cut, whole);
		assert_true(wire_next_request(data, 0, whole, &op));
		assert_int_equal(op.at, op_at - cut);
		assert_int_equal(wire_name_is(&op, "rbd_header.10aa"), cut <= PING_FRONT_AT + PING_NAME_IN_REQUEST);
		assert_false(wire_name_is(&op, "bd_header.10aa")); /* the length in front is another one */
		assert_false(wire_next_request(data, op.at + 1, whole, &op));
		assert_false(wire_next_request(data, 0, whole - 1, &op)); /* cut off by one byte it is none */
		free(data);
	}
	assert_false(wire_next_request(message, 0, 0, &op));
	assert_false(wire_next_request(message, 0, 1, &op));
}

static void an_unknown_watch_op_is_none(void **state)
{
	struct ping_fields fields = answers[0];
	struct wire_tail tail = { 0 };
	struct seen seen = { 0 };
	uint8_t message[PING_MAX];
	struct wire_op op;
	size_t op_at;

	(void)state;
	fields.op = 8;
	assert_false(wire_next_request(message, 0, ping_request(message, &fields, &op_at), &op));
	wire_replies(&tail, message, ping_reply(message, &fields, &op_at), note, &seen);
	assert_int_equal(seen.count, 0);
}

/* ---- notifies ---- */

static void the_front_of_a_notify_names_its_op(void **state)
{
	const uint8_t request_lock[] = { 6, 1, 20, 0, 0, 0, 2, 0, 0, 0 };
	const uint8_t text[] = "hello, this is something else";

	(void)state;
	assert_int_equal(notify_op(request_lock, sizeof request_lock, 26), 2);
	assert_int_equal(notify_op(request_lock, sizeof request_lock, 25), -1); /* longer than the payload */
	assert_int_equal(notify_op(request_lock, 9, 26), -1);
	assert_int_equal(notify_op(request_lock, 0, 0), -1);
	assert_int_equal(notify_op(text, 10, sizeof text), -1);
}

/* ---- frames ---- */

static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < size * 8; i++)
		crc = crc >> 1 ^ (((crc ^ bytes[i / 8] >> i % 8) & 1) ? 0x82f63b78u : 0);
	return crc;
}

/* A frame of segments of these lengths, filled with their number; as msgr2.1, or 2.0. Returns how long it is. */
static size_t put_frame(uint8_t *to, uint8_t tag, unsigned segments, const uint32_t *lengths, bool older)
{
	size_t at = 32;
	uint32_t crc;

	memset(to, 0, 32);
	to[0] = tag;
	to[1] = (uint8_t)segments;
	for (unsigned i = 0; i < segments; i++) {
		memcpy(to + 2 + 6 * i, &lengths[i], 4);
		memset(to + at, (int)i + 1, lengths[i]);
		at += lengths[i];
		if (!older && i == 0) {
			memset(to + at, 0xcc, 4);
			at += 4;
		}
	}
	crc = checksum(to, 28);
	memcpy(to + 28, &crc, 4);
	size_t end = older ? 17 : segments > 1 ? 13 : 0;
	memset(to + at, 0xee, end);
	return at + end;
}

/* An acknowledgement, a write of 600 bytes whose data are a frame themselves, and a message without data. */
static size_t make_frames(uint8_t *to, bool older, size_t fronts[2])
{
	static const uint32_t ack[] = { 8 }, write[] = { 41, 250, 0, 600 }, small[] = { 41, 210 };
	size_t at = put_frame(to, 20, 1, ack, older);

	fronts[0] = at + 32 + 41 + (older ? 0 : 4);
	size_t end = at + put_frame(to + at, 17, 4, write, older);
	put_frame(to + fronts[0] + 250, 17, 2, small, older);
	fronts[1] = end + 32 + 41 + (older ? 0 : 4);
	return end + put_frame(to + end, 17, 2, small, older);
}

static bool is_in_front(const size_t fronts[2], size_t at)
{
	return (at >= fronts[0] && at < fronts[0] + 250) || (at >= fronts[1] && at < fronts[1] + 210);
}

/* In segments of a few bytes each, sent up to any byte and gone on with from there. */
static void only_a_message_s_front_is_its_front(void **state)
{
	uint8_t bytes[2048];
	struct iovec segments[2048];
	size_t fronts[2];

	(void)state;
	for (int older = 0; older < 2; older++) {
		size_t length = make_frames(bytes, older, fronts), count = 0;
		for (size_t at = 0, step; at < length; at += step) {
			step = at + 1 + at % 37 > length ? length - at : 1 + at % 37;
			segments[count++] = (struct iovec){ bytes + at, step };
		}
		struct msghdr message = { .msg_iov = segments, .msg_iovlen = count }, rest = { .msg_iov = segments };
		for (size_t sent = 0; sent <= length; sent += 7) {
			struct frames whole = { .message = &message, .total = length }, again = whole,
			              tail = { .message = &rest };
			for (size_t at = 0; at < length; at++) {
				enum place place = frames_place(&whole, at);
				bool near = !is_in_front(fronts, at) && at + 4 >= fronts[0]; /* the checksum before a front */
				assert_true(place == (is_in_front(fronts, at) ? IN_FRONT : ELSEWHERE) ||
				            (near && place == IN_FRONT));
			}
			struct iovec what_is_left = { bytes + sent, length - sent };
			rest.msg_iov = &what_is_left;
			rest.msg_iovlen = 1;
			tail.total = length - sent;
			tail.at = frames_left(&again, sent);
			for (size_t at = tail.at; at < tail.total; at++)
				assert_int_equal(frames_place(&tail, at) == IN_FRONT && is_in_front(fronts, at + sent),
				                 is_in_front(fronts, at + sent));
		}
	}
}

static void what_is_no_frame_is_not_known(void **state)
{
	uint8_t bytes[2048];
	size_t fronts[2], length = make_frames(bytes, false, fronts);
	struct iovec segment = { bytes, length };
	struct msghdr message = { .msg_iov = &segment, .msg_iovlen = 1 };

	(void)state;
	bytes[28] ^= 1; /* the first preamble's checksum */
	assert_int_equal(frames_place(&(struct frames){ .message = &message, .total = length }, 100), NOT_KNOWN);
	bytes[28] ^= 1;
	struct frames frames = { .message = &message, .total = length, .at = 3 };
	assert_int_equal(frames_place(&frames, 2), ELSEWHERE); /* left over from before */
	assert_int_equal(frames_place(&frames, 3), NOT_KNOWN);
	assert_int_equal(frames_left(&frames, length), 0);
	assert_int_equal(frames_left(&(struct frames){ .message = &message, .total = length }, length), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_message_s_front_is_its_front),
		cmocka_unit_test(what_is_no_frame_is_not_known),
		cmocka_unit_test(replies_are_found_once_however_the_stream_is_cut),
		cmocka_unit_test(replies_are_found_once_byte_by_byte),
		cmocka_unit_test(a_reply_is_found_in_long_reads_at_every_alignment),
		cmocka_unit_test(a_reply_is_found_whatever_its_hash_and_pool),
		cmocka_unit_test(what_random_data_holds_is_found_the_same_in_one_read_and_byte_by_byte),
		cmocka_unit_test(a_request_is_found_at_every_place_up_to_the_last_byte),
		cmocka_unit_test(an_unknown_watch_op_is_none),
		cmocka_unit_test(the_front_of_a_notify_names_its_op),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
