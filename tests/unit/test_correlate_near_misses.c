/* SPDX-License-Identifier: MIT */
/* Near misses: lost pings, watches that ended, fences that were refused, and what would have come of them. */
#include "story.h"

static void a_lost_ping_that_is_followed_by_an_answered_one_is_a_near_miss(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	ping(*state, 25, false);
	pings(*state, 30, 60, true);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_PINGS_LOST);
	assert_int_equal(verdicts->near_misses[0].begin_ns, at(25));
	assert_int_equal(verdicts->near_misses[0].end_ns, at(30));
	assert_int_equal(verdicts->near_misses[0].longest_ping_gap_ns, at(30) - at(20));
	assert_false(verdicts->near_misses[0].had_no_watch); /* a lock breaker would have found it, and fenced nobody */
}

/* Taken anew long before its timeout, as after a reset that the recording does not show. */
static void a_watch_that_was_taken_anew_at_once_had_not_expired(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 30, false);
	watch_begins(*state, 33, COOKIE + 1);
	ping_of(*state, 38, COOKIE + 1, true);
	verdicts = judge(*state, 30);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_PINGS_LOST);
	assert_false(verdicts->near_misses[0].had_no_watch);
}

static void who_wanted_the_lock_and_was_refused_is_not_supposed(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 60, false);
	denied(*state, 58, "client.cinder");
	watch_fails(*state, 64, -ENOTCONN);
	watch_begins(*state, 65, COOKIE + 1);
	verdicts = judge(*state, 30);
	assert_int_equal(verdicts->near_miss_count, 2);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_WATCH_ERROR);
	assert_false(verdicts->near_misses[0].had_no_watch);
	assert_int_equal(verdicts->near_misses[1].kind, NEAR_FENCE_REFUSED);
}

/* The OSD knows the watch still: its client is disconnected. */
static void a_watch_that_was_disconnected_stood(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	watch_fails(*state, 24, -ETIMEDOUT);
	watch_begins(*state, 24.1, COOKIE + 1);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_false(verdicts->near_misses[0].had_no_watch);
}

static void what_a_recordings_end_hides_is_not_said(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 35, false);
	verdicts = judge(*state, 30);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_false(verdicts->near_misses[0].had_no_watch);
	assert_non_null(strstr(verdicts->near_misses[0].text, "the watch is not seen to expire"));
}

/* An HA agent's own call, refused: no lock was wanted. */
static void a_refused_call_of_the_api_is_for_no_lock(void **state)
{
	const struct verdicts *verdicts;
	struct event event = event_at(22.1, FACT_blocklist_result);

	a_vm_is_there(*state);
	pings(*state, 5, 40, true);
	sends(*state, 22, FL_ENTRY_BLOCKLIST_API, "client.ha");
	event.source = &fencers;
	event.trace.blocklist_result =
	        (struct fl_blocklist_result){ .pid = 9021, .global_id = 4307, .action = 2, .result = -EINVAL };
	add(*state, &event);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_false(verdicts->near_misses[0].of_lock);
	assert_null(strstr(verdicts->near_misses[0].text, "lock"));
	assert_null(strstr(verdicts->near_misses[0].text, "rbd_"));
}

/* With rados_mon_op_timeout, while the monitors elect: they commit it all the same. */
static void a_sender_that_waited_no_longer_was_not_refused(void **state)
{
	const struct verdicts *verdicts;
	struct event event = event_at(32, FACT_blocklist_result);

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	sends(*state, 22, FL_ENTRY_MONITOR_COMMAND, "client.ha");
	event.source = &fencers;
	event.trace.blocklist_result =
	        (struct fl_blocklist_result){ .pid = 9021, .global_id = 4307, .action = 2, .result = -ETIMEDOUT };
	add(*state, &event);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 0);
	assert_int_equal(verdicts->incident_count, 1);
	assert_int_equal(verdicts->incidents[0].chain[LINK_FENCE].status, STATUS_MISSING); /* whether they did is not told */
}

/* The monitors' log has nothing of the one that gave up, and the end of another, eleven seconds later. */
static void who_gave_up_is_not_the_fencer_beside_one_that_finished(void **state)
{
	struct event event = event_at(22, FACT_blocklist_result);
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 15, true);
	pings(*state, 20, 30, false);
	sends(*state, 20, FL_ENTRY_BLOCKLIST_API, "client.ha");
	event.source = &fencers;
	event.trace.blocklist_result =
	        (struct fl_blocklist_result){ .pid = 9021, .global_id = 4307, .action = 2, .result = -ETIMEDOUT };
	add(*state, &event);
	command(*state, 31, "add", ADDRESS, false, "client.admin");
	finished(*state, 31.5, "client.admin");
	write_fails(*state, 32);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->blocklist->entity, "client.admin");
}

static void a_watch_that_failed_and_came_back_is_one_near_miss(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	watch_fails(*state, 54, -ENOTCONN);
	watch_begins(*state, 55, COOKIE + 1);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_WATCH_ERROR);
	assert_int_equal(verdicts->near_misses[0].end_ns, at(55));
	assert_true(verdicts->near_misses[0].had_no_watch);
}

/* The image is closed in good order, its client lives on: nobody waits for the watch any more. */
static void a_watch_that_was_given_up_does_not_expire(void **state)
{
	struct event event = event_at(40, FACT_watch_unregistered);
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	second_image(*state, 1, COOKIE + 16);
	pings(*state, 5, 20, true);
	pings(*state, 25, 35, false);
	event.trace.watch_unregistered =
	        (struct fl_watch_unregistered){ .pid = 4711, .global_id = 4123, .cookie = COOKIE, .oid = "rbd_header.1022" };
	add(*state, &event);
	for (double t = 41; t < 600; t += 5)
		ping_of(*state, t, COOKIE + 16, true);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_PINGS_LOST);
	assert_int_equal(verdicts->near_misses[0].end_ns, at(40));
}

static void a_healthy_watch_is_no_near_miss(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 600, true);
	assert_int_equal(judge(*state, 0)->near_miss_count, 0);
}

static void a_near_miss_of_hours_ago_is_not_forgotten(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 3600, true);
	ping(*state, 3605, false);
	pings(*state, 3610, 20000, true);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].begin_ns, at(3605));
	assert_int_equal(verdicts->near_misses[0].end_ns, at(3610));
}

static void what_ended_in_an_incident_is_no_near_miss(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 52, true);
	watch_fails(*state, 54, -ENOTCONN);
	write_fails(*state, 54);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 1);
	assert_int_equal(verdicts->near_miss_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_ping_that_is_followed_by_an_answered_one_is_a_near_miss),
		TEST(a_watch_that_was_taken_anew_at_once_had_not_expired),
		TEST(who_wanted_the_lock_and_was_refused_is_not_supposed),
		TEST(a_watch_that_was_disconnected_stood),
		TEST(what_a_recordings_end_hides_is_not_said),
		TEST(a_refused_call_of_the_api_is_for_no_lock),
		TEST(a_sender_that_waited_no_longer_was_not_refused),
		TEST(who_gave_up_is_not_the_fencer_beside_one_that_finished),
		TEST(a_watch_that_failed_and_came_back_is_one_near_miss),
		TEST(a_watch_that_was_given_up_does_not_expire),
		TEST(a_healthy_watch_is_no_near_miss),
		TEST(a_near_miss_of_hours_ago_is_not_forgotten),
		TEST(what_ended_in_an_incident_is_no_near_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
