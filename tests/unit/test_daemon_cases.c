/* SPDX-License-Identifier: MIT */
/* Cases, with a worker, sessions and a clock of the test's: what becomes of a fence that cannot be written down, and of one
 * process that tells of fences without end. */
#include "daemon/cases.h"
#include "daemon/files.h"
#include "daemon/reach_note.h"
#include "daemon/worker.h"
#include "run/now.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- what cases call ---- */

static int64_t ahead_ms; /* of the clock */

int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec + ahead_ms * 1000000;
}

int64_t monotonic_ms(void)
{
	return monotonic_ns() / 1000000;
}

int64_t epoch_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec + ahead_ms * 1000000;
}

static bool writes;   /* the worker can write down */
static int snapshots; /* taken */
static struct work_order last;

int sessions_snapshot(struct sessions *sessions, const char *folder)
{
	char path[PATH_MAX];
	int fd;

	(void)sessions;
	snapshots++;
	if (files_make_folders(folder))
		return -EIO;
	files_path(path, "%s/metadata", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (write(fd, "evidence", 8) != 8)
		return -EIO;
	return close(fd);
}

pid_t worker_start(const struct work_order *order)
{
	char path[PATH_MAX];
	pid_t child;

	last = *order;
	files_path(path, "%s/" WORKER_WRITTEN, order->folder);
	if (writes)
		close(open(path, O_WRONLY | O_CREAT, 0600));
	child = fork();
	if (!child)
		_exit(!writes);
	return child;
}

void worker_clear_unfinished(const char *output)
{
	(void)output;
}

void reach_note(const struct daemon_options *options, const char *folder)
{
	(void)options, (void)folder;
}

/* ---- a daemon ---- */

static char output[PATH_MAX];
static struct daemon_options options = { .output = output };
static struct sessions sessions;

static int make_output(void **state)
{
	(void)state;
	snprintf(output, sizeof output, "/tmp/daemon-cases-XXXXXX");
	writes = true;
	snapshots = 0;
	return mkdtemp(output) ? 0 : -1;
}

static int remove_output(void **state)
{
	(void)state;
	return files_remove(output);
}

static void fence_of(struct cases *cases, pid_t pid)
{
	const struct notice notice = { .kind = NOTICE_FENCED, .pid = pid, .vm = "vm1", .address = "10.0.0.1:0/1" };

	cases_notice(&notice, cases);
}

static void fence(struct cases *cases)
{
	fence_of(cases, 7);
}

/* One that notices a fence and ends when that is written down, or is not. */
static void one_fence(bool can_write)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);

	writes = can_write;
	fence(cases);
	cases_finish(cases, 5);
	cases_free(cases);
}

/* One that is begun and has nothing to do for a while. */
static uint64_t begun_anew(bool can_write)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);
	uint64_t written;

	writes = can_write;
	for (int i = 0; i < 20; i++) {
		cases_tick(cases);
		usleep(10000);
	}
	written = cases_written(cases);
	cases_free(cases);
	return written;
}

/* How many folders of cases are there. */
static int count(const char *where)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int found = 0;
	DIR *dir;

	files_path(path, "%s/work/%s", output, where);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		found += *entry->d_name != '.';
	if (dir)
		closedir(dir);
	return found;
}

static void what_is_written_down_leaves_nothing(void **state)
{
	(void)state;
	one_fence(true);
	assert_int_equal(count("cases") + count("unwritten"), 0);
}

static void what_is_not_is_tried_once_more_at_the_next_start(void **state)
{
	(void)state;
	one_fence(false);
	assert_int_equal(count("unwritten"), 1);
	assert_int_equal(begun_anew(true), 1);
	assert_true(last.left);
	assert_null(last.pages); /* nobody is waited for */
	assert_true(last.snapshot_ns > INT64_C(1600000000000000000));
	assert_int_equal(count("cases") + count("unwritten"), 0);
}

