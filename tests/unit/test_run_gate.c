/* SPDX-License-Identifier: MIT */
/* A command that waits for the word: it starts in time, or not at all. */
#include "run/supervise.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

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

static int64_t waited_ns(int64_t ns, int *signal)
{
	int64_t begun_ns = in_ns(0);

	*signal = supervise_signal_within(ns);
	return in_ns(0) - begun_ns;
}

/* A terminal that changes its size, say; and a signal of two that wait. */
static void another_signal_ends_no_wait(void **state)
{
	int signal;

	(void)state;
	kill(getpid(), SIGWINCH);
	assert_true(waited_ns(INT64_C(200000000), &signal) >= INT64_C(200000000));
	assert_int_equal(signal, 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGTERM);
	assert_true(waited_ns(INT64_C(60000000000), &signal) < INT64_C(30000000000));
	assert_int_equal(signal, SIGTERM);
}

/* As under nohup, which the blocking must not undo. */
static void nor_does_one_that_is_ignored(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN);
	kill(getpid(), SIGHUP);
	assert_int_equal(supervise_signal_within(0), 0);
	signal(SIGHUP, SIG_DFL);
}

static void after_a_signal_nothing_runs(void **state)
{
	(void)state;
	signal(SIGINT, SIG_DFL); /* a shell's background ignores it */
	kill(getpid(), SIGINT);
	assert_int_equal(supervise_run(command), 128 + SIGINT);
	assert_int_equal(supervise_run(command), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_in_time),
		cmocka_unit_test(too_late_it_does_not_start),
		cmocka_unit_test(what_cannot_be_run_is_told),
		cmocka_unit_test(another_signal_ends_no_wait),
		cmocka_unit_test(nor_does_one_that_is_ignored),
		cmocka_unit_test(after_a_signal_nothing_runs),
	};

	supervise_hold_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
