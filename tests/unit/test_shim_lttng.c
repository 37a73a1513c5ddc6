/* SPDX-License-Identifier: MIT */
/* Who waits for LTTng's lock, and when the session daemon is hung up on for it: what is counted as passed through here. */
#include "base/hook.h"
#include "base/lttng_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

/* Whichever of them began first, and whichever is over. */
static void a_wait_that_is_over_hurries_no_other(void **state)
{
	struct lttng_watch shorter, longer;
	uint64_t before = hook_passed();

	(void)state;
	lttng_watch(&shorter, 500 * MS, true);
	lttng_watch(&longer, 600000 * MS, true);
	lttng_watch_end(&shorter);
	usleep(700000);
	lttng_watch(&shorter, 500 * MS, true);
	lttng_watch_end(&shorter);
	usleep(700000);
	lttng_watch_end(&longer);
	assert_int_equal(hook_passed(), before);
}

static void a_wait_that_takes_too_long_ends_in_hanging_up(void **state)
{
	struct lttng_watch longest, longer, late;
	uint64_t before = hook_passed();

	(void)state;
	lttng_watch(&longest, 600000 * MS, true);
	lttng_watch(&late, 20 * MS, true);
	lttng_watch(&longer, 500000 * MS, true);
	for (int i = 0; i < 2000 && hook_passed() < before + 2; i++) /* and again, until it is over */
		usleep(10000);
	assert_true(hook_passed() >= before + 2);
	lttng_watch_end(&longest);
	lttng_watch_end(&late);
	lttng_watch_end(&longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_that_is_over_hurries_no_other),
		cmocka_unit_test(a_wait_that_takes_too_long_ends_in_hanging_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
