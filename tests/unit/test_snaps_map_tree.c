/* SPDX-License-Identifier: MIT */
/* The tree that stands for Ceph's std::map does what the array does, and the cost model runs what it says it runs. */
#include "snaps/simulate/cost.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static unsigned int state = 4798;

static unsigned int random_below(unsigned int bound)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % bound;
}

static void fill(struct interval_set *set)
{
	interval_set_clear(set);
	for (unsigned int i = random_below(40); i; i--)
		interval_set_insert(set, random_below(400), 1 + random_below(12));
}

/* Does the tree hold exactly what the set holds? */
static bool map_tree_is(const struct map_tree *tree, const struct interval_set *set)
{
	struct interval items[100];

	return tree->count == set->count && map_tree_encode(tree, items) == set->count * sizeof *items &&
	       !memcmp(items, set->items, set->count * sizeof *items);
}

static void every_tree_operation_agrees_with_the_array(void **unused)
{
	struct interval_set a = INTERVAL_SET_EMPTY, b = INTERVAL_SET_EMPTY, want = INTERVAL_SET_EMPTY, rest = INTERVAL_SET_EMPTY;
	struct map_tree x = MAP_TREE_EMPTY, y = MAP_TREE_EMPTY, z = MAP_TREE_EMPTY;
	struct tree_ops ops = { 0 };

	(void)unused;
	for (int round = 0; round < 5000; round++) {
		fill(&a);
		fill(&b);
		map_tree_build(&x, &a, &ops);
		map_tree_build(&y, &b, &ops);
		assert_true(map_tree_is(&x, &a));
		assert_int_equal(map_tree_range_end(&x), interval_set_range_end(&a));
		assert_int_equal(map_tree_equal(&x, &y, &ops), interval_set_equal(&a, &b));
		assert_int_equal(map_tree_subset(&x, &y, &ops), interval_set_subset(&a, &b));
		map_tree_copy(&z, &x, &ops);
		assert_true(map_tree_is(&z, &a));
		interval_set_difference(&rest, &a, &b);
		interval_set_difference(&want, &a, &rest);
		map_tree_intersection(&z, &x, &y, &ops);
		assert_true(map_tree_is(&z, &want));
		interval_set_difference(&rest, &a, &want); /* subtract wants a subset */
		map_tree_subtract(&x, &z, &ops);
		assert_true(map_tree_is(&x, &rest));
		interval_set_copy(&want, &rest);
		interval_set_add(&want, &b); /* they share no id, as a set and what is newly removed */
		map_tree_union(&x, &y, &ops);
		assert_true(map_tree_is(&x, &want));
	}
	assert_true(ops.copied && ops.inserted && ops.erased && ops.compared && ops.searched);
	map_tree_clear(&x);
	map_tree_clear(&y);
	map_tree_clear(&z);
	map_tree_release();
	interval_set_free(&a);
	interval_set_free(&b);
	interval_set_free(&want);
	interval_set_free(&rest);
}

static void make_holes(struct interval_set *set, unsigned int intervals)
{
	interval_set_clear(set);
	for (unsigned int i = 0; i < intervals; i++)
		interval_set_insert(set, 1 + 2 * i, 1);
}

static struct cost run(const struct interval_set *set, enum cost_algorithm algorithm, uint64_t updates, uint64_t deletions)
{
	const struct cost_case what = {
		.epochs = 100, .pgs = 3, .updates = updates, .deletions = deletions, .threads = 1, .budget_s = 60
	};
	struct cost cost;

	cost_run(set, interval_set_range_end(set), &what, algorithm, &cost);
	assert_int_equal(cost.ran_epochs, 100);
	assert_int_equal(cost.ran_pgs, 3);
	assert_int_equal(cost.ran_updates, updates);
	return cost;
}

/* Counted by hand: n intervals, 100 epochs, 3 placement groups, no deletion (so the set stays as it is). */
static void the_steps_are_those_of_each_release(void **unused)
{
	struct interval_set set = INTERVAL_SET_EMPTY;
	struct cost cost;
	const uint64_t n = 500, records = n * 100 * 3 + n * 10; /* the groups' copies, and incremental maps applied */

	(void)unused;
	make_holes(&set, n);
	cost = run(&set, COST_10_2_7, 10, 0);
	/* each of the 10 updates of 3 groups copies the set twice (rebuild, union), intersects and compares it, erases it */
	assert_int_equal(cost.ops.copied, records + 2 * n * 10 * 3);
	assert_int_equal(cost.ops.inserted, n * 100 + n * 10 + n * 10 * 3); /* full and incremental maps decoded; intersections */
	assert_int_equal(cost.ops.erased, n * 10 * 3);
	assert_int_equal(cost.ops.compared, 2 * n * 10 * 3);
	cost = run(&set, COST_12_2_10, 10, 0);
	assert_int_equal(cost.ops.copied, records);
	assert_int_equal(cost.ops.erased + cost.ops.compared + cost.ops.searched, 0);
	cost = run(&set, COST_12_2_10, 10, 10);
	assert_true(cost.ops.erased >= (n - 10) * 10 * 3);
	cost = run(&set, COST_14_2_LUMINOUS, 10, 10);
	assert_true(cost.ops.searched >= (n - 10) * 10 * 3);
	cost = run(&set, COST_14_2, 10, 10);
	assert_int_equal(cost.ops.erased + cost.ops.compared + cost.ops.searched, 0);
	interval_set_free(&set);
}

static bool is_between(double x, double a, double b)
{
	return x >= fmin(a, b) && x <= fmax(a, b);
}

/* Where nodes come from changes what a step costs, not what is done; the middle of each part lies between the two. */
static void both_orders_of_nodes_are_measured(void **unused)
{
	struct interval_set set = INTERVAL_SET_EMPTY;
	struct cost cost;

	(void)unused;
	make_holes(&set, 300);
	cost = run(&set, COST_14_2_LUMINOUS, 20, 10);
	assert_true(cost.in_order.map_s > 0 && cost.in_order.copy_s > 0 && cost.in_order.set_s > 0);
	assert_true(cost.scattered.map_s > 0 && cost.scattered.copy_s > 0 && cost.scattered.set_s > 0);
	assert_true(cost.middle.start_s > 0);
	assert_true(is_between(cost.middle.map_s, cost.in_order.map_s, cost.scattered.map_s));
	assert_true(is_between(cost.middle.copy_s, cost.in_order.copy_s, cost.scattered.copy_s));
	assert_true(is_between(cost.middle.set_s, cost.in_order.set_s, cost.scattered.set_s));
	cost = run(&set, COST_14_2, 20, 10);
	assert_true(cost.middle.copy_s > 0 && cost.middle.set_s == 0);
	interval_set_free(&set);
}

static void a_resized_set_has_that_many_intervals(void **unused)
{
	struct interval_set set = INTERVAL_SET_EMPTY, other = INTERVAL_SET_EMPTY;

	(void)unused;
	make_holes(&set, 7);
	for (size_t n = 1; n < 50; n++) {
		cost_resize(&set, n, &other);
		assert_int_equal(other.count, n);
	}
	interval_set_free(&set);
	interval_set_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tree_operation_agrees_with_the_array),
		cmocka_unit_test(the_steps_are_those_of_each_release),
		cmocka_unit_test(both_orders_of_nodes_are_measured),
		cmocka_unit_test(a_resized_set_has_that_many_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
