/* SPDX-License-Identifier: MIT */
/* Cases, with a worker and sessions of the test's: what becomes of a fence that cannot be written down. */
#include "daemon/cases.h"
#include "daemon/files.h"
#include "daemon/reach_note.h"
#include "daemon/worker.h"

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
#include <unistd.h>

/* ---- what cases call ---- */

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

static void fence(struct cases *cases)
{
	const struct notice notice = { .kind = NOTICE_FENCED, .pid = 7, .vm = "vm1", .address = "10.0.0.1:0/1" };

	cases_notice(&notice, cases);
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_output, remove_output)
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_down_leaves_nothing),
		CASE(what_is_not_is_tried_once_more_at_the_next_start),
		CASE(what_fails_twice_stays_and_is_not_tried_again),
		CASE(a_case_of_a_daemon_that_was_killed_is_tried_too),
		CASE(no_more_than_the_newest_few_stay),
	};

	return cmocka_run_group_tests_name("the daemon's cases", tests, NULL, NULL);
}
