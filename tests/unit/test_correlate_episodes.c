/* SPDX-License-Identifier: MIT */
/* The rules of the verdict, each at its edges: what is one incident and what are two, and what is only a near miss. */
#include "story.h"

/* ---- episodes ---- */

static void add_rm_add_are_two_incidents(void **state)
{
	const struct verdicts *verdicts;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	command(*state, 20, "add", ADDRESS, false, "client.nova"); /* inside the first */
	command(*state, 30, "rm", ADDRESS, false, "client.admin");
	command(*state, 40, "add", ADDRESS, false, "client.cinder");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].removed_ns, at(30));
	assert_int_equal(verdicts->incidents[1].removed_ns, 0);
	assert_string_equal(verdicts->incidents[0].blocklist->entity, "client.cinder");
}

static void an_add_after_the_expiry_is_a_new_incident(void **state)
{
	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	command(*state, 10 + 3599, "add", "192.168.0.1:0/1", false, "client.cinder");
	command(*state, 10 + 3601, "add", ADDRESS, false, "client.cinder");
	assert_int_equal(judge(*state, 0)->incident_count, 3);
}

static void clear_ends_every_fence(void **state)
{
	const struct verdicts *verdicts;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	command(*state, 11, "add", "192.168.0.1:0/1", false, "client.cinder");
	command(*state, 20, "clear", "", false, "client.admin");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].removed_ns, at(20));
	assert_int_equal(verdicts->incidents[1].removed_ns, at(20));
}

static void the_same_client_is_known_by_any_way_to_write_its_address(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	command(*state, 22, "add", "any:10.99.0.2:6800/3655019494", false, "client.admin");
	assert_non_null(only_incident(*state, 0)->client);
}

static void a_range_fences_each_client_inside_and_no_other(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	command(*state, 22, "add", "10.99.0.0/24", true, "client.admin");
	command(*state, 23, "add", "10.98.0.0/24", true, "client.admin");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_string_equal(verdicts->incidents[0].address_text, ADDRESS);
	assert_null(verdicts->incidents[1].address_text);
}

static void io_that_a_shutdown_cuts_off_is_no_incident(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	shuts_down(*state, 21);
	write_fails(*state, 21.1);
	assert_int_equal(judge(*state, 0)->incident_count, 0);
}

static void a_fence_whose_command_nobody_recorded_is_possible_and_says_so(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	write_fails(*state, 22);
	watch_fails(*state, 23, -ESHUTDOWN);
	incident = only_incident(*state, 0);
	assert_null(incident->blocklist);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_true(incident->missing_count >= 1);
}

/* ---- near misses ---- */

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
		TEST(add_rm_add_are_two_incidents),
		TEST(an_add_after_the_expiry_is_a_new_incident),
		TEST(clear_ends_every_fence),
		TEST(the_same_client_is_known_by_any_way_to_write_its_address),
		TEST(a_range_fences_each_client_inside_and_no_other),
		TEST(io_that_a_shutdown_cuts_off_is_no_incident),
		TEST(a_fence_whose_command_nobody_recorded_is_possible_and_says_so),
		TEST(a_lost_ping_that_is_followed_by_an_answered_one_is_a_near_miss),
		TEST(a_watch_that_failed_and_came_back_is_one_near_miss),
		TEST(a_healthy_watch_is_no_near_miss),
		TEST(a_near_miss_of_hours_ago_is_not_forgotten),
		TEST(what_ended_in_an_incident_is_no_near_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
