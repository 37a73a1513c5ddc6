/* SPDX-License-Identifier: MIT */
/* Watch operations in what is sent and received, pings and their answers, ages of watch_check, fronts of notifies. */
#include "pings.h"
#include "sampler.h"
#include "watch_proxy.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COOKIE 0x00007f31ab34cd50u

/* As a reply has it: result, 20 bytes of replay version, epoch and count, then the operation. */
static size_t put_reply(uint8_t *to, int32_t result, uint64_t cookie, uint8_t watch_op, uint32_t gen)
{
	memset(to, 0, WIRE_RESULT_BEFORE + WIRE_OP_SIZE);
	memcpy(to, &result, sizeof result);
	to += WIRE_RESULT_BEFORE;
	to[0] = 0x0f;
	to[1] = 0x22;
	memcpy(to + 6, &cookie, sizeof cookie);
	to[22] = watch_op;
	memcpy(to + 23, &gen, sizeof gen);
	return WIRE_RESULT_BEFORE + WIRE_OP_SIZE;
}

struct seen {
	int count;
	struct wire_op op[8];
	int32_t result[8];
};

static void note(const struct wire_op *op, int32_t result, const uint8_t *text, size_t length, void *arg)
{
	struct seen *seen = arg;

	(void)text, (void)length;
	assert_true(seen->count < 8);
	seen->op[seen->count] = *op;
	seen->result[seen->count++] = result;
}

/* Two replies in 300 bytes of other things, some of which begin like an operation. */
static size_t make_stream(uint8_t *stream)
{
	size_t length = 300;

	memset(stream, 0xaa, length);
	put_reply(stream + 60, -107, COOKIE, 7, 3);
	stream[150] = 0x0f;
	stream[151] = 0x22;
	put_reply(stream + 200, 0, COOKIE + 1, 3, 4);
	return length;
}

static void check_seen(const struct seen *seen)
{
	assert_int_equal(seen->count, 2);
	assert_int_equal(seen->result[0], -107);
	assert_true(seen->op[0].cookie == COOKIE);
	assert_int_equal(seen->op[0].op, 7);
	assert_int_equal(seen->op[0].gen, 3);
	assert_int_equal(seen->result[1], 0);
	assert_true(seen->op[1].cookie == COOKIE + 1);
	assert_int_equal(seen->op[1].op, 3);
	assert_int_equal(seen->op[1].gen, 4);
}

