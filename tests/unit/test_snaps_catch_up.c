/* SPDX-License-Identifier: MIT */
/* How placement groups walk through maps: what the rules of a release make of the cache, and of the threads. */
#include "snaps/simulate/catch_up.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct catch_up_rules luminous = { .cache = 50, .message = 40, .max_advance = 40 };
static const struct catch_up_rules nautilus = { .cache = 50, .message = 40, .max_lag = 100 };

/* 2000 intervals: about 100 us to decode, 40 us to copy */
static struct catch_up run(const struct catch_up_rules *rules, uint64_t epochs, uint64_t pgs, unsigned int threads,
                           unsigned int cpus)
{
	const struct catch_up_case what = { .rules = rules,
		                            .epochs = epochs,
		                            .pgs = pgs,
		                            .threads = threads,
		                            .cpus = cpus,
		                            .times = { .map_s = 150e-6, .again_s = 100e-6, .walk_s = 40e-6 } };

	return catch_up_run(&what);
}

static void nothing_to_walk_takes_no_time(void **unused)
{
	(void)unused;
	assert_true(run(&nautilus, 0, 64, 5, 2).wall_s == 0);
	assert_true(run(&nautilus, 500, 0, 5, 2).wall_s == 0);
}

static void what_the_cache_holds_is_not_decoded_again(void **unused)
{
	(void)unused;
	assert_true(run(&nautilus, 40, 64, 5, 2).decoded == 0);
	assert_true(run(&luminous, 40, 64, 2, 2).decoded == 0);
}

/* Real 14.2.21 with 64 groups of 2003 intervals over 502 epochs, and 8 of another pool: 11900 to 17400 by its own counter. */
static void groups_out_of_step_decode_each_map_many_times(void **unused)
{
	struct catch_up of_14 = run(&nautilus, 502, 72, 5, 2), of_12 = run(&luminous, 502, 72, 5, 2);

	(void)unused;
	assert_true(of_14.decoded > 6000 && of_14.decoded < 502 * 72);
	assert_true(of_12.decoded >= 400 && of_12.decoded < 5 * 502);
}

static void one_thread_at_a_time_decodes(void **unused)
{
	struct catch_up two = run(&nautilus, 502, 72, 5, 2), many = run(&nautilus, 502, 72, 5, 64),
	                one = run(&nautilus, 502, 72, 5, 1);

	(void)unused;
	assert_true(many.wall_s > many.decoded * 100e-6 * 0.9); /* however many CPUs there are */
	assert_true(two.wall_s > two.decoded * 100e-6 * 0.9);
	assert_true(one.wall_s > one.decoded * 100e-6 + 502 * 72 * 40e-6);
	assert_true(two.wall_s < two.decoded * 100e-6 + 502 * 72 * 40e-6); /* others copy meanwhile */
}

static void the_same_case_gives_the_same(void **unused)
{
	struct catch_up a = run(&nautilus, 300, 20, 5, 2), b = run(&nautilus, 300, 20, 5, 2);

	(void)unused;
	assert_true(a.decoded == b.decoded && a.wall_s == b.wall_s);
}

/* Only a part of a long walk is simulated. */
static void a_walk_ten_times_as_long_takes_ten_times_as_long(void **unused)
{
	struct catch_up once = run(&nautilus, 10000, 64, 5, 2), ten = run(&nautilus, 100000, 64, 5, 2);
	struct catch_up crowd = run(&nautilus, 10000, 10000, 5, 2);

	(void)unused;
	assert_true(ten.wall_s > 9 * once.wall_s && ten.wall_s < 11 * once.wall_s);
	assert_true(ten.decoded > 9 * once.decoded && ten.decoded < 11 * once.decoded);
	assert_true(crowd.wall_s > 50 * once.wall_s);
}

static void every_number_of_threads_and_groups_comes_to_an_end(void **unused)
{
	static const unsigned int numbers[] = { 0, 1, 2, 3, 7, 100, 1000 };

	(void)unused;
	for (size_t t = 0; t < sizeof numbers / sizeof *numbers; t++)
		for (size_t g = 1; g < sizeof numbers / sizeof *numbers; g++) {
			assert_true(run(&nautilus, 145, numbers[g], numbers[t], 3).wall_s > 0);
			assert_true(run(&luminous, 145, numbers[g], numbers[t], 3).wall_s > 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_walk_takes_no_time),
		cmocka_unit_test(what_the_cache_holds_is_not_decoded_again),
		cmocka_unit_test(groups_out_of_step_decode_each_map_many_times),
		cmocka_unit_test(one_thread_at_a_time_decodes),
		cmocka_unit_test(the_same_case_gives_the_same),
		cmocka_unit_test(a_walk_ten_times_as_long_takes_ten_times_as_long),
		cmocka_unit_test(every_number_of_threads_and_groups_comes_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
