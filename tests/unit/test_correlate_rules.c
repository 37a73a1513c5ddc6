/* SPDX-License-Identifier: MIT */
/* The rules of the verdict, each at its edges. The model is a real one, fed with events. */
#include "correlate/correlate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0      (INT64_C(1795383660) * NS_PER_S)
#define ADDRESS "10.99.0.2:0/3655019494"
#define COOKIE  93825000001
#define OSD     "10.99.0.1:6802"

static const struct source source = { .path = "trace", .kind = "ctf", .host = "compute1" };
static const struct source audit = { .path = "ceph.audit.log", .kind = "ceph-audit", .host = "" };

struct story {
	struct model *model;
	struct verdicts verdicts;
	bool judged;
};

static int64_t at(double seconds)
{
	return T0 + (int64_t)(seconds * NS_PER_S);
}

static struct event event_at(double seconds, enum fact fact)
{
	struct event event;

	memset(&event, 0, sizeof event);
	event.ts_ns = at(seconds);
	event.fact = fact;
	event.source = &source;
	return event;
}

static void add(struct story *story, const struct event *event)
{
	assert_int_equal(model_add(event, story->model), 0);
}

static void vm_connects(struct story *story, double t)
{
	struct event event = event_at(t, FACT_state);
	struct fl_state *state = &event.trace.state;

	state->pid = 4711;
	state->global_id = 4123;
	state->image = 1;
	state->host = "compute1";
	state->process = "qemu-system-x86_64";
	state->vm_name = "vm1";
	state->vm_uuid = "uuid1";
	state->entity = "client.nova";
	state->address = ADDRESS;
	state->fsid = state->ceph_version = state->nspace = "";
	state->pool = "rbd";
	state->name = "vm1";
	state->image_id = "1022";
	state->cookie = COOKIE;
	add(story, &event);
}

static void watch_begins(struct story *story, double t, uint64_t cookie)
{
	struct event event = event_at(t, FACT_watch_registered);

	event.trace.watch_registered = (struct fl_watch_registered){
		.pid = 4711, .global_id = 4123, .cookie = cookie, .oid = "rbd_header.1022", .pool = "rbd", .nspace = ""
	};
	add(story, &event);
}

static void watch_fails(struct story *story, double t, int32_t result)
{
	struct event event = event_at(t, FACT_watch_error);

	event.trace.watch_error = (struct fl_watch_error){
		.pid = 4711, .global_id = 4123, .cookie = COOKIE, .oid = "rbd_header.1022", .result = result
	};
	add(story, &event);
}

static void ping(struct story *story, double t, bool answered)
{
	struct event sent = event_at(t, FACT_ping_sent), reply = event_at(t + 0.001, FACT_ping_reply);

	sent.trace.ping_sent =
	        (struct fl_ping_sent){ .pid = 4711, .global_id = 4123, .cookie = COOKIE, .gen = 1, .sent_ns = at(t), .osd = OSD };
	add(story, &sent);
	reply.trace.ping_reply = (struct fl_ping_reply){
		.pid = 4711, .global_id = 4123, .cookie = COOKIE, .gen = 1, .sent_ns = at(t), .rtt_ns = NS_PER_MS, .osd = OSD
	};
	if (answered)
		add(story, &reply);
}

static void pings(struct story *story, double from, double to, bool answered)
{
	for (double t = from; t <= to; t += 5)
		ping(story, t, answered);
}

static void stands_still(struct story *story, double from, double to)
{
	struct event event = event_at(to, FACT_process_stalled);

	event.trace.process_stalled =
	        (struct fl_process_stalled){ .pid = 4711, .begin_ns = at(from), .gap_ns = (uint64_t)(at(to) - at(from)) };
	add(story, &event);
}

static void write_fails(struct story *story, double t)
{
	struct event event = event_at(t, FACT_io_eshutdown);

	event.trace.io_eshutdown = (struct fl_io_eshutdown){ .pid = 4711,
		                                             .global_id = 4123,
		                                             .image = 1,
		                                             .op = FL_IO_WRITE,
		                                             .offset = 8192,
		                                             .length = 4096,
		                                             .result = -ESHUTDOWN };
	add(story, &event);
}

static void shuts_down(struct story *story, double t)
{
	struct event event = event_at(t, FACT_client_shutdown);

	event.trace.client_shutdown = (struct fl_client_shutdown){ .pid = 4711, .global_id = 4123, .address = ADDRESS };
	add(story, &event);
}

