/* SPDX-License-Identifier: MIT */
/* The sessions of the record daemon, where LTTng refuses what it is asked for. */
#include "daemon/sessions.h"

#include <lttng/lttng.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- a session daemon that answers (-Wl,--wrap) ---- */

static int stop_says, start_says, stops, starts;

int __wrap_lttng_list_sessions(struct lttng_session **list);
int __wrap_lttng_stop_tracing_no_wait(const char *session);
int __wrap_lttng_start_tracing(const char *session);

int __wrap_lttng_list_sessions(struct lttng_session **list)
{
	*list = NULL;
	return 0;
}

int __wrap_lttng_stop_tracing_no_wait(const char *session)
{
	(void)session;
	stops++;
	return stop_says;
}

int __wrap_lttng_start_tracing(const char *session)
{
	(void)session;
	starts++;
	return start_says;
}

/* ---- the fencers' metadata ---- */

static bool writes_metadata(bool late, int stop, int start)
{
	static struct sessions sessions;

	sessions = (struct sessions){ .late_metadata = late };
	stop_says = stop;
	start_says = start;
	stops = starts = 0;
	return sessions_write_metadata(&sessions);
}

static void metadata_are_written_by_a_stop_and_a_start(void **state)
{
	(void)state;
	assert_true(writes_metadata(true, 0, 0));
	assert_int_equal(stops, 1);
	assert_int_equal(starts, 1);
	assert_false(writes_metadata(false, 0, 0));
	assert_int_equal(stops, 0);
}

static void what_could_not_be_stopped_was_no_gap(void **state)
{
	(void)state;
	assert_false(writes_metadata(true, -LTTNG_ERR_FATAL, 0));
	assert_int_equal(starts, 0);
}

static void what_was_stopped_is_a_gap_even_if_it_does_not_start_at_once(void **state)
{
	(void)state;
	assert_true(writes_metadata(true, 0, -LTTNG_ERR_FATAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_are_written_by_a_stop_and_a_start),
		cmocka_unit_test(what_could_not_be_stopped_was_no_gap),
		cmocka_unit_test(what_was_stopped_is_a_gap_even_if_it_does_not_start_at_once),
	};

	return cmocka_run_group_tests_name("the daemon's sessions", tests, NULL, NULL);
}
