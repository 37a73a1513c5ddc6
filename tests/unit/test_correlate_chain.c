/* SPDX-License-Identifier: MIT */
/* The links of the chain: what a witness is for each, and what is none. */
#include "story.h"

static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };

/* ---- what else may happen in a story ---- */

static void fences(struct story *story, double t, enum fl_blocklist_entry entry)
{
	sends_in(story, &fencers, t, entry, "client.cinder");
}

static void lists_watchers(struct story *story, double t, uint32_t watchers)
{
	struct event event = event_at(t, FACT_watchers_listed);

	event.source = &fencers;
	event.trace.watchers_listed = (struct fl_watchers_listed){
		.pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = watchers
	};
	add(story, &event);
}

static void breaks_lock(struct story *story, double t, uint64_t gid, int32_t result)
{
	struct event event = event_at(t, FACT_header_op);

	event.source = &fencers;
	event.trace.header_op = (struct fl_header_op){ .pid = (uint32_t)gid + 1,
		                                       .global_id = gid,
		                                       .oid = "rbd_header.1022",
		                                       .pool = "rbd",
		                                       .nspace = "",
		                                       .method = "lock.break_lock",
		                                       .result = result };
	if (gid == 4307)
		event.trace.header_op.pid = 9021;
	add(story, &event);
}

static void osd_processes(struct story *story, double t)
{
	struct event event = event_at(t, FACT_watch_logged);

	event.source = &osd_log;
	event.watch = (struct watch_logged){
		.what = WATCH_PINGED, .cookie = COOKIE, .gid = 4123, .address = "", .object = "rbd_header.1022", .osd = "osd.0"
	};
	add(story, &event);
}

/* ---- the fencer's reason ---- */

static void an_api_call_looked_at_no_watch(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 50);
	fences(*state, 52, FL_ENTRY_BLOCKLIST_API);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_BY_COMMAND);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_NONE);
	assert_int_equal(incident->client_state, CLIENT_SILENT);
}

static void an_admins_audit_line_alone_does_not_tell_a_command_from_librbds_break(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 55);
	command(*state, 57, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 58);
	incident = only_incident(*state, 30);
	assert_null(incident_entry_name(incident));
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_INFERRED); /* by the timeout that was given */
}

/* ---- missing evidence is not a lost ping ---- */

static void a_ping_in_flight_when_the_recording_ends_is_not_lost(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	ping(*state, 25, false);
	lock_breaker(*state, 60, true);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_MISSING);
}

static void without_a_positive_witness_missing_answers_prove_nothing(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_INFERRED);
}

static void a_list_that_came_in_incompletely_is_no_witness(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 50);
	lists_watchers(*state, 51.9, 2);
	fences(*state, 52, FL_ENTRY_BREAK_LOCK_API);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_BY_COMMAND);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->contradiction_count, 1);
}

static void the_cluster_is_paused(struct story *story, double from, double to)
{
	struct event event = event_at(from, FACT_cluster_paused);

	event.source = &audit;
	event.paused.what = PAUSE_BEGAN;
	add(story, &event);
	event.ts_ns = at(to);
	event.paused.what = PAUSE_ENDED;
	add(story, &event);
}

/* Where the wire shows nothing (secure mode), only the age of the last acknowledged ping tells; a paused client sends none. */
static void in_a_paused_cluster_no_ping_is_lost(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	the_cluster_is_paused(*state, 21, 60);
	for (double t = 1; t <= 53; t += 4)
		overdue(*state, t, t < 25 ? t - 1 : 21);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_MISSING);
	assert_non_null(strstr(incident->chain[LINK_SILENCE].text, "paused"));
}

static void a_pause_that_was_over_before_excuses_no_silence(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	the_cluster_is_paused(*state, 2, 8);
	for (double t = 1; t <= 53; t += 4)
		overdue(*state, t, t < 25 ? t - 1 : 21);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
}

/* ---- clocks ---- */

static void a_refusal_before_its_command_doubts_the_clocks(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	write_fails(*state, 22);
	command(*state, 90, "add", ADDRESS, false, "client.admin");
	finished(*state, 90.4, "client.admin");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_true(incident->doubtful_clocks);
	assert_int_equal(incident->first_eshutdown.ts_ns, at(22));
	assert_int_equal(incident->contradiction_count, 1);
}

/* ---- witnesses that disagree ---- */

static void a_process_that_was_busy_did_not_stand_still(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 50);
	stands_still(*state, 22, 51.5);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->contradiction_count, 1);
}

