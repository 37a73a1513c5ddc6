/* SPDX-License-Identifier: MIT */
/* What a fence did to the guest's I/O, also where not all of it was recorded. */
#include "story.h"

/* The recording begins 40 s after the fence. */
static void what_failed_before_the_recording_is_told_by_the_shims_count(void **state)
{
	const struct incident *incident;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	finished(*state, 10.4, "client.cinder");
	vm_tells(*state, 50, 900);
	write_fails(*state, 53);
	vm_tells(*state, 56, 901);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->failed_ios, 1);
	assert_int_equal(incident->unrecorded_ios, 900);
	assert_non_null(strstr(incident->chain[LINK_HARM].text, "901 I/Os"));
}

static void a_client_that_the_shim_counts_failures_of_had_io_in_flight(void **state)
{
	const struct incident *incident;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	finished(*state, 10.4, "client.cinder");
	vm_tells(*state, 50, 900);
	watch_begins(*state, 50, COOKIE);
	watch_fails(*state, 52, -ESHUTDOWN);
	incident = only_incident(*state, 0);
	assert_null(strstr(incident->chain[LINK_HARM].text, "no I/O"));
	assert_non_null(strstr(incident->chain[LINK_HARM].text, "900 I/Os"));
}

/* QEMU's log has the same I/Os that the shim counted. */
static void what_the_log_tells_and_the_shim_counts_is_one(void **state)
{
	struct event event = event_at(53, FACT_io_failure);
	const struct incident *incident;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	finished(*state, 10.4, "client.cinder");
	event.failure = (struct io_failure){ .layer = LAYER_QEMU,
		                             .io = true,
		                             .vm_name = "vm1",
		                             .vm_uuid = "uuid1",
		                             .device = "drive-virtio-disk0",
		                             .pool = "",
		                             .image = "",
		                             .op = FL_IO_OPS,
		                             .result = -ESHUTDOWN,
		                             .image_id = "",
		                             .address = "",
		                             .text = "" };
	add(*state, &event);
	vm_tells(*state, 56, 12);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->failed_ios + incident->unrecorded_ios, 12);
}

/* Which of the two fences they are of is not told. */
static void failures_of_two_fences_are_not_counted_for_one(void **state)
{
	const struct verdicts *verdicts;

	command(*state, 10, "add", ADDRESS, false, "client.cinder");
	command(*state, 20, "rm", ADDRESS, false, "client.admin");
	command(*state, 30, "add", ADDRESS, false, "client.cinder");
	vm_tells(*state, 50, 900);
	write_fails(*state, 53);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].unrecorded_ios, 0);
	assert_int_equal(verdicts->incidents[1].unrecorded_ios, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_failed_before_the_recording_is_told_by_the_shims_count),
		TEST(a_client_that_the_shim_counts_failures_of_had_io_in_flight),
		TEST(what_the_log_tells_and_the_shim_counts_is_one),
		TEST(failures_of_two_fences_are_not_counted_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
