/* SPDX-License-Identifier: MIT */
/* Which OSD stands out: the rule, at its edges, and what a status page tells of now. */
#include "osds/from_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

static const char vms[8]; /* their addresses are the keys */

static void add(struct osds *osds, const char *osd, int vm, int64_t rtt_ns, int times)
{
	char name[] = "vm0";

	name[2] = (char)('0' + vm);
	for (int i = 0; i < times; i++)
		osds_add(osds, osd, &vms[vm], name, rtt_ns, 0);
}

static const struct osd_seen *seen(const struct osds *osds, const char *address)
{
	for (size_t i = 0; i < osds->count; i++)
		if (!strcmp(osds->list[i].address, address))
			return &osds->list[i];
	fail_msg("no %s", address);
	return NULL;
}

/* Three OSDs: a and b are well; two VMs find c that slow. */
static void two_find_c(struct osds *osds, int64_t rtt_ns)
{
	memset(osds, 0, sizeof *osds);
	for (int vm = 0; vm < 4; vm++) {
		add(osds, "a", vm, MS, 20);
		add(osds, "b", vm, 2 * MS, 20);
	}
	add(osds, "c", 1, rtt_ns, 20);
	add(osds, "c", 2, rtt_ns, 20);
	osds_judge(osds);
}

static void two_vms_make_it_slow(void **state)
{
	struct osds osds;

	(void)state;
	two_find_c(&osds, 400 * MS);
	assert_string_equal(osds.list[0].address, "c"); /* the slow one first */
	assert_true(osds.list[0].slow);
	assert_int_equal(osds.list[0].slow_vms, 2);
	assert_int_equal(osds.list[0].median_ns, 400 * MS);
	assert_int_equal(osds.list[0].others_ns, MS);
	assert_false(seen(&osds, "a")->slow);
	assert_false(seen(&osds, "b")->slow);
	osds_free(&osds);
}

static void one_vm_alone_does_not(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int vm = 0; vm < 4; vm++) {
		add(&osds, "a", vm, MS, 20);
		add(&osds, "b", vm, MS, 20);
	}
	add(&osds, "c", 1, 400 * MS, 1000); /* however often it says so */
	add(&osds, "c", 2, MS, 5);
	osds_judge(&osds);
	assert_false(seen(&osds, "c")->slow);
	assert_int_equal(seen(&osds, "c")->slow_vms, 1);
	osds_free(&osds);
}

static void none_below_the_floor(void **state)
{
	struct osds osds;

	(void)state;
	two_find_c(&osds, OSDS_FLOOR_NS - 1);
	assert_false(seen(&osds, "c")->slow);
	osds_free(&osds);
	two_find_c(&osds, OSDS_FLOOR_NS);
	assert_true(seen(&osds, "c")->slow);
	osds_free(&osds);
}

static void not_beside_others_as_slow(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int vm = 0; vm < 4; vm++) {
		add(&osds, "a", vm, 50 * MS, 20);
		add(&osds, "b", vm, 60 * MS, 20);
		add(&osds, "c", vm, 499 * MS, 20); /* ten times 50 is 500 */
	}
	osds_judge(&osds);
	for (size_t i = 0; i < osds.count; i++)
		assert_false(osds.list[i].slow);
	osds_free(&osds);
}

static void two_of_four_are_told(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int vm = 0; vm < 4; vm++) {
		add(&osds, "a", vm, MS, 20);
		add(&osds, "b", vm, MS, 20);
		add(&osds, "c", vm, 300 * MS, 20);
		add(&osds, "d", vm, 700 * MS, 20);
	}
	osds_judge(&osds);
	assert_true(seen(&osds, "c")->slow);
	assert_true(seen(&osds, "d")->slow);
	assert_string_equal(osds.list[0].address, "d");
	osds_free(&osds);
}

static void one_osd_cannot_be_compared(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	add(&osds, "c", 1, 900 * MS, 20);
	add(&osds, "c", 2, 900 * MS, 20);
	osds_judge(&osds);
	assert_int_equal(osds.list[0].others_ns, -1);
	assert_false(osds.list[0].slow);
	osds_free(&osds);
}

/* Two VMs of a host whose network is bad: whatever they ping is slow, and others find the same OSDs well. */
static void a_slow_host_is_no_slow_osd(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int vm = 0; vm < 6; vm++) {
		bool bad = vm < 2;
		add(&osds, "a", vm, bad ? 300 * MS : MS, 20);
		add(&osds, "b", vm, bad ? 300 * MS : MS, 20);
		add(&osds, "c", vm, bad ? 300 * MS : MS, 20);
	}
	osds_judge(&osds);
	for (size_t i = 0; i < osds.count; i++) {
		assert_false(osds.list[i].slow);
		assert_int_equal(osds.list[i].slow_vms, 0);
	}
	osds_free(&osds);
}

