/* SPDX-License-Identifier: MIT */
/* Pings are joined with their answers, from the wire and, where that shows nothing, from the sampler. */
#include "ping_events.h"

static size_t answered(void)
{
	size_t count = 0;

	for (size_t i = 0; i < watch()->ping_count; i++)
		count += watch()->pings[i].reply_ns != 0 && watch()->pings[i].result >= 0;
	return count;
}

static const struct timeline_entry *entry(enum timeline_kind kind, size_t nth)
{
	for (size_t i = 0; i < image()->entry_count; i++)
		if (image()->entries[i].kind == kind && !nth--)
			return &image()->entries[i];
	fail_msg("no such entry");
	return NULL;
}

static void an_answer_is_joined_with_its_ping(void **state)
{
	(void)state;
	STATE(0);
	for (int i = 1; i <= 10; i++) {
		SENT(5 * i);
		REPLY(5 * i + 0.0005, 5 * i, 0);
	}
	model_finish(model);
	assert_int_equal(watch()->ping_count, 10);
	assert_int_equal(answered(), 10);
	assert_string_equal(watch()->pings[0].osd, OSD);
	assert_int_equal(watch()->pings[0].reply_ns - watch()->pings[0].sent_ns, NS_PER_MS / 2);
	assert_int_equal(watch()->last_ack_sent_ns, S(50));
	assert_string_equal(watch()->oid, "rbd_header.abc");
}

/* The OSD that it went to begins the watch's timer anew. */
static void an_answered_reconnect_is_a_sign_of_life_and_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	ADD(8.001, watch_reconnect_reply, .cookie = COOKIE, .gen = 2, .sent_ns = S(8), .rtt_ns = 1000000, .osd = OSD);
	ADD(9.001, watch_reconnect_reply, .cookie = COOKIE, .gen = 3, .sent_ns = S(9), .rtt_ns = 1000000, .osd = OSD,
	    .result = -107);
	model_finish(model);
	assert_int_equal(watch()->last_ack_sent_ns, S(8));
	assert_int_equal(watch()->ping_count, 1);
	assert_int_equal(entry(TL_WATCH_REGISTERED, 0)->watch.by, WATCH_BY_RECONNECT);
	assert_int_equal(entry(TL_WATCH_ERROR, 0)->watch.by, WATCH_BY_RECONNECT);
	assert_int_equal(entry(TL_WATCH_ERROR, 0)->watch.result, -107);
}

static void an_answer_whose_ping_was_not_seen_still_counts(void **state)
{
	(void)state;
	ADD(5, ping_reply, .cookie = COOKIE, .gen = 1, .sent_ns = S(4.9995), .rtt_ns = 500000, .result = 0, .osd = OSD);
	STATE(6);
	model_finish(model);
	assert_int_equal(answered(), 1);
	assert_int_equal(watch()->last_ack_sent_ns, S(4.9995));
	assert_string_equal(watch()->osd, OSD);
}

static void names_that_come_late_reach_the_pings_before_them(void **state)
{
	(void)state;
	SENT(5);
	REPLY(5.0005, 5, 0);
	ADD(6, watch_error, .cookie = COOKIE, .oid = "", .result = -107);
	STATE(7);
	model_finish(model);
	assert_int_equal(watch()->ping_count, 1);
	assert_int_equal(entry(TL_WATCH_ERROR, 0)->watch.result, -107);
	assert_string_equal(image()->client->process->vm_name, "vm1");
}

static void beside_the_wire_the_sampler_adds_nothing(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.0003, 0);
	for (int i = 1; i <= 4; i++) {
		SENT(5 * i);
		REPLY(5 * i + 0.0005, 5 * i, 0);
		SAMPLE(5 * i + 0.7, 5 * i + 0.0004, 1);
	}
	model_finish(model);
	assert_int_equal(watch()->seen, PING_WIRE);
	assert_int_equal(watch()->ping_count, 4);
	assert_int_equal(answered(), 4);
	assert_int_equal(watch()->pings[3].seen, PING_WIRE);
	assert_false(watch()->last_ack_sampled);
	assert_int_equal(watch()->last_ack_sent_ns, S(20));
}

/* As with a Ceph that receives in a way that the shim does not know. */
static void an_answer_that_only_librados_knows_of_is_an_answer(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.0003, 0);
	for (int i = 1; i <= 4; i++) {
		SENT(5 * i);
		if (i != 3)
			SAMPLE(5 * i + 0.7, 5 * i + 0.0004, 1);
	}
	STATE(30);
	model_finish(model);
	assert_int_equal(watch()->seen, PING_WIRE);
	assert_int_equal(answered(), 3);
	assert_int_equal(watch()->pings[2].reply_ns, 0);
	assert_int_equal(watch()->pings[2].sent_ns, S(15));
	assert_int_equal(watch()->pings[0].seen, PING_SAMPLED);
	assert_int_equal(watch()->pings[0].sent_ns, S(5));
}

