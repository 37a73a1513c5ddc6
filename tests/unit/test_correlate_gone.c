/* SPDX-License-Identifier: MIT */
/* A client that was gone before its fence: what shows it, and what does not. */
#include "story.h"

static void a_client_that_had_shut_down_was_gone(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	shuts_down(*state, 22);
	lock_breaker(*state, 52, true); /* by the same clock */
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_GONE);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_HARM].status, STATUS_NONE);
}

static void log_says(struct story *story, double t, const struct source *log, const char *host, enum vm_words what)
{
	struct event event = event_at(t, FACT_vm_logged);

	event.source = log;
	event.vm = (struct vm_logged){
		.what = what, .name = "vm1", .uuid = "uuid1", .host = host, .device = "", .pool = "", .user = ""
	};
	add(story, &event);
}

static void vm_log_says(struct story *story, double t, enum vm_words what)
{
	static const struct source vm_log = { .path = "qemu/vm1.log", .kind = "qemu", .host = "" };

	log_says(story, t, &vm_log, "", what);
}

/* Its log goes on: it was started anew before the fence, and ended once more long after it. */
static void a_vm_that_ended_twice_was_gone_after_its_first_end(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	vm_log_says(*state, 21, VM_ENDED);
	vm_log_says(*state, 30, VM_STARTED);
	lock_breaker(*state, 52, true);
	vm_log_says(*state, 200, VM_ENDED);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_GONE);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
}

/* A live migration: QEMU ends on the host that the VM left. The client is of the one that it came to, whose trace ends early. */
static void what_ends_on_the_host_that_a_vm_left_is_not_its_client(void **state)
{
	static const struct source left = { .path = "left/vm1.log", .kind = "qemu", .host = "" };
	static const struct source here = { .path = "here/vm1.log", .kind = "qemu", .host = "" };
	const struct incident *incident;

	log_says(*state, -100, &left, "elsewhere", VM_STARTED);
	log_says(*state, -1, &here, "compute1.example.org", VM_STARTED);
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	log_says(*state, 21, &left, "", VM_ENDED);
	lock_breaker(*state, 52, true);
	incident = only_incident(*state, 0);
	assert_int_not_equal(incident->cause, CAUSE_CLIENT_GONE);
}

/* It ended where the trace has it, whose host's name the log tells with its domain. */
static void a_vm_that_ended_on_its_own_host_was_gone(void **state)
{
	static const struct source here = { .path = "here/vm1.log", .kind = "qemu", .host = "" };
	const struct incident *incident;

	log_says(*state, -1, &here, "compute1.example.org", VM_STARTED);
	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	log_says(*state, 21, &here, "", VM_ENDED);
	lock_breaker(*state, 52, true);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_GONE);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
}

/* It may have been fenced a moment before its end: the monitors' clock is another. */
static void that_it_shut_down_first_is_not_proven_by_two_clocks(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	shuts_down(*state, 22);
	command(*state, 52, "add", ADDRESS, false, "client.cinder");
	finished(*state, 52.4, "client.cinder");
	incident = only_incident(*state, 0);
	assert_int_equal(incident->cause, CAUSE_CLIENT_GONE);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_that_had_shut_down_was_gone),
		TEST(a_vm_that_ended_twice_was_gone_after_its_first_end),
		TEST(what_ends_on_the_host_that_a_vm_left_is_not_its_client),
		TEST(a_vm_that_ended_on_its_own_host_was_gone),
		TEST(that_it_shut_down_first_is_not_proven_by_two_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