static void what_the_osd_processed_was_not_lost(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	for (double t = 5; t <= 50; t += 5)
		osd_processes(*state, t);
	pings_are_lost(*state, 25, 50);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_CONTRADICTED);
	assert_null(incident->watch_expired_from);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* story 15005:2129: a client.admin's librbd fenced it, and was told as a person's command */
static void where_the_osd_and_the_client_disagree_no_person_is_named(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	for (double t = 5; t <= 50; t += 5)
		osd_processes(*state, t);
	pings_are_lost(*state, 25, 50);
	command(*state, 52, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 54);
	assert_int_equal(only_incident(*state, 30)->entry, FL_ENTRY_UNKNOWN);
}

static void whose_command_it_was_is_open_where_the_lock_was_broken_already(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_are_lost(*state, 25, 50);
	lists_watchers(*state, 51.9, 0);
	fences(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK);
	breaks_lock(*state, 53, 4307, -ENOENT);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_CONTRADICTED);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

static void a_command_that_never_finished_fenced_nobody(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	command(*state, 22, "add", ADDRESS, false, "client.admin");
	pings(*state, 25, 90, true);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->chain[LINK_FENCE].status, STATUS_CONTRADICTED);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
}

/* ---- what it cost ---- */

/* A second recording of the client has the watch's error; the first one has its pings. */
static void a_watchs_108_is_told_by_the_input_that_holds_it(void **state)
{
	static const struct source second = { .path = "second trace", .kind = "ctf", .host = "compute1" };
	struct event event = event_at(52.5, FACT_watch_error);
	const struct incident *incident;
	const char *told_by = NULL;

	a_vm_is_there(*state);
	pings(*state, 5, 50, true);
	command(*state, 52, "add", ADDRESS, false, "client.admin");
	finished(*state, 52.4, "client.admin");
	event.source = &second;
	event.trace.watch_error = (struct fl_watch_error){
		.pid = 4711, .global_id = 4123, .cookie = COOKIE, .oid = "rbd_header.1022", .result = -ESHUTDOWN
	};
	add(*state, &event);
	vm_connects(*state, 53);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->chain[LINK_HARM].status, STATUS_SEEN);
	for (size_t i = 0; i < incident->evidence_count; i++)
		if (incident->evidence[i].roles & ROLE(LINK_HARM))
			told_by = incident->evidence[i].source;
	assert_non_null(told_by);
	assert_string_equal(told_by, "second trace");
}

/* ---- near misses ---- */

static void a_refused_fence_is_a_near_miss(void **state)
{
	const struct verdicts *verdicts;

	denied(*state, 22, "client.kube");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 0);
	assert_int_equal(verdicts->near_miss_count, 1);
	assert_int_equal(verdicts->near_misses[0].kind, NEAR_FENCE_REFUSED);
	assert_non_null(strstr(verdicts->near_misses[0].text, "client.kube"));
}

/* ---- what was the reason, and what only followed ---- */

/* -110: the OSD has the watch, and calls it disconnected. */
static void a_watch_that_the_osd_calls_disconnected_is_not_seen_to_be_gone(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 45, true);
	watch_fails(*state, 48, -ETIMEDOUT);
	lock_breaker(*state, 52, false);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_WATCH_LOST);
	assert_int_equal(incident->chain[LINK_WATCH].status, STATUS_INFERRED);
	assert_non_null(strstr(incident->chain[LINK_WATCH].text, "error -110"));
	assert_null(strstr(incident->chain[LINK_WATCH].text, "-107"));
}

/* Its pings went unanswered before the first fence. The second one found it cut off. */
static void what_an_earlier_fence_cut_off_fell_silent_by_that(void **state)
{
	const struct verdicts *verdicts;

	a_vm_falls_silent(*state);
	lock_breaker(*state, 52, true);
	watch_fails(*state, 53, -ENOTCONN);
	write_fails(*state, 54);
	command(*state, 80, "rm", ADDRESS, false, "client.admin");
	command(*state, 120, "add", ADDRESS, false, "client.admin");
	vm_connects(*state, 130);
	verdicts = judge(*state, 30);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].cause, CAUSE_LOST_PINGS);
	assert_int_equal(verdicts->incidents[1].cause, CAUSE_UNKNOWN);
	assert_int_equal(verdicts->incidents[1].chain[LINK_SILENCE].status, STATUS_MISSING);
}