static void without_the_wire_the_sampler_tells_it_all(void **state)
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
	assert_int_equal(watch()->seen, PING_SAMPLED);
	assert_int_equal(watch()->ping_count, 4);
	assert_int_equal(answered(), 2);
	assert_int_equal(watch()->pings[0].seen, PING_SAMPLED);
	assert_int_equal(watch()->pings[0].sent_ns, S(5.1));
	/* due at 15.1, 20.1 and 25.1: the last one is not overdue at 27 */
	assert_int_equal(watch()->pings[2].sent_ns, S(15.1));
	assert_int_equal(watch()->pings[3].sent_ns, S(20.1));
	assert_int_equal(watch()->last_ack_sent_ns, S(10.1));
}

static void hours_of_pings_but_one_answered(void)
{
	STATE(0);
	for (int i = 1; i <= 2000; i++) {
		SENT(5 * i);
		if (i != 100)
			REPLY(5 * i + 0.0005, 5 * i, 0);
	}
	model_finish(model);
}

/* The one without an answer stays, between its neighbours. */
static void hours_of_pings_take_no_more_memory_than_the_ring(void **state)
{
	const struct model_options none = { .keep_entries = false };
	size_t at = 0;

	(void)state;
	model_free(model);
	model = model_new(&none);
	assert_non_null(model);
	hours_of_pings_but_one_answered();
	assert_int_equal(watch()->ping_count, WATCH_PINGS);
	assert_int_equal(answered(), WATCH_PINGS - 1);
	while (watch()->pings[at].reply_ns)
		at++;
	assert_int_equal(watch()->pings[at].sent_ns, S(500));
	assert_int_equal(watch()->pings[at - 1].sent_ns, S(495));
	assert_int_equal(watch()->pings[at + 1].sent_ns, S(505));
	assert_int_equal(watch()->past_count, 0);
	assert_int_equal(image()->entry_count, 0);
}

static void a_timeline_has_them_all(void **state)
{
	(void)state;
	hours_of_pings_but_one_answered();
	assert_int_equal(watch()->past_count + watch()->ping_count, 2000);
	assert_int_equal(watch()->past_pings[0].sent_ns, S(5));
	assert_int_equal(watch()->past_pings[1].sent_ns, S(10));
}

static void the_best_witness_alone_counts(void **state)
{
	(void)state;
	STATE(0);
	for (int i = 1; i <= WATCH_PINGS + 10; i++)
		SAMPLE(5 * i + 0.7, 5 * i + 0.1, 1);
	assert_int_equal(watch()->past_count, 10);
	SENT(5 * (WATCH_PINGS + 11));
	model_finish(model);
	assert_int_equal(watch()->ping_count, 1);
	assert_int_equal(watch()->past_count, 0);
}

static void what_a_copy_of_a_recording_lacks_is_lost_once(void **state)
{
	static const struct source copy = { .path = "copy", .kind = "ctf", .host = "compute1", .tz = "UTC", .tz_from = "log" };
	static const struct source other = { .path = "trace", .kind = "ctf", .host = "compute2", .tz = "UTC", .tz_from = "log" };
	struct event lost = { .fact = FACT_lost_events, .lost = { .count = 20, .begin_ns = S(1), .end_ns = S(5) } };

	(void)state;
	add(&source, 5, lost);
	add(&copy, 5, lost);
	assert_int_equal(model->lost_events, 20);
	add(&other, 5, lost);
	assert_int_equal(model->lost_events, 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_joined_with_its_ping),
		TEST(an_answered_reconnect_is_a_sign_of_life_and_no_ping),
		TEST(an_answer_whose_ping_was_not_seen_still_counts),
		TEST(names_that_come_late_reach_the_pings_before_them),
		TEST(beside_the_wire_the_sampler_adds_nothing),
		TEST(an_answer_that_only_librados_knows_of_is_an_answer),
		TEST(without_the_wire_the_sampler_tells_it_all),
		TEST(hours_of_pings_take_no_more_memory_than_the_ring),
		TEST(a_timeline_has_them_all),
		TEST(the_best_witness_alone_counts),
		TEST(what_a_copy_of_a_recording_lacks_is_lost_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
