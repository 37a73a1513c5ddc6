/* SPDX-License-Identifier: MIT */
/* The rules of the verdict, each at its edges: what the cause was. */
#include "io_failures.h"
#include "story.h"

/* ---- causes ---- */

static void unanswered_pings_an_expiry_a_fence_and_108_are_proof(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->lost_pings, 6);
	assert_int_equal(incident->last_ping_ack_ns, at(20));
	assert_string_equal(incident->watch_expired_from, "seen");
	assert_string_equal(incident->header_osd, OSD);
	assert_string_equal(incident->header_object, "rbd_header.1022");
	assert_int_equal(incident->missing_count, 0);
	assert_string_equal(incident->window->snap, "s6");
	assert_int_equal(incident->failed_ios, 1);
}

/* Both had wanted the lock; only the second one's trace is there. (story 9002:84) */
static void who_fenced_is_open_where_another_client_had_the_image_open(void **state)
{
	struct event event = event_at(51.9, FACT_watcher_listed);
	const struct incident *incident;

	a_vm_falls_silent(*state);
	lock_breaker(*state, 52, true);
	event.trace.watcher_listed = (struct fl_watcher_listed){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .list = 1,
		                                                 .oid = "rbd_header.1022",
		                                                 .watcher_address = "10.99.0.8:0/81",
		                                                 .watcher_gid = 4411,
		                                                 .cookie = COOKIE + 1 };
	add(*state, &event);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

/* Another fence had come before the only one that an input holds. (story 13011:3376) */
static void a_client_that_an_osd_refused_before_the_command_is_in_doubt(void **state)
{
	static const struct source osd_log = { .path = "ceph-osd.1.log", .kind = "ceph-osd", .host = "" };
	struct event event = event_at(48, FACT_io_failure);
	const struct incident *incident;

	a_vm_falls_silent(*state);
	event.source = &osd_log;
	event.failure = osd_refuses(ADDRESS);
	add(*state, &event);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_true(incident->doubtful_clocks);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

static void without_108_nothing_is_proven(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 52, true);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_int_equal(incident->chain[LINK_HARM].status, STATUS_MISSING);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_INFERRED); /* by two clocks */
	assert_true(incident->missing_count >= 2);
}

/* It met the fence only later; when the fencer looked, 20 of 30 s were over, and yet the watch was gone. */
static void a_look_before_the_timeout_was_over_proves_no_lost_pings(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 40, true);
	overdue(*state, 51, 20);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

static void without_a_list_of_watchers_the_timeout_tells_of_the_expiry(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_string_equal(incident->watch_expired_from, "computed");
	assert_int_equal(incident->watch_expired_ns, at(50));
	assert_string_equal(incident->watch_timeout_from, "assumed");
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_MISSING); /* nobody tells this cluster's timeout */
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_INFERRED);
}

static void a_longer_timeout_leaves_the_expiry_unproven(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 52, false);
	write_fails(*state, 54);
	incident = only_incident(*state, 60);
	assert_string_equal(incident->watch_timeout_from, "option");
	assert_null(incident->watch_expired_from);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS); /* librbd fences only an owner whose watch is gone */
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->missing_count, 1);
}

static void a_client_that_stood_still_lost_no_ping(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	lock_breaker(*state, 52, true);
	stands_still(*state, 22, 54);
	write_fails(*state, 54.5);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_STALLED);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->lost_pings, 0);
}

static void a_ping_in_flight_when_it_stopped_is_not_lost(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	ping(*state, 25, false);
	lock_breaker(*state, 57, true);
	stands_still(*state, 25.4, 59);
	write_fails(*state, 59.5);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_STALLED);
	assert_int_equal(incident->lost_pings, 0);
}

static void a_hiccup_among_lost_pings_is_no_standstill(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	stands_still(*state, 41, 43);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->lost_pings, 6);
}

static void a_standstill_after_the_watch_had_run_out_is_not_the_reason(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	overdue(*state, 27.5, 20);
	/* with a timeout of 8 s it had run out at 28; nothing shows what became of the ping at 25 */
	stands_still(*state, 29, 44);
	lock_breaker(*state, 34, true);
	write_fails(*state, 48);
	incident = only_incident(*state, 8);
	assert_false(incident->cause == CAUSE_CLIENT_STALLED && incident->confidence == CONF_PROVEN);
}

static void a_registration_that_took_long_is_no_lost_ping(void **state)
{
	const struct incident *incident;

	vm_connects(*state, 30);
	lock_breaker(*state, 35.4, true);
	overdue(*state, 36, 23.7); /* the first look at a watch that was asked for then, and had at 35.9 */
	watch_fails(*state, 36.8, -107);
	write_fails(*state, 37.3);
	incident = only_incident(*state, 12);
	assert_false(incident->cause == CAUSE_LOST_PINGS && incident->confidence == CONF_PROVEN);
}

static void whose_lock_it_was_is_needed_for_how_its_watch_was_lost(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	second_image(*state, 0.2, COOKIE + 32);
	for (double t = 5; t <= 50; t += 5) {
		ping(*state, t, t < 25);
		ping_of(*state, t + 0.1, COOKIE + 32, t < 25);
	}
	overdue(*state, 51, 20);
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_true(incident->missing_count >= 1);
}