static void command(struct story *story, double t, const char *op, const char *target, bool range, const char *entity)
{
	struct event event = event_at(t, FACT_audit_blocklist);

	event.source = &audit;
	event.audit = (struct audit_blocklist){ .op = op,
		                                .range = range,
		                                .target = target,
		                                .expire_s = -1,
		                                .from_address = "10.99.0.1:0/7",
		                                .from_gid = 4400,
		                                .entity = entity,
		                                .phase = AUDIT_DISPATCH,
		                                .result_text = "" };
	add(story, &event);
}

/* rbd, as client.cinder, finds no watcher but itself and fences the VM while it makes a snapshot. */
static void lock_breaker(struct story *story, double t, bool lists_watchers)
{
	struct event event = event_at(t - 0.2, FACT_snapshot_begin);

	event.trace.snapshot_begin = (struct fl_snapshot_begin){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .action = 1,
		                                                 .image = 1,
		                                                 .op = "create",
		                                                 .snap = "s6",
		                                                 .pool = "rbd",
		                                                 .nspace = "",
		                                                 .name = "vm1",
		                                                 .image_id = "1022" };
	add(story, &event);
	event = event_at(t - 0.1, FACT_watchers_listed);
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = 0 };
	if (lists_watchers)
		add(story, &event);
	event = event_at(t, FACT_blocklist);
	event.trace.blocklist = (struct fl_blocklist){ .pid = 9021,
		                                       .global_id = 4307,
		                                       .action = 2,
		                                       .op = "add",
		                                       .target = ADDRESS,
		                                       .expire_s = -1,
		                                       .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK,
		                                       .call = "",
		                                       .thread = "",
		                                       .by_address = "10.99.0.1:0/9",
		                                       .by_entity = "client.cinder" };
	add(story, &event);
	event = event_at(t + 1, FACT_snapshot_end);
	event.trace.snapshot_end = (struct fl_snapshot_end){ .pid = 9021, .global_id = 4307, .action = 1 };
	add(story, &event);
}

static const struct verdicts *judge(struct story *story, uint32_t watch_timeout_s)
{
	struct correlate_options options = { watch_timeout_s };

	model_finish(story->model);
	assert_int_equal(correlate(story->model, &options, &story->verdicts), 0);
	story->judged = true;
	return &story->verdicts;
}

static const struct incident *only_incident(struct story *story, uint32_t watch_timeout_s)
{
	const struct verdicts *verdicts = judge(story, watch_timeout_s);

	assert_int_equal(verdicts->incident_count, 1);
	return &verdicts->incidents[0];
}

static int begin(void **state)
{
	static const struct model_options options;
	struct story *story = calloc(1, sizeof *story);

	story->model = model_new(&options);
	*state = story;
	return story->model ? 0 : -1;
}

static int end(void **state)
{
	struct story *story = *state;

	if (story->judged)
		verdicts_free(&story->verdicts);
	model_free(story->model);
	free(story);
	return 0;
}

/* ---- causes ---- */

static void a_vm_is_there(struct story *story)
{
	vm_connects(story, 0);
	watch_begins(story, 0.1, COOKIE);
}

static void unanswered_pings_an_expiry_a_fence_and_108_are_proof(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
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
	assert_int_equal(incident->missing_count, 1);
}

static void without_a_list_of_watchers_the_timeout_tells_of_the_expiry(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_string_equal(incident->watch_expired_from, "computed");
	assert_int_equal(incident->watch_expired_ns, at(50));
	assert_string_equal(incident->watch_timeout_from, "assumed");
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
	assert_string_equal(blocklist_entry_name(incident->blocklist), "monitor-command");
}

static void of_a_service_user_the_audit_log_does_not_tell_the_route(void **state)
{
	const struct incident *incident;

	command(*state, 25.1, "add", ADDRESS, false, "client.cinder");
	incident = only_incident(*state, 0);
	assert_null(blocklist_entry_name(incident->blocklist));
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
		TEST(unanswered_pings_an_expiry_a_fence_and_108_are_proof),
		TEST(without_108_nothing_is_proven),
		TEST(without_a_list_of_watchers_the_timeout_tells_of_the_expiry),
		TEST(a_longer_timeout_leaves_the_expiry_unproven),
		TEST(a_client_that_stood_still_lost_no_ping),
		TEST(a_ping_in_flight_when_it_stopped_is_not_lost),
		TEST(a_hiccup_among_lost_pings_is_no_standstill),
		TEST(an_operator_fences_a_client_that_is_alive),
		TEST(of_a_service_user_the_audit_log_does_not_tell_the_route),
		TEST(a_watch_error_between_answered_pings_is_a_lost_watch),
		TEST(failed_io_before_the_fence_is_not_its_doing),
		TEST(evidence_is_in_order_of_time),
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
