/* SPDX-License-Identifier: MIT */
/* The worker, with folders of the test's: when all is written down, and what of a case it tells. */
#include "daemon/files.h"
#include "daemon/folder.h"
#include "daemon/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char output[PATH_MAX];
static struct daemon_options options = { .output = output };

static void write_file(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	files_path(path, "%s/%s", output, name);
	*strrchr(path, '/') = '\0';
	assert_int_equal(files_make_folders(path), 0);
	path[strlen(path)] = '/';
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool is_there(const char *name)
{
	char path[PATH_MAX];

	files_path(path, "%s/%s", output, name);
	return !access(path, F_OK);
}

/* ---- what the worker calls, in its own process ---- */

static int found; /* what a reading finds: how many, or -errno */
static int64_t fence_s;

int folder_read(const struct daemon_options *wanted, const char *all, const char *into)
{
	char text[256];

	(void)wanted, (void)all, (void)into;
	snprintf(text, sizeof text,
	         "{\"incidents\":[{\"client\":{\"address\":\"10.0.0.1:0/1\"},\"blocklist\":{\"ts_ns\":%lld000000000}}]}",
	         (long long)fence_s);
	write_file("case/found/0/incidents.json", text);
	return found;
}

int folder_write(const struct daemon_options *wanted, const char *all, const char *at, const struct verdict *verdict,
                 bool noticed)
{
	(void)wanted, (void)all, (void)at, (void)verdict, (void)noticed;
	write_file("told", "");
	return 0;
}

int folder_write_again(const struct daemon_options *wanted, const char *all)
{
	(void)wanted, (void)all;
	return 0;
}

void folder_call_hooks(const struct daemon_options *wanted)
{
	(void)wanted;
}

bool folder_same_client(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* ---- */

static int make_output(void **state)
{
	(void)state;
	snprintf(output, sizeof output, "/tmp/daemon-worker-XXXXXX");
	found = 1;
	fence_s = 1000;
	return mkdtemp(output) ? 0 : -1;
}

static int remove_output(void **state)
{
	(void)state;
	return files_remove(output);
}

/* Its exit code. */
static int work(bool left, int64_t snapshot_s)
{
	char folder[PATH_MAX];
	struct work_order order = { .options = &options, .folder = folder, .snapshot_ns = snapshot_s * 1000000000, .left = left };
	int status;
	pid_t pid;

	files_path(folder, "%s/case", output);
	write_file("case/ring-0/metadata", "ring");
	pid = worker_start(&order);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void a_case_that_could_not_be_read_is_not_written_down(void **state)
{
	(void)state;
	found = -EIO;
	assert_int_equal(work(false, 1001), 1);
	assert_false(is_there("case/" WORKER_WRITTEN));
	found = 1;
	assert_int_equal(work(false, 1001), 0);
	assert_true(is_there("case/" WORKER_WRITTEN));
}

/* Noticed by nobody, as the notices of an earlier daemon are gone: then the snapshot's time tells that it is of this case. */
static void a_fence_is_of_its_case_however_late_that_is_read(void **state)
{
	(void)state;
	assert_int_equal(work(true, 1001), 0);
	assert_true(is_there("told"));
}

static void what_is_older_than_its_case_is_not_told(void **state)
{
	(void)state;
	assert_int_equal(work(false, 1000 + 200), 0);
	assert_false(is_there("told"));
}

static void what_an_earlier_daemon_gathered_stays(void **state)
{
	(void)state;
	options.logs[0] = "/dev/null";
	options.log_count = 1;
	write_file("case/all/trace/fencers/1/metadata", "of then");
	write_file("case/all/logs/audit.log", "a line of then");
	write_file("work/fencers/2/metadata", "of now");
	assert_int_equal(work(true, 1001), 0);
	assert_true(is_there("case/all/trace/fencers/1/metadata"));
	assert_true(is_there("case/all/trace/fencers/2/metadata"));
	assert_true(is_there("case/all/logs/audit.log"));
	assert_int_equal(work(false, 1001), 0);
	assert_false(is_there("case/all/trace/fencers/1/metadata"));
	assert_false(is_there("case/all/logs/audit.log"));
	options.log_count = 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_output, remove_output)
	const struct CMUnitTest tests[] = {
		CASE(a_case_that_could_not_be_read_is_not_written_down),
		CASE(a_fence_is_of_its_case_however_late_that_is_read),
		CASE(what_is_older_than_its_case_is_not_told),
		CASE(what_an_earlier_daemon_gathered_stays),
	};

	return cmocka_run_group_tests_name("the daemon's worker", tests, NULL, NULL);
}
