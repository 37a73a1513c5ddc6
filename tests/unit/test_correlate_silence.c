/* SPDX-License-Identifier: MIT */
/* What a silence was: of several things that could explain one, which did; and what nobody recorded does not. */
#include "story.h"

#include <stdio.h>

/* The shim tells of its client every few seconds, whatever else happens. */
static void is_recorded(struct story *story, double from, double to)
{
	for (double t = from; t <= to; t += 3)
		vm_connects(story, t);
}

static void is_fenced(struct story *story, double t)
{
	lock_breaker(story, t, true);
	write_fails(story, t + 0.6);
}

/* It was awake again 13 s before the watch ran out: the pings that it sent then decided, not its standstill. */
static void pings_that_are_lost_after_a_short_standstill_are_the_reason(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	stands_still(*state, 27, 44);
	for (double t = 45; t < 70; t += 5) {
		ping(*state, t, false);
		overdue(*state, t + 1, 25);
		is_recorded(*state, t + 1, t + 4);
	}
	is_fenced(*state, 73);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

/* A recording of the near miss, and one of the fence three minutes later: what came between nobody knows. */
static void pings_that_were_lost_before_a_hole_prove_nothing_behind_it(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	ping(*state, 30, false);
	ping(*state, 35, false);
	overdue(*state, 36, 25);
	stands_still(*state, 232, 273);
	is_fenced(*state, 268);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* It had minutes to be well again and die of something else. */
static void a_recording_that_ends_minutes_before_the_fence_shows_no_reason(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	pings(*state, 30, 35, false);
	overdue(*state, 36, 25);
	command(*state, 270, "add", ADDRESS, false, "client.cinder");
	finished(*state, 270.5, "client.cinder");
	incident = only_incident(*state, 30);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_MISSING);
	assert_non_null(strstr(incident->chain[LINK_SILENCE].text, "what is recorded of the client ends"));
}

static void what_the_tracer_discarded_may_be_a_way_back(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	pings(*state, 30, 60, false);
	overdue(*state, 38, 25);
	is_recorded(*state, 30, 240);
	events_are_lost(*state, 40, 230);
	is_fenced(*state, 242);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->where.side, SIDE_UNKNOWN);
}

static void a_standstill_before_a_hole_proves_nothing_behind_it(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	stands_still(*state, 27, 60);
	is_recorded(*state, 230, 240);
	is_fenced(*state, 242);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void a_watch_that_failed_before_a_hole_proves_nothing_behind_it(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 30, true);
	watch_fails(*state, 32, -ENOTCONN);
	is_recorded(*state, 230, 240);
	is_fenced(*state, 242);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* The answer lay unread until it woke: the silence began before, and is measured from there. */
static void a_standstill_is_no_longer_than_the_silence_that_it_explains(void **state)
{
	struct event reply = event_at(71.01, FACT_ping_reply);
	const struct incident *incident;
	double stalled, silent;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	ping(*state, 30, false);
	lock_breaker(*state, 67, true);
	stands_still(*state, 33, 71);
	reply.trace.ping_reply = (struct fl_ping_reply){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .cookie = COOKIE,
		                                         .gen = 1,
		                                         .sent_ns = at(30),
		                                         .rtt_ns = at(71.01) - at(30),
		                                         .osd = OSD };
	add(*state, &reply);
	write_fails(*state, 71.1);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_CLIENT_STALLED);
	assert_int_equal(
	        sscanf(incident->chain[LINK_SILENCE].text, "its process stood still for %lf of %lf s", &stalled, &silent), 2);
	assert_true(stalled <= silent);
}

static void image_opens(struct story *story, double t, uint32_t image, uint64_t cookie)
{
	struct event event = event_at(t, FACT_image_open);

	event.trace.image_open = (struct fl_image_open){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .image = image,
		                                         .pool = "rbd",
		                                         .nspace = "",
		                                         .name = "vm1",
		                                         .snap = "",
		                                         .image_id = "1022" };
	add(story, &event);
	watch_begins(story, t, cookie);
}

static void image_closes(struct story *story, double t, uint32_t image)
{
	struct event event = event_at(t, FACT_image_close);

	event.trace.image_close = (struct fl_image_close){ .pid = 4711, .global_id = 4123, .image = image };
	add(story, &event);
}

static void watch_is_given_up(struct story *story, double t, uint64_t cookie)
{
	struct event event = event_at(t, FACT_watch_unregistered);

	event.trace.watch_unregistered =
	        (struct fl_watch_unregistered){ .pid = 4711, .global_id = 4123, .cookie = cookie, .oid = "rbd_header.1022" };
	add(story, &event);
}

/* One client, many images, as a gateway has them: the pings of the one that is open count. */
static void an_image_that_was_closed_is_not_judged_for_its_second_life(void **state)
{
	const struct incident *incident;

	vm_connects(*state, 0);
	watch_begins(*state, 0, COOKIE);
	pings(*state, 5, 55, true);
	ping(*state, 60, false);
	ping(*state, 65, false);
	overdue(*state, 67, 55);
	watch_is_given_up(*state, 68, COOKIE);
	image_closes(*state, 68.1, 1);
	image_opens(*state, 70, 2, COOKIE + 16);
	for (double t = 75; t < 300; t += 5)
		ping_of(*state, t, COOKIE + 16, true);
	lock_breaker(*state, 332, true);
	stands_still(*state, 300, 339);
	write_fails(*state, 339.4);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_CLIENT_STALLED);
}

/* Its last ping is old because nobody has it open any more. */
static void an_image_that_was_closed_long_ago_is_not_the_one_that_was_cut_off(void **state)
{
	const struct incident *incident;

	vm_connects(*state, 0);
	watch_begins(*state, 0, COOKIE);
	second_image(*state, 1, COOKIE + 16);
	for (double t = 5; t < 200; t += 5) {
		if (t < 60)
			ping(*state, t, true);
		ping_of(*state, t, COOKIE + 16, true);
	}
	watch_is_given_up(*state, 60, COOKIE);
	image_closes(*state, 60.1, 1);
	command(*state, 200, "add", ADDRESS, false, "client.admin");
	finished(*state, 200.5, "client.admin");
	write_fails(*state, 201);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pings_that_are_lost_after_a_short_standstill_are_the_reason),
		TEST(pings_that_were_lost_before_a_hole_prove_nothing_behind_it),
		TEST(a_recording_that_ends_minutes_before_the_fence_shows_no_reason),
		TEST(what_the_tracer_discarded_may_be_a_way_back),
		TEST(a_standstill_before_a_hole_proves_nothing_behind_it),
		TEST(a_watch_that_failed_before_a_hole_proves_nothing_behind_it),
		TEST(a_standstill_is_no_longer_than_the_silence_that_it_explains),
		TEST(an_image_that_was_closed_is_not_judged_for_its_second_life),
		TEST(an_image_that_was_closed_long_ago_is_not_the_one_that_was_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