static void replies_are_found_once_however_the_stream_is_cut(void **state)
{
	uint8_t stream[300];
	size_t length = make_stream(stream);

	(void)state;
	for (size_t first = 0; first <= length; first++)
		for (size_t second = first; second <= length; second += 7) {
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

static void replies_are_found_once_byte_by_byte(void **state)
{
	uint8_t stream[300];
	size_t length = make_stream(stream);
	struct wire_tail tail = { 0 };
	struct seen seen = { 0 };

	(void)state;
	for (size_t i = 0; i < length; i++)
		wire_replies(&tail, stream + i, 1, note, &seen);
	check_seen(&seen);
}

static void an_operation_is_found_at_every_place_up_to_the_last_byte(void **state)
{
	uint8_t data[128];
	struct wire_op op;

	(void)state;
	for (size_t at = 0; at + WIRE_RESULT_BEFORE + WIRE_OP_SIZE <= sizeof data; at++) {
		memset(data, 0x0f, sizeof data); /* every byte could be the first of an operation */
		put_reply(data + at, 0, COOKIE, 7, 1);
		assert_true(wire_next_op(data, 0, sizeof data, &op));
		assert_int_equal(op.at, at + WIRE_RESULT_BEFORE);
		assert_false(wire_next_op(data, op.at + 1, sizeof data, &op));
		/* cut off by one byte it is none */
		assert_false(wire_next_op(data, 0, at + WIRE_RESULT_BEFORE + WIRE_OP_SIZE - 1, &op));
	}
	assert_false(wire_next_op(data, 0, 0, &op));
	assert_false(wire_next_op(data, 0, 1, &op));
}

/* Whatever the search's step and wherever a cache line begins: in a buffer that ends where the operation does. */
static void an_operation_is_found_in_long_reads_at_every_alignment(void **state)
{
	enum { LONG = 4096 };
	struct wire_op op;

	(void)state;
	for (size_t shift = 0; shift < 64; shift++)
		for (size_t size = WIRE_RESULT_BEFORE + WIRE_OP_SIZE; size < LONG; size += size < 600 ? 1 : 97) {
			uint8_t *data = malloc(shift + size), *end = data + shift + size;
			memset(data, size & 1 ? 0x0f : 0x22, shift + size);
			assert_false(wire_next_op(data + shift, 0, size, &op));
			put_reply(end - WIRE_RESULT_BEFORE - WIRE_OP_SIZE, 0, COOKIE, 7, 1);
			assert_true(wire_next_op(data + shift, 0, size, &op));
			assert_int_equal(op.at, size - WIRE_OP_SIZE);
			assert_true(op.cookie == COOKIE);
			free(data);
		}
}

static void an_unknown_watch_op_is_none(void **state)
{
	uint8_t data[64] = { 0 };
	struct wire_op op;

	(void)state;
	put_reply(data, 0, COOKIE, 8, 1);
	assert_false(wire_next_op(data, 0, sizeof data, &op));
}

/* ---- pings ---- */

static void answers_go_to_pings_in_their_order(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	assert_false(pings_answered(&pings, 0, &ping)); /* begun before we looked */
	for (int i = 1; i <= 3; i++)
		pings_sent(&pings, &(struct ping){ 0, i * 100, (uint64_t)i });
	for (int i = 1; i <= 3; i++) {
		assert_true(pings_answered(&pings, 0, &ping));
		assert_int_equal(ping.sent_ns, i * 100);
	}
	assert_false(pings_answered(&pings, 0, &ping));
}

static void pings_of_an_older_registration_are_not_answered(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	pings_sent(&pings, &(struct ping){ 0, 100, 1 });
	pings_sent(&pings, &(struct ping){ 0, 200, 2 });
	assert_false(pings_answered(&pings, 1, &ping));
	pings_sent(&pings, &(struct ping){ 1, 300, 3 });
	assert_false(pings_answered(&pings, 0, &ping));
	assert_true(pings_answered(&pings, 1, &ping));
	assert_int_equal(ping.sent_ns, 300);
}

static void forgotten_pings_are_answered_without_a_time(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	for (int i = 0; i < PINGS_KEPT + 2; i++)
		pings_sent(&pings, &(struct ping){ 0, i, (uint64_t)i });
	assert_false(pings_answered(&pings, 0, &ping));
	assert_false(pings_answered(&pings, 0, &ping));
	assert_true(pings_answered(&pings, 0, &ping));
	assert_int_equal(ping.sent_ns, 2);
}

static void pings_from_before_the_recording_are_answered_first(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	pings_sent(&pings, &(struct ping){ 0, 400, 4 });
	pings_sent_before(&pings, 4); /* three of them, and the one that was seen */
	for (int i = 0; i < 3; i++)
		assert_false(pings_answered(&pings, 0, &ping));
	assert_true(pings_answered(&pings, 0, &ping));
	assert_int_equal(ping.sent_ns, 400);
	pings_sent_before(&pings, 0);
	pings_sent(&pings, &(struct ping){ 0, 500, 5 });
	assert_true(pings_answered(&pings, 0, &ping));
}

static void an_answer_is_awaited_while_a_ping_is_unanswered(void **state)
{
	struct pings a, b;
	struct ping ping;

	(void)state;
	pings_init(&a);
	pings_init(&b);
	int before = atomic_load(&pings_awaited);
	pings_sent(&a, &(struct ping){ 0, 1, 1 });
	pings_sent(&a, &(struct ping){ 0, 2, 2 });
	pings_sent(&b, &(struct ping){ 0, 3, 3 });
	assert_int_equal(atomic_load(&pings_awaited), before + 2);
	pings_answered(&a, 0, &ping);
	assert_int_equal(atomic_load(&pings_awaited), before + 2);
	pings_answered(&a, 0, &ping);
	assert_int_equal(atomic_load(&pings_awaited), before + 1);
	pings_reset(&b);
	pings_reset(&b);
	assert_int_equal(atomic_load(&pings_awaited), before);
}

/* ---- ages ---- */

#define T0 INT64_C(1000000) /* ms, CLOCK_MONOTONIC */

static struct sample judge(struct watch *watch, int64_t age_ms, int64_t after_ms)
{
	return sample_judge(watch, age_ms, T0 + after_ms, (T0 + after_ms) * 1000000);
}

static void a_healthy_watch_reports_each_acknowledgement_once(void **state)
{
	static struct watch watch;
	int acks = 0;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	for (int64_t ms = 0; ms < 60000; ms += 1000) {
		int64_t jitter = ms / 1000 % 3; /* a coarse clock */
		struct sample sample = judge(&watch, 1 + ms % 5000 + jitter, ms);
		assert_int_equal(sample.report, ms % 5000 == 0);
		assert_int_not_equal(sample.change, 2);
		assert_int_not_equal(sample.change, 3);
		acks += sample.report && sample.change == 1;
	}
	assert_int_equal(acks, 11); /* the first one is where the recording began */
}

static void a_lost_ping_is_reported_once_per_tick(void **state)
{
	static struct watch watch;
	int overdue = 0;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	judge(&watch, 1, 0);
	for (int64_t ms = 1000; ms <= 18000; ms += 1000) {
		struct sample sample = judge(&watch, 1 + ms, ms);
		if (!sample.report)
			continue;
		assert_int_equal(sample.change, 2);
		assert_int_equal(ms, 7000 + 5000 * overdue);
		assert_int_equal(sample.acked_sent_ns, T0 * 1000000);
		overdue++;
	}
	assert_int_equal(overdue, 3);
	assert_int_equal(judge(&watch, 2, 19000).change, 1);
}

static void an_older_notify_in_the_queue_is_no_lost_ping(void **state)
{
	static struct watch watch;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	judge(&watch, 4001, 4000);
	assert_int_equal(judge(&watch, 1, 5000).change, 1);
	assert_false(judge(&watch, 8001, 6000).report); /* a notify since -2 s */
	assert_false(judge(&watch, 2001, 7000).report); /* it has been handled */
}

static void an_error_is_reported_once(void **state)
{
	static struct watch watch;
	struct sample sample;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	judge(&watch, 1, 0);
	sample = judge(&watch, -107, 1000);
	assert_true(sample.report);
	assert_int_equal(sample.change, 3);
	assert_int_equal(sample.age_ms, -107);
	assert_int_equal(sample.acked_sent_ns, 0);
	assert_false(judge(&watch, -107, 2000).report);
	assert_true(judge(&watch, -108, 3000).report);
}

static void a_process_that_stood_still_lost_no_ping(void **state)
{
	static struct watch watch;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	judge(&watch, 1, 0);
	assert_false(judge(&watch, 1001, 1000).report);
	atomic_fetch_add(&sampler_stalled_ms, 12000);
	assert_false(judge(&watch, 14001, 14000).report);
	assert_false(judge(&watch, 18001, 18000).report);
	assert_int_equal(judge(&watch, 19001, 19000).change, 2); /* 7 s of its own */
	assert_int_equal(judge(&watch, 1, 20000).change, 1);
	assert_int_equal(judge(&watch, 7001, 27000).change, 2);
}

static void the_tick_of_the_client_counts(void **state)
{
	static struct watch watch;

	(void)state;
	memset(&watch.sample, 0, sizeof watch.sample);
	watch.sample.tick_s = 30;
	judge(&watch, 1, 0);
	assert_false(judge(&watch, 31001, 31000).report);
	assert_int_equal(judge(&watch, 32001, 32000).change, 2);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_found_once_however_the_stream_is_cut),
		cmocka_unit_test(replies_are_found_once_byte_by_byte),
		cmocka_unit_test(an_operation_is_found_at_every_place_up_to_the_last_byte),
		cmocka_unit_test(an_operation_is_found_in_long_reads_at_every_alignment),
		cmocka_unit_test(an_unknown_watch_op_is_none),
		cmocka_unit_test(answers_go_to_pings_in_their_order),
		cmocka_unit_test(pings_of_an_older_registration_are_not_answered),
		cmocka_unit_test(pings_from_before_the_recording_are_answered_first),
		cmocka_unit_test(an_answer_is_awaited_while_a_ping_is_unanswered),
		cmocka_unit_test(forgotten_pings_are_answered_without_a_time),
		cmocka_unit_test(a_healthy_watch_reports_each_acknowledgement_once),
		cmocka_unit_test(a_lost_ping_is_reported_once_per_tick),
		cmocka_unit_test(an_older_notify_in_the_queue_is_no_lost_ping),
		cmocka_unit_test(an_error_is_reported_once),
		cmocka_unit_test(a_process_that_stood_still_lost_no_ping),
		cmocka_unit_test(the_tick_of_the_client_counts),
		cmocka_unit_test(the_front_of_a_notify_names_its_op),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
