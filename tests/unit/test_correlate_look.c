/* SPDX-License-Identifier: MIT */
/* The fencer looked before the fence's first sign: what the client was like then, not when it was refused. */
#include "story.h"

static void a_watch_that_failed_long_before_is_no_sign_of_the_fence(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	watch_fails(*state, 21, -107);
	command(*state, 40, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 45);
	incident = only_incident(*state, 0);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
	assert_int_not_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->entry, FL_ENTRY_UNKNOWN);
}

/* As it is seen on the wire: the ping's -107 comes a moment before librbd is told of its watch. */
static void ping_that_ends_its_watch(struct story *story, double t)
{
	struct event reply = event_at(t + 0.001, FACT_ping_reply);

	ping(story, t, false);
	reply.trace.ping_reply = (struct fl_ping_reply){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .cookie = COOKIE,
		                                         .gen = 1,
		                                         .sent_ns = at(t),
		                                         .rtt_ns = NS_PER_MS,
		                                         .result = -ENOTCONN,
		                                         .osd = OSD };
	add(story, &reply);
	watch_fails(story, t + 0.002, -ENOTCONN);
}

static void a_watch_that_a_ping_found_gone_long_before_is_the_reason(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 30, true);
	ping_that_ends_its_watch(*state, 35);
	for (double t = 36; t < 600; t += 3) /* it is recorded all the while: it did not come back */
		vm_connects(*state, t);
	lock_breaker(*state, 600, true);
	write_fails(*state, 600.6);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_WATCH_LOST);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

static void who_had_no_watch_is_not_told_as_alive(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 30, true);
	ping_that_ends_its_watch(*state, 35);
	command(*state, 60, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 60.6);
	assert_int_not_equal(only_incident(*state, 30)->cause, CAUSE_FENCED_WHILE_ALIVE);
}

static void who_came_back_before_the_fence_arrived_had_lost_its_pings(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	lock_breaker(*state, 52, true);
	watch_fails(*state, 53, -107);
	watch_begins(*state, 54, COOKIE + 16);
	write_fails(*state, 57);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_non_null(strstr(incident->chain[LINK_SILENCE].text, "it was back"));
}

static void breaks_lock(struct story *story, double t)
{
	struct event event = event_at(t, FACT_header_op);

	event.source = &fencers;
	event.trace.header_op = (struct fl_header_op){
		.pid = 9021, .global_id = 4307, .oid = "rbd_header.1022", .pool = "rbd", .nspace = "", .method = "lock.break_lock"
	};
	add(story, &event);
}

/* On another host, as rbd-mirror: it lists nobody, fences, and breaks the lock. */
static void breaks_elsewhere(struct story *story, double t)
{
	struct event event = event_at(t - 0.1, FACT_watchers_listed);

	event.source = &fencers;
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = 0 };
	add(story, &event);
	sends(story, t, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.rbd-mirror.a");
	breaks_lock(story, t + 1);
}

static void io_waits(struct story *story, double from, double to)
{
	for (double t = from + 1; t <= to; t++) {
		struct event event = event_at(t, FACT_io_summary);

		event.trace.io_summary =
		        (struct fl_io_summary){ .pid = 4711, .global_id = 4123, .image = 1, .span_ns = NS_PER_S, .inflight = 1 };
		add(story, &event);
	}
}

/* story 17006:1795: it had come back, a first fence, of another of its disks, is in no input, and the second one's sender looked
 * later */
static void whether_it_was_back_when_the_fencer_looked_is_open_by_two_clocks(void **state)
{
	a_vm_falls_silent(*state);
	breaks_elsewhere(*state, 52);
	watch_fails(*state, 53, -107);
	watch_begins(*state, 54, COOKIE + 16);
	write_fails(*state, 57);
	assert_int_not_equal(only_incident(*state, 0)->confidence, CONF_PROVEN);
}

/* story 17007:3895: the process had stood still, and awoke to a watch that had run out; the recording begins there */
static void a_ping_that_left_as_the_watch_failed_is_not_lost(void **state)
{
	breaks_elsewhere(*state, 32);
	vm_connects(*state, 39.82);
	ping(*state, 39.83, false);
	watch_fails(*state, 39.831, -107);
	write_fails(*state, 44);
	assert_int_not_equal(only_incident(*state, 8)->cause, CAUSE_LOST_PINGS);
}

/* Nautilus holds I/O back instead of failing it. The first of two fences is in no input: it refused the client long before. */
static void a_fence_of_one_that_was_refused_before_is_not_proven(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	watch_fails(*state, 53, -107);
	watch_begins(*state, 54, COOKIE + 16);
	watch_of_fails(*state, 57, COOKIE + 16, "rbd_header.1022", -107);
	breaks_elsewhere(*state, 87);
	io_waits(*state, 57, 120);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->waiting_ios, 1);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void io_that_waited_long_before_the_command_is_not_its_harm(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 30, true);
	watch_fails(*state, 32, -107);
	io_waits(*state, 33, 120);
	sends(*state, 66, FL_ENTRY_BREAK_LOCK_API, "client.nova");
	command(*state, 66, "add", ADDRESS, false, "client.nova");
	breaks_lock(*state, 67);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->waiting_ios, 1);
	assert_int_equal(incident->chain[LINK_FENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_HARM].status, STATUS_INFERRED);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* story 19002:321: the client's recording ends long before the command. A fence that no input holds had come first. */
