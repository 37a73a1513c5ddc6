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

/* ---- what no command explains ---- */

static void ping_is_refused(struct story *story, double t, uint64_t cookie)
{
	struct event sent = event_at(t, FACT_ping_sent), reply = event_at(t + 0.001, FACT_ping_reply);

	sent.trace.ping_sent =
	        (struct fl_ping_sent){ .pid = 4711, .global_id = 4123, .cookie = cookie, .gen = 1, .sent_ns = at(t), .osd = OSD };
	reply.trace.ping_reply = (struct fl_ping_reply){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .cookie = cookie,
		                                         .gen = 1,
		                                         .sent_ns = at(t),
		                                         .rtt_ns = NS_PER_MS,
		                                         .result = -ESHUTDOWN,
		                                         .osd = OSD };
	add(story, &sent);
	add(story, &reply);
}

/* Nobody wrote to its disk: the OSD's answer to its ping is all that tells of the fence. */
static void an_idle_client_whose_ping_was_refused_is_fenced_and_no_near_miss(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	ping_is_refused(*state, 25, COOKIE);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 1);
	assert_null(verdicts->incidents[0].blocklist);
	assert_int_equal(verdicts->incidents[0].chain[LINK_FENCE].status, STATUS_SEEN);
	assert_int_equal(verdicts->near_miss_count, 0);
}

static void a_client_that_was_answered_after_its_fence_was_lifted_and_is_refused_again_was_fenced_again(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	command(*state, 22, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 24);
	command(*state, 60, "rm", ADDRESS, false, "client.admin");
	watch_begins(*state, 61, COOKIE + 1);
	for (double t = 65; t <= 200; t += 5)
		ping_of(*state, t, COOKIE + 1, true);
	write_fails(*state, 204);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].failed_ios, 1);
	assert_null(verdicts->incidents[1].blocklist);
	assert_int_equal(verdicts->incidents[1].failed_ios, 1);
}

/* A nonce that comes back: yesterday's fence is not this client's. */
static void a_fence_that_was_over_before_the_client_began_is_not_its_own(void **state)
{
	const struct verdicts *verdicts;

	command(*state, -86400, "add", ADDRESS, false, "client.admin");
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	write_fails(*state, 24);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_null(verdicts->incidents[1].blocklist);
	assert_non_null(verdicts->incidents[1].client);
	assert_int_equal(verdicts->near_miss_count, 0);
}

/* The log holds no end of the rm, and the client is refused still. */
static void an_rm_that_changed_nothing_did_not_lift_the_fence(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	command(*state, 22, "add", ADDRESS, false, "client.cinder");
	write_fails(*state, 24);
	command(*state, 60, "rm", ADDRESS, false, "client.admin");
	write_fails(*state, 100);
	assert_int_equal(only_incident(*state, 0)->removed_ns, 0);
}

/* Its times name no zone: taken as UTC, the command comes hours after what it did. */
static void a_refusal_hours_before_a_log_without_a_zone_is_of_its_command(void **state)
{
	static const struct source local = {
		.path = "ceph.audit.log", .kind = "ceph-audit", .host = "", .tz = "UTC", .tz_from = "assumed"
	};
	const struct incident *incident;
	struct event event = event_at(8 * 3600 + 22, FACT_audit_blocklist);

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	write_fails(*state, 24);
	event.source = &local;
	event.audit = (struct audit_blocklist){ .op = "add",
		                                .target = ADDRESS,
		                                .expire_s = -1,
		                                .from_address = "10.99.0.1:0/7",
		                                .entity = "client.cinder",
		                                .phase = AUDIT_FINISHED,
		                                .result_text = "" };
	add(*state, &event);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->failed_ios, 1);
	assert_true(incident->doubtful_clocks);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
	assert_non_null(strstr(incident->contradictions[0], "--tz"));
}

/* ---- several entries at once ---- */

#define HOUR_S 3600

static void an_address_is_fenced_while_a_range_around_it_is(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	command(*state, 60, "add", ADDRESS, false, "client.admin");
	command(*state, 100, "add", "10.99.0.0/24", true, "client.admin");
	command(*state, 120, "rm", ADDRESS, false, "client.admin");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->removed_ns, 0);
	assert_int_equal(incident->expires_ns, at(100 + HOUR_S));
	assert_int_equal(incident->entries, 1);
	assert_string_equal(incident->lasting->target, "10.99.0.0/24");
	assert_true(incident->many_fenced);
}

