/* SPDX-License-Identifier: MIT */
/* The host's clock is set while its VM is recorded: LTTng's times go on, those that the shim takes of pings do not. */
#include "story.h"

/* As ping(), on a host whose wall clock is `ahead` seconds ahead of the trace's. */
static void ping_by(struct story *story, double t, double ahead, bool answered)
{
	struct event sent = event_at(t, FACT_ping_sent), reply = event_at(t + 0.001, FACT_ping_reply);

	sent.trace.ping_sent = (struct fl_ping_sent){
		.pid = 4711, .global_id = 4123, .cookie = COOKIE, .gen = 1, .sent_ns = at(t + ahead), .osd = OSD
	};
	add(story, &sent);
	reply.trace.ping_reply = (struct fl_ping_reply){ .pid = 4711,
		                                         .global_id = 4123,
		                                         .cookie = COOKIE,
		                                         .gen = 1,
		                                         .sent_ns = at(t + ahead),
		                                         .rtt_ns = NS_PER_MS,
		                                         .osd = OSD };
	if (answered)
		add(story, &reply);
}

static void is_sampled(struct story *story, double t, double age, double acked)
{
	struct event event = event_at(t, FACT_ping_sample);

	event.trace.ping_sample = (struct fl_ping_sample){ .pid = 4711,
		                                           .global_id = 4123,
		                                           .cookie = COOKIE,
		                                           .oid = "rbd_header.1022",
		                                           .age_ms = (int64_t)(age * 1000) + 1,
		                                           .acked_sent_ns = at(acked),
		                                           .change = 1 };
	add(story, &event);
}

/* 30 s back, a hundred seconds before a watch that broke: by the wall clock its last answer looks 35 s old. */
static void a_clock_that_is_set_back_makes_no_silence(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	for (double t = 5; t <= 200; t += 5)
		ping_by(*state, t, t < 100 ? 0 : -30, true);
	is_sampled(*state, 200.4, 0.4, 200 - 30);
	watch_fails(*state, 200.5, -ENOTCONN);
	lock_breaker(*state, 202.4, true);
	write_fails(*state, 204);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_WATCH_LOST);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* The recorder began while the host's clock was 45 s slow. */
static void a_clock_that_was_wrong_at_first_shows_nobody_alive(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	for (double t = 5; t <= 60; t += 5)
		ping_by(*state, t, 45, t <= 20);
	command(*state, 62 + 45, "add", ADDRESS, false, "client.admin");
	finished(*state, 62.5 + 45, "client.admin");
	watch_fails(*state, 63, -ENOTCONN);
	write_fails(*state, 63.5);
	incident = only_incident(*state, 30);
	assert_int_not_equal(incident->client_state, CLIENT_ALIVE);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* It was stopped just between its look at the clock and its event. */
static void one_ping_whose_thread_was_stopped_is_no_set_clock(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	for (double t = 5; t <= 200; t += 5)
		ping_by(*state, t, t == 50 ? -4 : 0, true);
	command(*state, 202, "add", ADDRESS, false, "client.admin");
	finished(*state, 202.5, "client.admin");
	write_fails(*state, 203);
	incident = only_incident(*state, 30);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clock_that_is_set_back_makes_no_silence),
		TEST(a_clock_that_was_wrong_at_first_shows_nobody_alive),
		TEST(one_ping_whose_thread_was_stopped_is_no_set_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
