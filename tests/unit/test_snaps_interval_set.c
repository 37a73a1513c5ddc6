/* SPDX-License-Identifier: MIT */
/* Set operations on random sets, checked id by id against a bitmap; the text form there and back. */
#include "snaps/intervals/interval_set.h"
#include "snaps/intervals/interval_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define IDS    200
#define ROUNDS 20000

struct pair {
	struct interval_set set;
	bool bits[IDS];
};

static unsigned int state = 20200405;

static unsigned int random_below(unsigned int bound)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % bound;
}

static void pair_fill(struct pair *pair)
{
	unsigned int inserts = random_below(24), longest = 1 + random_below(20);

	interval_set_clear(&pair->set);
	memset(pair->bits, 0, sizeof pair->bits);
	for (unsigned int i = 0; i < inserts; i++) {
		unsigned int start = random_below(IDS), length = 1 + random_below(longest), already = 0;
		int ret;

		if (start + length > IDS)
			length = IDS - start;
		for (unsigned int id = start; id < start + length; id++) {
			already += pair->bits[id];
			pair->bits[id] = true;
		}
		ret = interval_set_insert(&pair->set, start, length);
		assert_int_equal(ret, already ? -EEXIST : 0);
	}
}

static void assert_same(const struct interval_set *set, const bool *bits)
{
	uint64_t ids = 0, end = 0, runs = 0;

	for (unsigned int id = 0; id < IDS; id++) {
		assert_int_equal(interval_set_contains(set, id), bits[id]);
		ids += bits[id];
		runs += bits[id] && (id == 0 || !bits[id - 1]);
		if (bits[id])
			end = id + 1;
	}
	assert_int_equal(set->ids, ids);
	assert_int_equal(set->count, runs);
	assert_int_equal(interval_set_range_end(set), end);
	for (unsigned int start = 0; start < IDS; start += 50) {
		uint64_t within = 0;

		for (unsigned int id = start; id < start + 50; id++)
			within += bits[id];
		assert_int_equal(interval_set_ids_within(set, start, start + 50), within);
	}
	for (size_t i = 0; i + 1 < set->count; i++)
		assert_true(interval_end(&set->items[i]) < set->items[i + 1].start);
}

static void every_operation_agrees_with_a_bitmap(void **unused)
{
	struct pair a = { 0 }, b = { 0 };
	struct interval_set out = INTERVAL_SET_EMPTY;
	bool bits[IDS];

	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		bool subset = true;

		pair_fill(&a);
		pair_fill(&b);
		assert_same(&a.set, a.bits);
		for (unsigned int id = 0; id < IDS; id++)
			bits[id] = a.bits[id] || b.bits[id];
		interval_set_copy(&out, &a.set);
		interval_set_add(&out, &b.set);
		assert_same(&out, bits);
		assert_true(interval_set_subset(&a.set, &out));
		for (unsigned int id = 0; id < IDS; id++)
			bits[id] = a.bits[id] && !b.bits[id];
		interval_set_difference(&out, &a.set, &b.set);
		assert_same(&out, bits);
		bits[0] = false;
		for (unsigned int id = 1; id < IDS; id++)
			bits[id] = id < round % IDS && !b.bits[id];
		interval_set_complement(&out, &b.set, round % IDS);
		assert_same(&out, bits);
		for (unsigned int id = 0; id < IDS; id++)
			subset = subset && (!a.bits[id] || b.bits[id]);
		assert_int_equal(interval_set_subset(&a.set, &b.set), subset);
		assert_int_equal(interval_set_equal(&a.set, &b.set), !memcmp(a.bits, b.bits, sizeof a.bits));
	}
	interval_set_free(&a.set);
	interval_set_free(&b.set);
	interval_set_free(&out);
}

static int print_set(const struct interval_set *set, char *text, size_t size)
{
	int n = snprintf(text, size, "[");

	for (size_t i = 0; i < set->count; i++)
		n += snprintf(text + n, size - (size_t)n, "%s%jx~%jx", i ? "," : "", (uintmax_t)set->items[i].start,
		              (uintmax_t)set->items[i].length);
	return n + snprintf(text + n, size - (size_t)n, "]");
}

