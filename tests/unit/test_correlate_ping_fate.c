/* SPDX-License-Identifier: MIT */
/* Which pings are answered, late, refused, lost, or none of it. */
#include "ping_events.h"
#include "correlate/ping_fate.h"

static enum ping_fate fate(size_t nth)
{
	assert_true(nth < watch()->ping_count);
	return ping_fate(model, watch(), &watch()->pings[nth]);
}

static void an_answered_ping_is_answered(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	model_finish(model);
	assert_int_equal(fate(0), FATE_ANSWERED);
	assert_false(ping_was_lost(model, watch(), &watch()->pings[0]));
}

static void a_ping_without_an_answer_is_lost_once_it_is_overdue(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	SENT(15);
	STATE(22.5);
	model_finish(model);
	assert_int_equal(fate(0), FATE_ANSWERED);
	assert_int_equal(fate(1), FATE_OVERDUE);
	assert_int_equal(fate(2), FATE_OVERDUE);
	assert_true(ping_was_lost(model, watch(), &watch()->pings[1]));
}

/* The age of the last acknowledged one counts, and that is beyond tick + 2 s by then. */
static void after_a_lost_ping_two_seconds_are_enough(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	SENT(10);
	STATE(12.1);
	model_finish(model);
	assert_int_equal(fate(0), FATE_OVERDUE);
	assert_int_equal(fate(1), FATE_OVERDUE);
}

static void less_than_tick_and_two_seconds_is_not_enough(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	SENT(9);
	STATE(11.9);
	model_finish(model);
	assert_int_equal(fate(0), FATE_ON_ITS_WAY);
	assert_int_equal(fate(1), FATE_ON_ITS_WAY);
}

static void the_last_ping_may_be_on_its_way_when_the_recording_ends(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	STATE(16);
	model_finish(model);
	assert_int_equal(fate(1), FATE_ON_ITS_WAY);
	assert_false(ping_was_lost(model, watch(), &watch()->pings[1]));
}

static void a_proper_end_loses_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	ADD(10.5, watch_unregistered, .cookie = COOKIE, .oid = "rbd_header.abc");
	ADD(11, client_shutdown, .address = "10.99.0.2:0/5");
	STATE(40); /* another client of the process lives on */
	model_finish(model);
	assert_int_equal(fate(1), FATE_ON_ITS_WAY);
}

static void an_error_ends_no_ping_properly(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	ADD(12, watch_error, .cookie = COOKIE, .oid = "rbd_header.abc", .result = -107);
	ADD(12.1, watch_unregistered, .cookie = COOKIE, .oid = "rbd_header.abc");
	STATE(40);
	model_finish(model);
	assert_int_equal(fate(1), FATE_OVERDUE);
	assert_int_equal(watch()->error, -107);
}

static void a_late_answer_is_late_and_an_error_is_a_refusal(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	SENT(10);
	REPLY(11.5, 5, 0);
	REPLY(11.5, 10, 0);
	SENT(15);
	REPLY(15.001, 15, -108);
	STATE(40);
	model_finish(model);
	assert_int_equal(fate(0), FATE_LATE);
	assert_int_equal(fate(1), FATE_ANSWERED);
	assert_int_equal(fate(2), FATE_REFUSED);
	assert_false(ping_was_lost(model, watch(), &watch()->pings[2]));
}

static void what_the_sampler_missed_is_lost(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.1, 0);
	SAMPLE(5.7, 5.1, 1);
	SAMPLE(10.7, 10.1, 1);
	for (int second = 18; second <= 27; second++) /* overdue from 17.1 on, every second */
		SAMPLE(second, 10.1, 2);
	STATE(28);
	model_finish(model);
	assert_int_equal(fate(1), FATE_ANSWERED);
	assert_int_equal(fate(2), FATE_OVERDUE);
	assert_int_equal(fate(3), FATE_OVERDUE);
}

static void a_sampled_miss_that_is_answered_after_all_is_late(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(5.7, 5.1, 1);
	SAMPLE(12.7, 5.1, 2);
	SAMPLE(17.0, 10.1, 1);
	SAMPLE(17.3, 15.1, 1);
	STATE(40);
	model_finish(model);
	assert_int_equal(watch()->ping_count, 3);
	assert_int_equal(fate(0), FATE_ANSWERED);
	assert_int_equal(fate(1), FATE_LATE);
	assert_int_equal(fate(2), FATE_ANSWERED);
}

static void a_process_that_stands_still_loses_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(5.7, 5.1, 1);
	/* stopped from 6 to 17 */
	ADD(17, process_stalled, .begin_ns = S(6), .gap_ns = 11 * NS_PER_S);
	SAMPLE(17.2, 5.1, 2);
	assert_non_null(model->stalls);
	STATE(40);
	model_finish(model);
	assert_int_equal(watch()->ping_count, 2);
	assert_int_equal(fate(0), FATE_ANSWERED);
	assert_int_equal(fate(1), FATE_NEVER_SENT);
}

static void what_it_sent_a_moment_before_is_on_its_way(void **state)
{
	(void)state;
	STATE(0);
	SENT(5.5);
	ADD(17, process_stalled, .begin_ns = S(6), .gap_ns = 11 * NS_PER_S);
	STATE(40);
	model_finish(model);
	assert_int_equal(fate(0), FATE_ON_ITS_WAY);
}

static void an_answer_that_the_tracer_may_have_discarded_is_not_lost(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	add(&source, 8, (struct event){ .fact = FACT_lost_events, .lost = { .count = 20, .begin_ns = S(5.5), .end_ns = S(6) } });
	STATE(40);
	model_finish(model);
	assert_int_equal(fate(0), FATE_OVERDUE);
	assert_false(ping_was_lost(model, watch(), &watch()->pings[0]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answered_ping_is_answered),
		TEST(a_ping_without_an_answer_is_lost_once_it_is_overdue),
		TEST(after_a_lost_ping_two_seconds_are_enough),
		TEST(less_than_tick_and_two_seconds_is_not_enough),
		TEST(the_last_ping_may_be_on_its_way_when_the_recording_ends),
		TEST(a_proper_end_loses_no_ping),
		TEST(an_error_ends_no_ping_properly),
		TEST(a_late_answer_is_late_and_an_error_is_a_refusal),
		TEST(what_the_sampler_missed_is_lost),
		TEST(a_sampled_miss_that_is_answered_after_all_is_late),
		TEST(a_process_that_stands_still_loses_no_ping),
		TEST(what_it_sent_a_moment_before_is_on_its_way),
		TEST(an_answer_that_the_tracer_may_have_discarded_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
