/* SPDX-License-Identifier: MIT */
/* Profiles: their names, their buffers, and sizes as a person writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "record/profile.h"

static uint64_t all_of(enum profile profile, enum buffers buffers, unsigned cpus, uint64_t flight)
{
	return profile_subbuffer_bytes(profile, buffers, cpus, flight) * profile_subbuffers(cpus, flight) * cpus;
}

static uint64_t all_buffers(enum profile profile, unsigned cpus, uint64_t flight)
{
	return all_of(profile, BUFFERS_UID, cpus, flight);
}

static void a_profile_is_found_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(profile_by_name("incident"), PROFILE_INCIDENT);
	assert_int_equal(profile_by_name("full"), PROFILE_FULL);
	assert_int_equal(profile_by_name("Full"), -1);
	assert_int_equal(profile_by_name(""), -1);
}

static void full_holds_what_comes_in_between_two_visits_of_the_consumer(void **state)
{
	const uint64_t visit = 100000ULL * 75 * PROFILE_READ_TIMER_US / 1000000;

	(void)state;
	for (unsigned cpus = 1; cpus <= 16; cpus *= 2) /* even if all events come from one CPU */
		assert_true(profile_subbuffer_bytes(PROFILE_FULL, BUFFERS_UID, cpus, 0) * (PROFILE_SUBBUFFERS - 1) >= visit);
	for (unsigned cpus = 1; cpus <= 512; cpus *= 2) /* in all */
		assert_true(all_buffers(PROFILE_FULL, cpus, 0) >= visit);
}

static void buffers_are_a_power_of_two_and_keep_within_their_budget(void **state)
{
	(void)state;
	for (unsigned cpus = 1; cpus <= 256; cpus++)
		for (int profile = 0; profile < PROFILES; profile++) {
			uint64_t bytes = profile_subbuffer_bytes(profile, BUFFERS_UID, cpus, 0);

			assert_int_equal(bytes & (bytes - 1), 0);
			assert_true(all_buffers(profile, cpus, 0) <= (profile == PROFILE_FULL ? 256ULL << 20 : 64ULL << 20));
		}
	assert_int_equal(all_buffers(PROFILE_INCIDENT, 2, 0), 2 << 20);
	assert_int_equal(all_buffers(PROFILE_FULL, 2, 0), 16 << 20);
	assert_true(profile_subbuffer_bytes(PROFILE_FULL, BUFFERS_UID, 0, 0) > 0);
}

static void a_process_takes_little_and_any_event_fits(void **state)
{
	(void)state;
	for (unsigned cpus = 1; cpus <= 256; cpus++) {
		assert_true(all_of(PROFILE_INCIDENT, BUFFERS_PID, cpus, 0) <= (cpus <= 32 ? 2ULL << 20 : cpus * (64ULL << 10)));
		assert_true(all_of(PROFILE_FULL, BUFFERS_PID, cpus, 0) <= (cpus <= 64 ? 32ULL << 20 : cpus * (512ULL << 10)));
		/* a call stack of 48 frames, with the paths of their libraries */
		assert_true(profile_subbuffer_bytes(PROFILE_INCIDENT, BUFFERS_PID, cpus, 0) >= 16 << 10);
	}
	assert_int_equal(all_of(PROFILE_INCIDENT, BUFFERS_PID, 1, 0), 256 << 10); /* one ring, LTTng 2.14 and later */
	assert_int_equal(buffers_by_name("pid"), BUFFERS_PID);
	assert_int_equal(buffers_by_name("uid"), BUFFERS_UID);
	assert_int_equal(buffers_by_name("cpu"), -1);
}

static void a_flight_recorder_takes_the_memory_it_was_given_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(all_buffers(PROFILE_INCIDENT, 2, 64 << 20), 64 << 20);
	assert_int_equal(all_buffers(PROFILE_FULL, 3, 64 << 20), 48 << 20); /* the next power of two would be 96 */
	assert_int_equal(profile_subbuffer_bytes(PROFILE_FULL, BUFFERS_UID, 64, 1),
	                 4096); /* a page is the least that LTTng takes */
}

static void thirty_snapshots_in_a_row_leave_something_in_a_flight_recorder(void **state)
{
	(void)state;
	for (unsigned cpus = 1; cpus <= 8; cpus *= 2) {
		assert_int_equal(profile_subbuffers(cpus, PROFILE_FLIGHT_BYTES(BUFFERS_PID)), 64);
		assert_int_equal(profile_subbuffers(cpus, PROFILE_FLIGHT_BYTES(BUFFERS_UID)), 64);
	}
	assert_int_equal(profile_subbuffers(2, 1), PROFILE_SUBBUFFERS);
	assert_int_equal(profile_subbuffers(2, 0), PROFILE_SUBBUFFERS);
}

static void a_size_may_have_a_unit(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(profile_parse_size("1", &bytes), 0);
	assert_int_equal(bytes, 1);
	assert_int_equal(profile_parse_size("64M", &bytes), 0);
	assert_int_equal(bytes, 64 << 20);
	assert_int_equal(profile_parse_size("4k", &bytes), 0);
	assert_int_equal(bytes, 4096);
	assert_int_equal(profile_parse_size("1024G", &bytes), 0);
	assert_int_equal(bytes, 1ULL << 40);
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "0", "M", "-1", " 1", "1MB", "1.5M", "0x10", "1025G", "64 M", "99999999999999999999", "9999999999999G"
	};
	uint64_t bytes = 77;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(profile_parse_size(bad[i], &bytes), -EINVAL);
	assert_int_equal(bytes, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_found_by_its_name),
		cmocka_unit_test(full_holds_what_comes_in_between_two_visits_of_the_consumer),
		cmocka_unit_test(buffers_are_a_power_of_two_and_keep_within_their_budget),
		cmocka_unit_test(a_process_takes_little_and_any_event_fits),
		cmocka_unit_test(a_flight_recorder_takes_the_memory_it_was_given_and_no_more),
		cmocka_unit_test(thirty_snapshots_in_a_row_leave_something_in_a_flight_recorder),
		cmocka_unit_test(a_size_may_have_a_unit),
		cmocka_unit_test(what_is_no_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