static void a_lost_ping_is_the_longest(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int vm = 0; vm < 4; vm++) {
		add(&osds, "a", vm, MS, 20);
		add(&osds, "b", vm, MS, 20);
		add(&osds, "c", vm, MS, 4);
		add(&osds, "c", vm, OSDS_LOST_NS, 6);
	}
	osds_judge(&osds);
	assert_true(seen(&osds, "c")->slow);
	assert_int_equal(seen(&osds, "c")->median_ns, OSDS_LOST_NS);
	assert_int_equal(seen(&osds, "c")->lost, 24);
	assert_int_equal(seen(&osds, "c")->answered, 16);
	osds_free(&osds);
}

static void median_and_p99(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	for (int i = 200; i; i--)
		add(&osds, "a", i % 2, i * MS, 1);
	osds_judge(&osds);
	assert_int_equal(osds.list[0].median_ns, 100 * MS);
	assert_int_equal(osds.list[0].p99_ns, 198 * MS);
	osds_free(&osds);
}

static void quantiles_of_buckets(void **state)
{
	uint64_t buckets[OSDS_BUCKETS] = { 0 };

	(void)state;
	assert_int_equal(osds_quantile_of_buckets(buckets, 0.99), -1);
	buckets[9] = 99; /* [512, 1024) us */
	buckets[18] = 1;
	assert_int_equal(osds_quantile_of_buckets(buckets, 0.99), 1024000);
	assert_int_equal(osds_quantile_of_buckets(buckets, 1), 524288000);
}

static void nothing_is_nothing(void **state)
{
	struct osds osds = { 0 };

	(void)state;
	osds_judge(&osds);
	assert_int_equal(osds.count, 0);
	osds_free(&osds);
}

/* ---- A status page ---- */

static struct status_page *page_of(int64_t now_ns, int64_t last_rtt_ns)
{
	struct status_page *page = calloc(1, sizeof *page);

	assert_non_null(page);
	page->osd_count = page->watch_count = 1;
	strcpy(page->osds[0].address, "10.0.0.1:6800");
	page->osds[0].answered = 7;
	page->osds[0].last_ns = now_ns - 3000 * MS;
	page->osds[0].rtt_last_ns = (uint64_t)last_rtt_ns;
	strcpy(page->watches[0].osd, "10.0.0.1:6800");
	return page;
}

static void the_last_round_trip_counts_while_it_is_news(void **state)
{
	int64_t now_ns = 1000000 * MS;
	struct status_page *page = page_of(now_ns, 4 * MS);

	(void)state;
	assert_int_equal(osds_page_sample(page, &page->osds[0], now_ns), 4 * MS);
	assert_int_equal(osds_page_sample(page, &page->osds[0], now_ns + 60000 * MS), -1);
	free(page);
}

static void a_ping_that_waits_counts_with_its_age(void **state)
{
	int64_t now_ns = 1000000 * MS;
	struct status_page *page = page_of(now_ns, 4 * MS);

	(void)state;
	page->watches[0].unanswered = 1;
	page->watches[0].oldest_unanswered_ns = now_ns - 1900 * MS;
	assert_int_equal(osds_page_sample(page, &page->osds[0], now_ns), 4 * MS);
	page->watches[0].oldest_unanswered_ns = now_ns - 6000 * MS;
	assert_int_equal(osds_page_sample(page, &page->osds[0], now_ns), 6000 * MS);
	strcpy(page->watches[0].osd, "10.0.0.2:6800"); /* another OSD's */
	assert_int_equal(osds_page_sample(page, &page->osds[0], now_ns), 4 * MS);
	free(page);
}

static void an_osd_that_never_answered_is_there(void **state)
{
	int64_t now_ns = 1000000 * MS;
	struct status_page *page = page_of(now_ns, 4 * MS);
	struct osds osds = { .live = true };
	struct osds_of_pages pages = { .osds = &osds, .now_ns = now_ns };
	struct status_process process = { .pid = 9, .state = 'S', .page = page };

	(void)state;
	strcpy(page->watches[0].osd, "10.0.0.2:6800");
	page->watches[0].unanswered = 3;
	page->watches[0].pings_sent = 3;
	page->watches[0].oldest_unanswered_ns = now_ns - 11000 * MS;
	osds_visit(&process, &pages);
	osds_judge(&osds);
	assert_int_equal(osds.count, 2);
	assert_int_equal(seen(&osds, "10.0.0.2:6800")->median_ns, 11000 * MS);
	assert_int_equal(seen(&osds, "10.0.0.2:6800")->lost, 2);
	assert_int_equal(seen(&osds, "10.0.0.1:6800")->answered, 7);
	osds_free(&osds);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_vms_make_it_slow),
		cmocka_unit_test(one_vm_alone_does_not),
		cmocka_unit_test(none_below_the_floor),
		cmocka_unit_test(not_beside_others_as_slow),
		cmocka_unit_test(two_of_four_are_told),
		cmocka_unit_test(one_osd_cannot_be_compared),
		cmocka_unit_test(a_slow_host_is_no_slow_osd),
		cmocka_unit_test(a_lost_ping_is_the_longest),
		cmocka_unit_test(median_and_p99),
		cmocka_unit_test(quantiles_of_buckets),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(the_last_round_trip_counts_while_it_is_news),
		cmocka_unit_test(a_ping_that_waits_counts_with_its_age),
		cmocka_unit_test(an_osd_that_never_answered_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
