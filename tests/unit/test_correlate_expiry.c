/* SPDX-License-Identifier: MIT */
/* When a watch had run out: by the timeout as it stood then. */
#include "story.h"

#define DUMPED (-1.0)

static void timeout_is_told(struct story *story, double t, uint32_t seconds)
{
	struct event event = event_at(t, FACT_watch_timeout);

	event.source = &audit;
	event.ts_ns = t < 0 ? 0 : event.ts_ns;
	event.timeout.seconds = seconds;
	add(story, &event);
}

/* Pings lost for 34 s, and only the audit log tells of the fence. */
static const struct incident *fenced_after_34_s(struct story *story)
{
	a_vm_is_there(story);
	pings(story, 5, 20, true);
	pings_are_lost(story, 25, 50);
	command(story, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(story, 54);
	return only_incident(story, 0);
}

static void a_timeout_that_a_dump_tells_holds(void **state)
{
	const struct incident *incident;

	timeout_is_told(*state, DUMPED, 20);
	incident = fenced_after_34_s(*state);
	assert_int_equal(incident->watch_timeout_s, 20);
	assert_string_equal(incident->watch_timeout_from, "log");
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_INFERRED);
}

/* story 12001:845: a log of another cluster told its own */
static void of_two_clusters_a_timeout_that_names_neither_is_nobodys(void **state)
{
	const struct incident *incident;

	a_client_of(*state, 4123, "c0ffee", ADDRESS);
	a_client_of(*state, 7, "deadbeef", "10.99.7.7:0/7");
	timeout_is_told(*state, DUMPED, 60);
	incident = fenced_after_34_s(*state);
	assert_int_equal(incident->watch_timeout_s, 30);
	assert_string_equal(incident->watch_timeout_from, "assumed");
}

static void a_timeout_that_was_set_after_the_fence_did_not_stand_then(void **state)
{
	const struct incident *incident;

	timeout_is_told(*state, DUMPED, 300); /* what the dump of the morning after shows */
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 50);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	timeout_is_told(*state, 500, 300);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->watch_timeout_s, 30);
	assert_string_equal(incident->watch_timeout_from, "assumed");
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_MISSING);
}

static void a_timeout_that_changed_meanwhile_proves_nothing(void **state)
{
	const struct incident *incident;

	timeout_is_told(*state, 0.01, 20); /* before the watch was registered: it is that watch's */
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	timeout_is_told(*state, 22, 120);
	pings_are_lost(*state, 25, 50);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->watch_timeout_s, 20);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_MISSING);
}

static void lost_pings_do_not_explain_a_watch_that_was_gone_before_its_timeout(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 30);
	lock_breaker(*state, 32, true);
	write_fails(*state, 34);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_CONTRADICTED);
	assert_int_equal(incident->contradiction_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_timeout_that_a_dump_tells_holds),
		TEST(of_two_clusters_a_timeout_that_names_neither_is_nobodys),
		TEST(a_timeout_that_was_set_after_the_fence_did_not_stand_then),
		TEST(a_timeout_that_changed_meanwhile_proves_nothing),
		TEST(lost_pings_do_not_explain_a_watch_that_was_gone_before_its_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