static void a_printed_set_reads_back_equal(void **unused)
{
	struct pair a = { 0 };
	struct interval_set read = INTERVAL_SET_EMPTY;
	char text[4096];

	(void)unused;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const char *end;
		int n;

		pair_fill(&a);
		n = print_set(&a.set, text, sizeof text);
		assert_int_equal(interval_text_parse(text, (size_t)n, &read, &end, NULL, NULL), 0);
		assert_ptr_equal(end, text + n);
		assert_true(interval_set_equal(&a.set, &read));
		assert_int_equal(interval_set_text_bytes(&read), n);
		assert_int_equal(interval_set_encoded_bytes(&read), 4 + 16 * read.count);
	}
	interval_set_free(&a.set);
	interval_set_free(&read);
}

struct faults {
	unsigned int count;
	const char *text, *fault;
	size_t column;
};

static void note_fault(void *arg, const char *fault, const char *at)
{
	struct faults *faults = arg;

	faults->count++;
	faults->fault = fault;
	faults->column = (size_t)(at - faults->text) + 1;
}

static void each_fault_is_named_and_the_rest_counted(void **unused)
{
	static const struct {
		const char *text, *fault;
		size_t column, intervals;
		uint64_t ids;
		int ret;
	} cases[] = {
		{ "[1~3,5~0,8~1]", "length zero", 6, 2, 4, 0 },
		{ "[1~3,ffffffffffffffff~2,8~1]", "past the 64-bit range", 6, 2, 4, 0 },
		{ "[1~3,10000000000000000~1,8~1]", "past the 64-bit range", 6, 2, 4, 0 },
		{ "[1~3,3~2,8~1]", "overlaps the one before", 6, 2, 5, 0 },
		{ "[1~3,4~1,8~1]", "touches the one before", 6, 2, 5, 0 },
		{ "[8~1,1~3]", "starts before the one before", 6, 2, 4, 0 },
		{ "[1~3,zoo,8~1]", "not an interval", 6, 1, 3, 0 },
		{ "[1~3;8~1]", "not an interval", 5, 1, 3, 0 },
		{ "[1~3,8~1", "ends in the middle", 6, 1, 3, 0 },
		{ "[1~3,8~", "ends in the middle", 6, 1, 3, 0 },
		{ "[1~3,", "ends in the middle", 6, 1, 3, 0 },
		{ "[1~3", "ends in the middle", 2, 0, 0, -EBADMSG },
	};
	struct interval_set set = INTERVAL_SET_EMPTY;

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct faults faults = { .text = cases[i].text };
		int ret = interval_text_parse(cases[i].text, strlen(cases[i].text), &set, NULL, note_fault, &faults);

		if (ret != cases[i].ret || faults.count != 1 || !strstr(faults.fault, cases[i].fault) ||
		    faults.column != cases[i].column || set.count != cases[i].intervals || set.ids != cases[i].ids)
			fail_msg("%s: ret %d, %u faults, column %zu, %zu intervals, %ju ids", cases[i].text, ret, faults.count,
			         faults.column, set.count, (uintmax_t)set.ids);
	}
	interval_set_free(&set);
}

static void the_last_64_bit_id_has_a_place(void **unused)
{
	struct interval_set set = INTERVAL_SET_EMPTY;

	(void)unused;
	assert_int_equal(interval_set_insert(&set, UINT64_MAX - 1, 1), 0);
	assert_true(interval_set_contains(&set, UINT64_MAX - 1));
	assert_false(interval_set_contains(&set, UINT64_MAX));
	assert_int_equal(interval_set_insert(&set, UINT64_MAX, 1), -ERANGE);
	assert_int_equal(interval_set_insert(&set, 5, 0), -ERANGE);
	assert_int_equal(set.ids, 1);
	interval_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_agrees_with_a_bitmap),
		cmocka_unit_test(a_printed_set_reads_back_equal),
		cmocka_unit_test(each_fault_is_named_and_the_rest_counted),
		cmocka_unit_test(the_last_64_bit_id_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
