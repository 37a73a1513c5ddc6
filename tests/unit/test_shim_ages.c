/* SPDX-License-Identifier: MIT */
/* Pings and their answers, ages of watch_check. */
#include "follow/pings.h"
#include "follow/sampler.h"
#include "base/ticker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- pings ---- */

static void answers_go_to_pings_in_their_order(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN); /* begun before we looked */
	for (int i = 1; i <= 3; i++)
		pings_sent(&pings, &(struct ping){ 0, 0, i * 100, (uint64_t)i });
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
		assert_int_equal(ping.sent_ns, i * 100);
	}
	assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
}

static void pings_of_an_older_registration_are_not_answered(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	pings_sent(&pings, &(struct ping){ 0, 0, 100, 1 });
	pings_sent(&pings, &(struct ping){ 0, 0, 200, 2 });
	assert_int_not_equal(pings_answered(&pings, 1, 0, -1, &ping), PINGS_SEEN);
	pings_sent(&pings, &(struct ping){ 1, 0, 300, 3 });
	assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(pings_answered(&pings, 1, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(ping.sent_ns, 300);
}

static void forgotten_pings_are_answered_without_a_time(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	for (int i = 0; i < PINGS_KEPT + 2; i++)
		pings_sent(&pings, &(struct ping){ 0, 0, i, (uint64_t)i });
	assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(ping.sent_ns, 2);
}

static void pings_from_before_the_recording_are_answered_first(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	pings_sent(&pings, &(struct ping){ 0, 0, 400, 4 });
	pings_sent_before(&pings, 4); /* three of them, and the one that was seen */
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
	assert_int_equal(ping.sent_ns, 400);
	pings_sent_before(&pings, 0);
	pings_sent(&pings, &(struct ping){ 0, 0, 500, 5 });
	assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);
}

static void an_answer_goes_to_the_ping_of_its_message_and_to_it_once(void **state)
{
	struct pings pings;
	struct ping ping;

	(void)state;
	pings_init(&pings);
	for (int i = 1; i <= 3; i++)
		pings_sent(&pings, &(struct ping){ 0, (uint64_t)i + 70, i * 100, (uint64_t)i });
	assert_int_equal(pings_answered(&pings, 0, 72, -1, &ping), PINGS_SEEN);
	assert_int_equal(ping.sent_ns, 200);
	assert_int_equal(pings_answered(&pings, 0, 72, -1, &ping), PINGS_NONE);
	assert_int_equal(pings_answered(&pings, 0, 99, -1, &ping), PINGS_NONE);
	assert_int_equal(pings_answered(&pings, 0, 71, -1, &ping), PINGS_NONE); /* answers come in order */
	assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_SEEN);  /* the head was not seen: the oldest */
	assert_int_equal(ping.sent_ns, 300);
	/* sent again over another connection: one message, one answer */
	pings_sent(&pings, &(struct ping){ 0, 73, 900, 9 });
	assert_int_equal(pings_answered(&pings, 0, 73, -1, &ping), PINGS_SEEN);
	assert_int_equal(ping.sent_ns, 900);
	assert_int_equal(pings_answered(&pings, 0, 73, -1, &ping), PINGS_NONE);
	assert_int_equal(pings_answered(&pings, 0, 0, -1, &ping), PINGS_NONE);
}

static void an_answer_is_awaited_while_a_ping_is_unanswered(void **state)
{
	struct pings a, b;
	struct ping ping;

	(void)state;
	pings_init(&a);
	pings_init(&b);
	int before = atomic_load(&pings_awaited);
	pings_sent(&a, &(struct ping){ 0, 0, 1, 1 });
	pings_sent(&a, &(struct ping){ 0, 0, 2, 2 });
	pings_sent(&b, &(struct ping){ 0, 0, 3, 3 });
	assert_int_equal(atomic_load(&pings_awaited), before + 2);
	pings_answered(&a, 0, 0, -1, &ping);
	assert_int_equal(atomic_load(&pings_awaited), before + 2);
	pings_answered(&a, 0, 0, -1, &ping);
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
	atomic_fetch_add(&ticker_stalled_ms, 12000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_go_to_pings_in_their_order),
		cmocka_unit_test(pings_of_an_older_registration_are_not_answered),
		cmocka_unit_test(pings_from_before_the_recording_are_answered_first),
		cmocka_unit_test(an_answer_goes_to_the_ping_of_its_message_and_to_it_once),
		cmocka_unit_test(an_answer_is_awaited_while_a_ping_is_unanswered),
		cmocka_unit_test(forgotten_pings_are_answered_without_a_time),
		cmocka_unit_test(a_healthy_watch_reports_each_acknowledgement_once),
		cmocka_unit_test(a_lost_ping_is_reported_once_per_tick),
		cmocka_unit_test(an_older_notify_in_the_queue_is_no_lost_ping),
		cmocka_unit_test(an_error_is_reported_once),
		cmocka_unit_test(a_process_that_stood_still_lost_no_ping),
		cmocka_unit_test(the_tick_of_the_client_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
