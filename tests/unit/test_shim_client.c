/* SPDX-License-Identifier: MIT */
/* Clients, one after the other with the same rados_t (the fake has only one): none is taken for the one before it. */
#include "capture.h"
#include "follow/client.h"
#include "fake_rbd.h"
#include "base/hook.h"
#include "base/layout.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *cluster;

static int begin(void **state)
{
	(void)state;
	capture_reset();
	capture_enable("all");
	return 0;
}

static int end(void **state)
{
	(void)state;
	rados_shutdown(cluster);
	return client_find(cluster) != NULL;
}

static void create_as(const char *id, uint64_t global_id)
{
	fake_global_id = global_id;
	assert_int_equal(rados_create(&cluster, id), 0);
}

static void connect_as(const char *id, uint64_t global_id)
{
	create_as(id, global_id);
	assert_int_equal(rados_connect(cluster), 0);
}

/* Who the shim takes it for. */
static void assert_is(const char *entity, uint64_t global_id, const char *address)
{
	struct client_names names;
	uint64_t known;

	assert_true(client_read(client_of_cluster(cluster), &names, &known));
	assert_int_equal(known, global_id);
	assert_string_equal(names.entity, entity);
	assert_string_equal(names.address, address);
}

static void a_client_is_known_until_its_shutdown(void **state)
{
	(void)state;
	connect_as("first", 1001);
	assert_is("client.first", 1001, "192.0.2.1:0/1001");
	rados_shutdown(cluster);
	assert_null(client_find(cluster));
	assert_int_equal(captured(FL_EV_client_shutdown), 1);
	connect_as("second", 1002);
	assert_is("client.second", 1002, "192.0.2.1:0/1002");
}

static void a_client_whose_end_nobody_saw_is_not_the_next_one(void **state)
{
	(void)state;
	connect_as("first", 1001);
	create_as("second", 1002);
	assert_int_equal(rados_connect(cluster), 0);
	assert_is("client.second", 1002, "192.0.2.1:0/1002");
}

static void a_client_that_nobody_saw_made_is_asked_when_it_connects(void **state)
{
	(void)state;
	connect_as("first", 1001);
	fake_global_id = 1002;
	assert_int_equal(rados_connect(cluster), 0);
	assert_is("", 1002, "192.0.2.1:0/1002");
}

static void connect_second(void)
{
	connect_as("second", 1002);
}

static void a_client_made_before_the_shutdown_has_returned_stays(void **state)
{
	(void)state;
	connect_as("first", 1001);
	fake_when_gone = connect_second;
	rados_shutdown(cluster);
	assert_non_null(client_find(cluster));
	assert_is("client.second", 1002, "192.0.2.1:0/1002");
}

static void replace(void)
{
	rados_shutdown(cluster);
	create_as("second", 1002);
}

static void what_was_asked_of_the_one_is_not_told_of_the_other(void **state)
{
	(void)state;
	create_as("first", 1001);
	fake_when_asked = replace; /* when the address has been asked for */
	assert_int_equal(rados_connect(cluster), 0);
	assert_is("client.second", 1002, "192.0.2.1:0/1002");
}

/* ---- what was passed through is told before it is too late ---- */

static void at_the_end_of_a_client_what_was_passed_through_is_told(void **state)
{
	const struct fl_passthrough *told = captured_last(FL_EV_passthrough);

	(void)state;
	connect_as("first", 1001);
	hook_pass(HOOK_rbd_lock_break, "a reason");
	assert_int_equal(captured(FL_EV_passthrough), 0);
	rados_shutdown(cluster);
	assert_in_range(captured(FL_EV_passthrough), 1, 5);
	assert_int_equal(told->global_id, 1001);
}

static bool is_child;

/* Registered before the shim's own handler: called after it. Exit code: how many were told, and of how many calls. */
static void told_at_exit(void)
{
	if (is_child)
		_exit(captured(FL_EV_passthrough) * 10 +
		      (int)((const struct fl_passthrough *)captured_last(FL_EV_passthrough))->count);
}

static void at_exit_too_and_a_forked_child_tells_its_own(void **state)
{
	pid_t child;
	int status;

	(void)state;
	connect_as("first", 1001);
	hook_pass(HOOK_rbd_lock_break, "a reason");
	child = fork();
	if (!child) {
		is_child = true;
		capture_reset();
		capture_enable("all");
		hook_pass(HOOK_rbd_lock_break, "a reason");
		hook_pass(HOOK_rbd_lock_break, "a reason");
		exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 12);
}

static void a_librados_with_the_old_std_string_is_said_to_be_not_understood(void **state)
{
	char text[LAYOUTS_TEXT]; /* as state tells it */

	(void)state;
	connect_as("first", 1001);
	assert_string_equal(layouts_not_understood(text), "");
	rados_shutdown(cluster);
	assert_non_null(dlopen(OLD_ABI, RTLD_NOW | RTLD_LOCAL));
	connect_as("second", 1002);
	assert_string_equal(layouts_not_understood(text), "std::string of the old ABI");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_client_is_known_until_its_shutdown),
		CASE(a_client_whose_end_nobody_saw_is_not_the_next_one),
		CASE(a_client_that_nobody_saw_made_is_asked_when_it_connects),
		CASE(a_client_made_before_the_shutdown_has_returned_stays),
		CASE(what_was_asked_of_the_one_is_not_told_of_the_other),
		CASE(at_the_end_of_a_client_what_was_passed_through_is_told),
		CASE(at_exit_too_and_a_forked_child_tells_its_own),
		CASE(a_librados_with_the_old_std_string_is_said_to_be_not_understood),
	};

	atexit(told_at_exit);
	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