static void a_command_is_proven_where_that_it_was_alive_is_not(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 40, true);
	sends(*state, 40, FL_ENTRY_MONITOR_COMMAND, "client.ha");
	watch_fails(*state, 42, -107); /* by the fence, or before it: then it was not alive */
	write_fails(*state, 52);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_BY_COMMAND);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_INFERRED);
}

/* The recording has no sign of the fence, so the monitors' clock may be any minutes off. (story 9001:2753) */
static void how_a_command_came_in_is_open_without_a_sign_of_the_fence(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 40, true);
	command(*state, 25.1, "add", ADDRESS, false, "client.admin");
	assert_null(incident_entry_name(only_incident(*state, 0)));
}

static void an_operator_fences_a_client_that_is_alive(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	ping(*state, 25, false); /* sent a moment before, and nobody answers a fenced client */
	command(*state, 25.1, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 26);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->lost_pings, 0);
	assert_string_equal(incident_entry_name(incident), "monitor-command");
}

static void a_command_before_the_last_answer_is_not_proven_where_another_followed(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 40, true);
	command(*state, 21, "add", ADDRESS, false, "client.admin");
	command(*state, 41, "add", ADDRESS, false, "client.ha");
	write_fails(*state, 42);
	incident = only_incident(*state, 0);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

static void of_a_service_user_the_audit_log_does_not_tell_the_route(void **state)
{
	const struct incident *incident;

	command(*state, 25.1, "add", ADDRESS, false, "client.cinder");
	incident = only_incident(*state, 0);
	assert_null(incident_entry_name(incident));
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_int_equal(incident->lost_pings, -1);
	assert_true(incident->missing_count >= 3);
}

static void a_watch_error_between_answered_pings_is_a_lost_watch(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	watch_fails(*state, 22, -ENOTCONN);
	lock_breaker(*state, 22.5, true);
	write_fails(*state, 24);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_WATCH_LOST);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

static void failed_io_before_the_fence_is_not_its_doing(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	write_fails(*state, 10);
	command(*state, 22, "add", ADDRESS, false, "client.admin");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->failed_ios, 0);
	assert_int_equal(incident->first_eshutdown.ts_ns, 0);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
}

static void evidence_is_in_order_of_time(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 52, true);
	command(*state, 52.01, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_true(incident->evidence_count > 8);
	for (size_t i = 0; i < incident->evidence_count; i++) {
		assert_true(!i || incident->evidence[i - 1].ts_ns <= incident->evidence[i].ts_ns);
		assert_true(*incident->evidence[i].source);
	}
}

/* story 17005:4542: the command was denied, and another one, of which no input tells, fenced the client */
static void a_command_whose_result_the_tracer_may_have_discarded_is_not_proven(void **state)
{
	static const struct source rest = { .path = "the rest of that trace", .kind = "ctf", .host = "storage1" };
	const struct incident *incident;
	struct event lost = event_at(23, FACT_lost_events);

	lost.source = &rest; /* story 19009:4440: a recording in two files */
	lost.lost.count = 18;
	lost.lost.begin_ns = at(22.1);
	lost.lost.end_ns = at(23);
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	sends(*state, 22, FL_ENTRY_MONITOR_COMMAND, "client.ha");
	add(*state, &lost);
	write_fails(*state, 24);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unanswered_pings_an_expiry_a_fence_and_108_are_proof),
		TEST(who_fenced_is_open_where_another_client_had_the_image_open),
		TEST(a_client_that_an_osd_refused_before_the_command_is_in_doubt),
		TEST(without_108_nothing_is_proven),
		TEST(a_look_before_the_timeout_was_over_proves_no_lost_pings),
		TEST(without_a_list_of_watchers_the_timeout_tells_of_the_expiry),
		TEST(a_longer_timeout_leaves_the_expiry_unproven),
		TEST(a_client_that_stood_still_lost_no_ping),
		TEST(a_ping_in_flight_when_it_stopped_is_not_lost),
		TEST(a_hiccup_among_lost_pings_is_no_standstill),
		TEST(a_standstill_after_the_watch_had_run_out_is_not_the_reason),
		TEST(a_registration_that_took_long_is_no_lost_ping),
		TEST(whose_lock_it_was_is_needed_for_how_its_watch_was_lost),
		TEST(a_command_is_proven_where_that_it_was_alive_is_not),
		TEST(how_a_command_came_in_is_open_without_a_sign_of_the_fence),
		TEST(an_operator_fences_a_client_that_is_alive),
		TEST(a_command_before_the_last_answer_is_not_proven_where_another_followed),
		TEST(of_a_service_user_the_audit_log_does_not_tell_the_route),
		TEST(a_watch_error_between_answered_pings_is_a_lost_watch),
		TEST(failed_io_before_the_fence_is_not_its_doing),
		TEST(a_command_whose_result_the_tracer_may_have_discarded_is_not_proven),
		TEST(evidence_is_in_order_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