/* By one clock: the list lacks the owner, and the OSD answers the ping that its watch sent after it. */
static void a_list_that_a_later_answer_belies_proves_no_lost_watch(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 50, true);
	lock_breaker(*state, 52, true);
	ping(*state, 51.95, true);
	watch_fails(*state, 53, -ENOTCONN);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_WATCH_LOST);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_non_null(strstr(incident->contradictions[0], "lacks the owner, yet a ping"));
}

static void a_list_that_no_later_answer_belies_does(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 50, true);
	lock_breaker(*state, 52, true);
	watch_fails(*state, 53, -ENOTCONN);
	write_fails(*state, 54);
	assert_int_equal(only_incident(*state, 0)->confidence, CONF_PROVEN);
}

static void whose_two_commands_fenced(struct story *story, bool first_ends)
{
	struct event event = event_at(52.1, FACT_audit_blocklist);

	a_vm_is_there(story);
	pings(story, 5, 20, true);
	pings(story, 25, 70, false);
	overdue(story, 71, 20);
	lock_breaker(story, 52, true);
	event.source = &audit;
	event.audit = (struct audit_blocklist){ .op = "add",
		                                .target = ADDRESS,
		                                .expire_s = -1,
		                                .from_address = "10.99.0.1:0/9",
		                                .from_gid = 4307,
		                                .entity = "client.cinder",
		                                .phase = AUDIT_DISPATCH,
		                                .result_text = "" };
	add(story, &event);
	event.ts_ns = at(52.6);
	event.audit.phase = AUDIT_FINISHED;
	if (first_ends)
		add(story, &event);
	command(story, 72, "add", ADDRESS, false, "client.admin");
	finished(story, 72.5, "client.admin");
	write_fails(story, 73);
}

/* The librbd that asked first never got its answer: the monitors' log has no end of it, and that of another's. */
static void a_traced_command_without_its_end_proves_nothing_beside_one_that_ended(void **state)
{
	const struct incident *incident;

	whose_two_commands_fenced(*state, false);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->blocklist->entity, "client.admin");
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

static void a_traced_command_with_its_end_is_the_fence(void **state)
{
	const struct incident *incident;

	whose_two_commands_fenced(*state, true);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->blocklist->entity, "client.cinder");
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

static void whoever_was_let_in_again_unharmed_is_not_told_to_restart(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	command(*state, 22, "add", ADDRESS, false, "client.admin");
	command(*state, 22.5, "rm", ADDRESS, false, "client.admin");
	pings(*state, 5, 60, true);
	incident = only_incident(*state, 0);
	assert_true(incident->unharmed);
}

static void whoever_was_refused_meanwhile_is_not_unharmed(void **state)
{
	a_vm_is_there(*state);
	command(*state, 22, "add", ADDRESS, false, "client.admin");
	command(*state, 30, "rm", ADDRESS, false, "client.admin");
	pings(*state, 5, 20, true);
	write_fails(*state, 24);
	pings(*state, 35, 60, true);
	assert_false(only_incident(*state, 0)->unharmed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_api_call_looked_at_no_watch),
		TEST(an_admins_audit_line_alone_does_not_tell_a_command_from_librbds_break),
		TEST(a_ping_in_flight_when_the_recording_ends_is_not_lost),
		TEST(without_a_positive_witness_missing_answers_prove_nothing),
		TEST(a_list_that_came_in_incompletely_is_no_witness),
		TEST(in_a_paused_cluster_no_ping_is_lost),
		TEST(a_pause_that_was_over_before_excuses_no_silence),
		TEST(a_refusal_before_its_command_doubts_the_clocks),
		TEST(a_process_that_was_busy_did_not_stand_still),
		TEST(what_the_osd_processed_was_not_lost),
		TEST(where_the_osd_and_the_client_disagree_no_person_is_named),
		TEST(whose_command_it_was_is_open_where_the_lock_was_broken_already),
		TEST(a_command_that_never_finished_fenced_nobody),
		TEST(a_watchs_108_is_told_by_the_input_that_holds_it),
		TEST(a_refused_fence_is_a_near_miss),
		TEST(a_watch_that_the_osd_calls_disconnected_is_not_seen_to_be_gone),
		TEST(what_an_earlier_fence_cut_off_fell_silent_by_that),
		TEST(a_list_that_a_later_answer_belies_proves_no_lost_watch),
		TEST(a_list_that_no_later_answer_belies_does),
		TEST(a_traced_command_without_its_end_proves_nothing_beside_one_that_ended),
		TEST(a_traced_command_with_its_end_is_the_fence),
		TEST(whoever_was_let_in_again_unharmed_is_not_told_to_restart),
		TEST(whoever_was_refused_meanwhile_is_not_unharmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
