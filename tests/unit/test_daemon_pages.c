/* SPDX-License-Identifier: MIT */
/* What is new in the status pages, with a finder and a clock of the test's. */
#include "daemon/pages.h"
#include "run/now.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000000000)

/* ---- one page, and the time ---- */

static int64_t now_ns;
static struct status_page page;
static struct status_process process;

struct status_finder {
	int nothing;
};

int64_t epoch_ns(void)
{
	return now_ns;
}

int64_t monotonic_ns(void)
{
	return now_ns;
}

int64_t monotonic_ms(void)
{
	return now_ns / 1000000;
}

struct status_finder *status_finder_new(void)
{
	return calloc(1, sizeof(struct status_finder));
}

void status_finder_free(struct status_finder *finder)
{
	free(finder);
}

int status_finder_look(struct status_finder *finder, void (*visit)(struct status_process *process, void *arg), void *arg)
{
	(void)finder;
	if (process.pid)
		visit(&process, arg);
	return process.pid != 0;
}

/* ---- */

struct fixture {
	struct host *host;
	struct pages *pages;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	now_ns = 1800000000 * S;
	memset(&page, 0, sizeof page);
	strcpy(page.head.vm_name, "vm1");
	process = (struct status_process){ .pid = 1, .state = 'S', .page = &page };
	fixture.host = host_new(0);
	fixture.pages = pages_new(false, fixture.host);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	process.state = 0; /* it ends */
	pages_look(fixture->pages, NULL, NULL);
	pages_free(fixture->pages);
	host_free(fixture->host);
	return 0;
}

/* The last sign of a snapshot after one more look. */
static int64_t sign_after_look(const struct fixture *fixture)
{
	const char *why;

	pages_look(fixture->pages, NULL, NULL);
	return pages_window_ns(fixture->pages, &why);
}

static void the_last_snapshot_is_the_sign(void **state)
{
	page.head.snapshot_ns = now_ns;
	assert_true(sign_after_look(*state) == now_ns);
	page.head.snapshot_ns = now_ns - S;
	assert_true(sign_after_look(*state) == now_ns);
}

static void a_stamp_from_the_future_is_no_sign(void **state)
{
	page.head.snapshot_ns = INT64_MAX;
	assert_true(sign_after_look(*state) == 0);
	page.watch_count = 1;
	page.watches[0].snapshot_ns = now_ns + 1;
	page.watches[0].lock_request_ns = now_ns - S;
	assert_true(sign_after_look(*state) == now_ns - S);
	now_ns += 2 * S;
	assert_true(sign_after_look(*state) == now_ns - 2 * S + 1);
}

static void a_clock_that_was_set_back_leaves_no_sign_for_hours(void **state)
{
	page.head.snapshot_ns = now_ns;
	assert_true(sign_after_look(*state) == now_ns);
	now_ns -= 8 * 3600 * S;
	assert_true(sign_after_look(*state) == 0);
	page.watch_count = 1;
	page.watches[0].lock_request_ns = now_ns;
	assert_true(sign_after_look(*state) == now_ns);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_last_snapshot_is_the_sign),
		CASE(a_stamp_from_the_future_is_no_sign),
		CASE(a_clock_that_was_set_back_leaves_no_sign_for_hours),
	};

	return cmocka_run_group_tests_name("what is new in the pages", tests, NULL, NULL);
}