static void what_fails_twice_stays_and_is_not_tried_again(void **state)
{
	(void)state;
	one_fence(false);
	assert_int_equal(begun_anew(false), 0);
	assert_int_equal(begun_anew(true), 0);
	assert_int_equal(count("unwritten"), 1);
}

static void a_case_of_a_daemon_that_was_killed_is_tried_too(void **state)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);

	(void)state;
	fence(cases);
	cases_free(cases); /* while it settles */
	assert_int_equal(count("cases"), 1);
	assert_int_equal(begun_anew(true), 1);
	assert_int_equal(count("cases") + count("unwritten"), 0);
}

static void no_more_than_the_newest_few_stay(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		one_fence(false);
	assert_int_equal(count("unwritten"), 4);
}

/* ---- one process that tells of fences without end ---- */

/* Two minutes, in fifths of a second, in which it tells of one every second. */
static void two_minutes_of_fences(struct cases *cases)
{
	for (int i = 0; i < 2 * 60 * 5; i++) {
		ahead_ms += 200;
		if (i % 5 == 0)
			fence(cases);
		cases_tick(cases);
		if (i % 5 == 0)
			usleep(1000);
	}
}

static void a_process_that_tells_of_fences_without_end_leaves_others_their_past(void **state)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);
	int before;

	(void)state;
	two_minutes_of_fences(cases);
	assert_in_range(snapshots, 4, 40); /* a ring has 64 sub-buffers */
	before = snapshots;
	two_minutes_of_fences(cases);
	assert_in_range(snapshots - before, 1, 20);
	ahead_ms += 10000;
	cases_tick(cases);
	before = snapshots;
	fence_of(cases, 8);
	assert_int_equal(snapshots, before + 1);
	cases_finish(cases, 5);
	cases_free(cases);
}

static void what_a_process_tells_too_often_waits_and_is_not_lost(void **state)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);
	int before;

	(void)state;
	for (int i = 0; i < 5; i++) {
		ahead_ms += 7000;
		for (int tick = 0; tick < 3; tick++, usleep(20000))
			cases_tick(cases); /* the one before is written down */
		before = snapshots;
		fence(cases);
	}
	assert_int_equal(snapshots, before);
	ahead_ms += 60000;
	cases_tick(cases);
	assert_int_equal(snapshots, before + 1);
	cases_finish(cases, 5);
	cases_free(cases);
}

static void fences_of_many_at_once_are_all_noticed(void **state)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);

	(void)state;
	for (int i = 0; i < 100; i++) {
		fence_of(cases, 1000 + i);
		fence_of(cases, 1000 + i);
	}
	cases_finish(cases, 5);
	assert_int_equal(last.count, 200);
	cases_free(cases);
}

static void a_process_that_is_fenced_now_and_then_is_listened_to(void **state)
{
	struct cases *cases = cases_new(&options, &sessions, NULL);
	int before;

	(void)state;
	for (int i = 0; i < 20; i++) {
		before = snapshots;
		fence(cases);
		assert_true(snapshots > before);
		ahead_ms += 61000;
		cases_tick(cases);
	}
	cases_finish(cases, 5);
	cases_free(cases);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_output, remove_output)
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_down_leaves_nothing),
		CASE(what_is_not_is_tried_once_more_at_the_next_start),
		CASE(what_fails_twice_stays_and_is_not_tried_again),
		CASE(a_case_of_a_daemon_that_was_killed_is_tried_too),
		CASE(no_more_than_the_newest_few_stay),
		CASE(a_process_that_tells_of_fences_without_end_leaves_others_their_past),
		CASE(what_a_process_tells_too_often_waits_and_is_not_lost),
		CASE(fences_of_many_at_once_are_all_noticed),
		CASE(a_process_that_is_fenced_now_and_then_is_listened_to),
	};

	return cmocka_run_group_tests_name("the daemon's cases", tests, NULL, NULL);
}