static void an_address_is_fenced_when_the_range_around_it_is_no_more(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	command(*state, 58, "add", "10.99.0.0/24", true, "client.admin");
	command(*state, 60, "add", ADDRESS, false, "client.admin");
	command(*state, 100, "rm", "10.99.0.0/24", true, "client.admin");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->removed_ns, 0);
	assert_int_equal(incident->expires_ns, at(60 + HOUR_S));
	assert_false(incident->many_fenced);
}

static void the_fence_is_over_when_its_last_entry_is_lifted(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	command(*state, 60, "add", ADDRESS, false, "client.admin");
	command(*state, 100, "add", "10.99.0.2:0/0", false, "client.admin");
	command(*state, 120, "rm", ADDRESS, false, "client.admin");
	command(*state, 140, "rm", "10.99.0.2:0/0", false, "client.admin");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->removed_ns, at(140));
	assert_int_equal(incident->entries, 0);
}

/* ---- who came after it ---- */

static void connects(struct story *story, double t)
{
	qemu_connects(story, &source, t, 4711, 4123, "uuid1", ADDRESS);
}

static void who_connects_when_a_hosts_fence_is_over_was_not_fenced(void **state)
{
	command(*state, 5, "add", "10.99.0.2:0/0", false, "client.admin");
	command(*state, 40, "rm", "10.99.0.2:0/0", false, "client.admin");
	connects(*state, 60);
	watch_begins(*state, 60.1, COOKIE);
	pings(*state, 65, 100, true);
	assert_null(only_incident(*state, 0)->client);
}

static void who_connects_while_a_host_is_fenced_is(void **state)
{
	command(*state, 5, "add", "10.99.0.2:0/0", false, "client.admin");
	connects(*state, 60);
	watch_begins(*state, 60.1, COOKIE);
	assert_int_equal(only_incident(*state, 0)->client->global_id, 4123);
}

static void what_another_fence_refused_later_is_not_of_a_fence_that_was_over(void **state)
{
	const struct verdicts *verdicts;

	command(*state, 5, "add", "10.99.0.2:0/0", false, "client.admin");
	command(*state, 40, "rm", "10.99.0.2:0/0", false, "client.admin");
	connects(*state, 60);
	watch_begins(*state, 60.1, COOKIE);
	pings(*state, 65, 100, true);
	command(*state, 120, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 121);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_null(verdicts->incidents[0].client);
	assert_int_equal(verdicts->incidents[1].client->global_id, 4123);
}

/* By clocks that nothing ties; it was refused, so a fence had met it. */
static void who_was_refused_is_told_though_it_seems_to_have_come_after(void **state)
{
	command(*state, 5, "add", "10.99.0.2:0/0", false, "client.admin");
	command(*state, 40, "rm", "10.99.0.2:0/0", false, "client.admin");
	connects(*state, 60);
	watch_begins(*state, 60.1, COOKIE);
	write_fails(*state, 70);
	assert_int_equal(judge(*state, 0)->incidents[0].client->global_id, 4123);
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
		TEST(an_idle_client_whose_ping_was_refused_is_fenced_and_no_near_miss),
		TEST(a_client_that_was_answered_after_its_fence_was_lifted_and_is_refused_again_was_fenced_again),
		TEST(a_fence_that_was_over_before_the_client_began_is_not_its_own),
		TEST(a_refusal_hours_before_a_log_without_a_zone_is_of_its_command),
		TEST(an_rm_that_changed_nothing_did_not_lift_the_fence),
		TEST(an_address_is_fenced_while_a_range_around_it_is),
		TEST(an_address_is_fenced_when_the_range_around_it_is_no_more),
		TEST(the_fence_is_over_when_its_last_entry_is_lifted),
		TEST(what_another_fence_refused_later_is_not_of_a_fence_that_was_over),
		TEST(who_connects_when_a_hosts_fence_is_over_was_not_fenced),
		TEST(who_connects_while_a_host_is_fenced_is),
		TEST(who_was_refused_is_told_though_it_seems_to_have_come_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
