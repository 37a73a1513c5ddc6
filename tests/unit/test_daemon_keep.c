/* SPDX-License-Identifier: MIT */
/* Which incident folders stay. */
#include "daemon/files.h"
#include "daemon/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static char incidents[PATH_MAX];

static int make_incidents(void **state)
{
	(void)state;
	snprintf(incidents, sizeof incidents, "/tmp/daemon-keep-XXXXXX");
	return mkdtemp(incidents) ? 0 : -1;
}

static int remove_incidents(void **state)
{
	(void)state;
	return files_remove(incidents);
}

static void trace_path(int minute, char path[PATH_MAX])
{
	files_path(path, "%s/2026-11-29T03-%02d-00Z-vm%d/trace", incidents, minute, minute);
}

/* A folder of this minute with a trace of its own, or with that of another. */
static void make(int minute, int as)
{
	char folder[PATH_MAX], path[PATH_MAX], other[PATH_MAX];

	trace_path(minute, folder);
	assert_int_equal(files_make_folders(folder), 0);
	files_path(path, "%s/ring", folder);
	trace_path(as, folder);
	files_path(other, "%s/ring", folder);
	if (minute != as) {
		assert_int_equal(link(other, path), 0);
		return;
	}
	fclose(fopen(path, "w"));
	assert_int_equal(truncate(path, 10 * MIB), 0);
}

static bool stays(int minute)
{
	char path[PATH_MAX];

	trace_path(minute, path);
	return !access(path, F_OK);
}

static void the_newest_stay(void **state)
{
	(void)state;
	for (int i = 1; i <= 4; i++)
		make(i, i);
	keep_newest(incidents, 3, 0);
	assert_false(stays(1));
	assert_true(stays(2));
	keep_newest(incidents, 0, 25 * MIB);
	assert_false(stays(2));
	assert_true(stays(3));
	keep_newest(incidents, 0, MIB);
	assert_false(stays(3));
	assert_true(stays(4));
}

/* As a cascade leaves them: each VM has a folder, and all of them have the trace of one case. */
static void a_trace_that_folders_have_between_them_counts_once(void **state)
{
	(void)state;
	make(1, 1);
	for (int i = 2; i <= 6; i++)
		make(i, 1);
	make(7, 7);
	keep_newest(incidents, 0, 25 * MIB);
	for (int i = 1; i <= 7; i++)
		assert_true(stays(i));
	keep_newest(incidents, 0, 15 * MIB);
	for (int i = 1; i <= 6; i++)
		assert_false(stays(i));
}

static void folders_by_number_leave_the_disk_as_much_room_as_they_take(void **state)
{
	const uint64_t gib = 1024 * MIB;

	(void)state;
	assert_int_equal(keep_room(10 * gib, 90 * gib), 50 * gib);
	assert_int_equal(keep_room(80 * gib, 0), 40 * gib);
	assert_int_equal(keep_room(gib, 0), gib); /* a full disk takes nothing away that is small */
	for (int i = 1; i <= 3; i++)
		make(i, i);
	keep_newest(incidents, 3, 0);
	assert_true(stays(1));
}

/* The ring of each folder is a hole, which is all that there is room for here: it counts by its size. */
static void folders_that_would_fill_the_disk_go_however_few_they_are(void **state)
{
	char path[PATH_MAX];
	struct statvfs disk;

	(void)state;
	assert_int_equal(statvfs(incidents, &disk), 0);
	for (int i = 1; i <= 3; i++) {
		make(i, i);
		trace_path(i, path);
		strcat(path, "/ring");
		if (truncate(path, (off_t)(disk.f_blocks * disk.f_frsize) + (off_t)KEEP_LEAST))
			skip(); /* no file system lets a file be that big */
	}
	keep_newest(incidents, 50, 0);
	assert_false(stays(1));
	assert_false(stays(2));
	assert_true(stays(3));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_incidents, remove_incidents)
	const struct CMUnitTest tests[] = {
		CASE(the_newest_stay),
		CASE(a_trace_that_folders_have_between_them_counts_once),
		CASE(folders_by_number_leave_the_disk_as_much_room_as_they_take),
		CASE(folders_that_would_fill_the_disk_go_however_few_they_are),
	};

	return cmocka_run_group_tests_name("which folders stay", tests, NULL, NULL);
}