static void io_that_waited_when_the_recording_ended_is_not_its_harm(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	io_waits(*state, 24, 55);
	watch_fails(*state, 53, -107);
	breaks_elsewhere(*state, 87);
	command(*state, 87, "add", ADDRESS, false, "client.cinder");
	breaks_lock(*state, 88);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->waiting_ios, 0);
	assert_int_equal(incident->chain[LINK_HARM].status, STATUS_INFERRED);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void who_came_back_is_not_said_to_be_fenced_by_a_person(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	watch_fails(*state, 53, -107);
	watch_begins(*state, 54, COOKIE + 16);
	command(*state, 52, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 57);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->entry, FL_ENTRY_UNKNOWN);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void no_person_is_named_where_another_disk_had_no_watch(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	second_image(*state, 0.2, COOKIE + 32);
	ping_of(*state, 5, COOKIE + 32, true);
	ping_of(*state, 10, COOKIE + 32, true);
	watch_fails(*state, 12, -107);
	for (double t = 15; t <= 45; t += 5)
		ping_of(*state, t, COOKIE + 32, true);
	command(*state, 40, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 46);
	watch_is_refused(*state, 60, COOKIE + 16);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->entry, FL_ENTRY_UNKNOWN);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void a_watch_whose_begin_was_discarded_may_be_of_after_the_look(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 40, false);
	lock_breaker(*state, 47, true);
	events_are_lost(*state, 43, 54.5); /* the -107, and the registration that followed */
	ping_of(*state, 59.3, COOKIE + 16, true);
	watch_of_fails(*state, 61.6, COOKIE + 16, "rbd_header.1022", -107);
	write_fails(*state, 62.5);
	incident = only_incident(*state, 20);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* rbd_lock_break lists the watchers, finds the owner there, and fences it all the same. */
static void a_watch_that_the_fencers_list_held_ended_after_it(void **state)
{
	const struct incident *incident;
	struct event event = event_at(39.8, FACT_lock_break_begin);

	a_vm_is_there(*state);
	pings(*state, 5, 40, true);
	event.trace.lock_break_begin = (struct fl_lock_break_begin){ .pid = 9021,
		                                                     .global_id = 4307,
		                                                     .action = 1,
		                                                     .image = 1,
		                                                     .call = "rbd_lock_break",
		                                                     .locker = "client.4123",
		                                                     .cookie = "" };
	event.source = &fencers;
	add(*state, &event);
	event = event_at(39.9, FACT_watchers_listed);
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = 1 };
	event.source = &fencers;
	add(*state, &event);
	event = event_at(39.9, FACT_watcher_listed);
	event.trace.watcher_listed = (struct fl_watcher_listed){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .list = 1,
		                                                 .oid = "rbd_header.1022",
		                                                 .watcher_address = ADDRESS,
		                                                 .watcher_gid = 4123,
		                                                 .cookie = COOKIE,
		                                                 .timeout_s = 30 };
	event.source = &fencers;
	add(*state, &event);
	sends(*state, 40, FL_ENTRY_BREAK_LOCK_API, "client.nova");
	watch_fails(*state, 42, -107);
	write_fails(*state, 52);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

/* By a log whose clock nothing ties to the trace's: the recording began when the watch was long there. */
static void when_an_osd_took_the_watch_is_no_sign_of_life_by_another_clock(void **state)
{
	static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };
	const struct incident *incident;
	struct event event = event_at(61.7, FACT_watch_logged);

	vm_connects(*state, 50);
	pings(*state, 51, 61, false);
	sends(*state, 55.7, FL_ENTRY_BREAK_LOCK_API, "client.nova");
	event.source = &osd_log;
	event.watch.what = WATCH_REGISTERED;
	event.watch.gid = 4123;
	event.watch.address = ADDRESS;
	event.watch.cookie = COOKIE;
	event.watch.object = "rbd_header.1022";
	event.watch.osd = OSD;
	add(*state, &event);
	watch_fails(*state, 63.1, -107);
	write_fails(*state, 63.2);
	incident = only_incident(*state, 0);
	assert_int_not_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_watch_that_failed_long_before_is_no_sign_of_the_fence),
		TEST(a_watch_that_a_ping_found_gone_long_before_is_the_reason),
		TEST(who_had_no_watch_is_not_told_as_alive),
		TEST(who_came_back_before_the_fence_arrived_had_lost_its_pings),
		TEST(whether_it_was_back_when_the_fencer_looked_is_open_by_two_clocks),
		TEST(a_ping_that_left_as_the_watch_failed_is_not_lost),
		TEST(a_fence_of_one_that_was_refused_before_is_not_proven),
		TEST(io_that_waited_long_before_the_command_is_not_its_harm),
		TEST(io_that_waited_when_the_recording_ended_is_not_its_harm),
		TEST(who_came_back_is_not_said_to_be_fenced_by_a_person),
		TEST(no_person_is_named_where_another_disk_had_no_watch),
		TEST(when_an_osd_took_the_watch_is_no_sign_of_life_by_another_clock),
		TEST(a_watch_that_the_fencers_list_held_ended_after_it),
		TEST(a_watch_whose_begin_was_discarded_may_be_of_after_the_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
