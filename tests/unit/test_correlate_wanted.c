/* SPDX-License-Identifier: MIT */
/* Whose lock the fencer wanted, where it takes snapshots of several images at once over one connection. */
#include "story.h"

static void lists(struct story *story, double t, uint64_t list, const char *oid, bool owner)
{
	struct event event = event_at(t, FACT_watchers_listed);

	event.source = &fencers;
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = list, .oid = oid, .watchers = owner };
	add(story, &event);
	if (!owner)
		return;
	event = event_at(t, FACT_watcher_listed);
	event.source = &fencers;
	event.trace.watcher_listed = (struct fl_watcher_listed){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .list = list,
		                                                 .watcher_address = ADDRESS,
		                                                 .watcher_gid = 4123,
		                                                 .oid = oid,
		                                                 .cookie = COOKIE + 16,
		                                                 .timeout_s = 30 };
	add(story, &event);
}

static void breaks_lock_of(struct story *story, double t, const char *oid)
{
	struct event event = event_at(t, FACT_header_op);

	event.source = &fencers;
	event.trace.header_op = (struct fl_header_op){
		.pid = 9021, .global_id = 4307, .oid = oid, .pool = "rbd", .nspace = "", .method = "lock.break_lock"
	};
	add(story, &event);
}

static void snapshots_begin(struct story *story, double t)
{
	struct event event = event_at(t, FACT_snapshot_begin);

	for (int i = 1; i <= 2; i++) {
		event.source = &fencers;
		event.trace.snapshot_begin = (struct fl_snapshot_begin){ .pid = 9021,
			                                                 .global_id = 4307,
			                                                 .action = (uint64_t)i,
			                                                 .image = (uint32_t)i,
			                                                 .op = "create",
			                                                 .snap = i == 1 ? "daily-1" : "daily-2",
			                                                 .pool = "rbd",
			                                                 .nspace = "",
			                                                 .name = i == 1 ? "vm1" : "vm1-disk1",
			                                                 .image_id = i == 1 ? "1022" : "2044" };
		add(story, &event);
	}
}

/* A gateway's client has two images. The pings of the first are lost, the second's watch stands. */
static void a_gateway_loses_pings(struct story *story, bool breaks)
{
	vm_connects(story, 0);
	watch_begins(story, 0, COOKIE);
	second_image(story, 0, COOKIE + 16);
	pings(story, 5, 25, true);
	for (double t = 5; t < 75; t += 5)
		ping_of(story, t + 0.1, COOKIE + 16, true);
	pings(story, 30, 70, false);
	overdue(story, 71, 25);
	snapshots_begin(story, 72);
	lists(story, 73, 1, "rbd_header.1022", false);
	lists(story, 73.1, 2, "rbd_header.2044", true);
	sends(story, 73.5, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	if (breaks)
		breaks_lock_of(story, 74, "rbd_header.1022");
	write_fails(story, 74.6);
}

static void the_lock_that_was_broken_is_the_one_that_was_wanted(void **state)
{
	const struct incident *incident;

	a_gateway_loses_pings(*state, true);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_non_null(incident->window);
	assert_string_equal(incident->window->snap, "daily-1");
}

/* Which of the two lists led to the command is not known, and so is which snapshot it was for. */
static void of_two_that_are_busy_none_is_taken(void **state)
{
	const struct incident *incident;

	a_gateway_loses_pings(*state, false);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
	assert_true(!incident->window || !incident->window->snap);
}

/* Three commands for one client within a second are one in the model: its first lock need not be what the first was for. */
static void of_more_locks_than_commands_none_is_taken(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	second_image(*state, 0, COOKIE + 16);
	pings(*state, 5, 25, true);
	pings_are_lost(*state, 30, 70);
	snapshots_begin(*state, 72);
	lists(*state, 72.5, 1, "rbd_header.1022", false);
	lists(*state, 72.6, 2, "rbd_header.2044", false);
	sends(*state, 73, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	breaks_lock_of(*state, 74, "rbd_header.1022");
	breaks_lock_of(*state, 74.1, "rbd_header.2044");
	write_fails(*state, 74.6);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
	assert_true(!incident->window || !incident->window->snap);
}

/* One after the other: what it listed last is what it wanted. */
static void who_works_on_one_after_the_other_wanted_the_last(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	pings_are_lost(*state, 30, 70);
	lists(*state, 60, 1, "rbd_header.2044", false);
	snapshots_begin(*state, 72);
	lists(*state, 73, 2, "rbd_header.1022", false);
	sends(*state, 73.5, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	write_fails(*state, 74.6);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_SEEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_lock_that_was_broken_is_the_one_that_was_wanted),
		TEST(of_two_that_are_busy_none_is_taken),
		TEST(of_more_locks_than_commands_none_is_taken),
		TEST(who_works_on_one_after_the_other_wanted_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
