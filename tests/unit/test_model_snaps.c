/* SPDX-License-Identifier: MIT */
/* What OSDs' logs say of removed snapshots: one change from many placement groups' lines, with a place of its own. */
#include "model_fixture.h"

static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-daemon", .host = "" };

static void say(enum fact fact, double seconds, const char *osd, uint64_t pool, const char *intervals, const char *removed)
{
	add(&osd_log, seconds,
	    (struct event){ .fact = fact,
	                    .snaps = { .osd = osd, .pg = "", .pool = pool, .intervals = intervals, .removed = removed } });
}

static void placement_groups_of_one_epoch_are_one_change(void **state)
{
	const struct timeline_entry *entry;

	(void)state;
	say(FACT_removed_snaps, 1, "osd.0", 1, "[1~3]", "[]"); /* as it was */
	for (int pg = 0; pg < 64; pg++)
		say(FACT_removed_snaps, 2 + pg / 100.0, "osd.0", 1, "[1~3,8~1,a~1]", "[8~1,a~1]");
	model_finish(model);
	assert_non_null(model->cluster);
	assert_int_equal(model->cluster->images->entry_count, 1);
	entry = model->cluster->images->entries;
	assert_int_equal(entry->kind, TL_REMOVED_SNAPS);
	assert_int_equal(entry->snaps->pool, 1);
	assert_int_equal(entry->snaps->intervals, 3);
	assert_int_equal(entry->snaps->removed, 2);
}

static void another_set_osd_pool_or_time_is_another_change(void **state)
{
	size_t count = 0;

	(void)state;
	say(FACT_removed_snaps, 1, "osd.0", 1, "[1~3]", "[1~3]");
	say(FACT_removed_snaps, 1, "osd.1", 1, "[1~3]", "[1~3]");
	say(FACT_removed_snaps, 1, "osd.0", 2, "[1~3]", "[1~3]");
	say(FACT_removed_snaps, 1, "osd.0", 1, "[1~3,8~1]", "[8~1]");
	say(FACT_snaptrim, 1, "osd.0", 1, "[8~1]", "[8~1]");
	say(FACT_snaptrim, 2, "osd.0", 1, "", ""); /* still at it */
	say(FACT_snaptrim, 20, "osd.0", 1, "", "");
	model_finish(model);
	for (const struct snaps_change *each = model->snaps_changes; each; each = each->next)
		count++;
	assert_int_equal(count, 6);
}

/* From Mimic on an OSD logs what is new, not the set: deletions right after one another stay apart. */
static void deletions_without_the_set_are_told_apart_by_their_ids(void **state)
{
	const struct snaps_change *first;

	(void)state;
	for (int pg = 0; pg < 8; pg++)
		say(FACT_removed_snaps, 1 + pg / 100.0, "osd.0", 1, "", "[5~1]");
	for (int pg = 0; pg < 8; pg++)
		say(FACT_removed_snaps, 1.5 + pg / 100.0, "osd.0", 1, "", "[7~2]");
	model_finish(model);
	first = model->snaps_changes;
	assert_int_equal(first->removed, 1);
	assert_int_equal(first->next->removed, 2);
	assert_null(first->next->next);
	assert_int_equal(model->cluster->images->entry_count, 2);
	assert_ptr_equal(model->cluster->images->entries[1].snaps, first->next);
	assert_int_equal(first->next->intervals, 0);
}

static void a_length_past_64_bits_is_counted_no_further(void **state)
{
	(void)state;
	say(FACT_removed_snaps, 1, "", UINT64_MAX, "[1~ffffffffffffffff,2~ffffffffffffffff,3~", "[1~ffffffffffffffff,2~5]");
	model_finish(model);
	assert_true(model->snaps_changes->removed == UINT64_MAX);
	assert_int_equal(model->snaps_changes->intervals, 3);
}

static void nothing_said_makes_no_part_of_the_cluster(void **state)
{
	(void)state;
	say(FACT_removed_snaps, 1, "osd.0", 1, "[1~3]", "[]");
	model_finish(model);
	assert_null(model->cluster);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(placement_groups_of_one_epoch_are_one_change, begin, end),
		cmocka_unit_test_setup_teardown(another_set_osd_pool_or_time_is_another_change, begin, end),
		cmocka_unit_test_setup_teardown(deletions_without_the_set_are_told_apart_by_their_ids, begin, end),
		cmocka_unit_test_setup_teardown(a_length_past_64_bits_is_counted_no_further, begin, end),
		cmocka_unit_test_setup_teardown(nothing_said_makes_no_part_of_the_cluster, begin, end),
	};

	return cmocka_run_group_tests_name("snaps in the model", tests, NULL, NULL);
}
