/* SPDX-License-Identifier: MIT */
/* A command that waits for the word: it starts in time, or not at all. */
#include "run/supervise.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static int64_t in_ns(int64_t ns)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec + ns;
}

static char *command[] = { "sh", "-c", "exit 9", NULL };

static void it_starts_in_time(void **state)
{
	struct supervise_gate gate;
	int64_t at_ns = 0, deadline_ns = in_ns(INT64_C(60000000000));

	(void)state;
	assert_int_equal(supervise_fork(command, -1, &gate), 0);
	assert_int_equal(supervise_let_go(&gate, deadline_ns, &at_ns), 0);
	assert_true(at_ns > 0 && at_ns < deadline_ns);
	assert_int_equal(supervise_wait(gate.pid), 9);
}

static void too_late_it_does_not_start(void **state)
{
	struct supervise_gate gate;
	int64_t at_ns = 0;

	(void)state;
	assert_int_equal(supervise_fork(command, -1, &gate), 0);
	assert_int_equal(supervise_let_go(&gate, in_ns(-1), &at_ns), -ETIME);
}

static void what_cannot_be_run_is_told(void **state)
{
	char *nothing[] = { "no such command here", NULL };
	struct supervise_gate gate;
	int64_t at_ns;

	(void)state;
	assert_int_equal(supervise_fork(nothing, -1, &gate), 0);
	assert_int_equal(supervise_let_go(&gate, in_ns(INT64_C(60000000000)), &at_ns), -ENOENT);
	assert_int_equal(supervise_fork(nothing, -1, &gate), 0);
	supervise_call_off(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_in_time),
		cmocka_unit_test(too_late_it_does_not_start),
		cmocka_unit_test(what_cannot_be_run_is_told),
	};

	supervise_hold_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
