/* SPDX-License-Identifier: MIT */
/* The daemon's folders: which one it takes for its own. */
#include "daemon/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[PATH_MAX];

static int make_top(void **state)
{
	(void)state;
	snprintf(top, sizeof top, "/tmp/daemon-files-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	(void)state;
	return files_remove(top);
}

static void a_folder_where_others_make_some_is_taken_if_it_is_ours_alone(void **state)
{
	char path[PATH_MAX], link[PATH_MAX];
	struct stat st;

	(void)state;
	files_path(path, "%s/rings", top);
	files_path(link, "%s/link", top);
	assert_int_equal(files_make_own(path), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(files_make_own(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	assert_int_equal(symlink(path, link), 0);
	assert_true(files_make_own(link) < 0);
	assert_int_equal(chmod(path, 0720), 0);
	assert_true(files_make_own(path) < 0);
	assert_int_equal(chmod(path, 0702), 0);
	assert_true(files_make_own(path) < 0);
}

static void somebody_elses_folder_is_not(void **state)
{
	char path[PATH_MAX];

	(void)state;
	if (geteuid()) {
		assert_true(files_make_own("/") < 0);
		return;
	}
	files_path(path, "%s/rings", top);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_true(files_make_own(path) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_folder_where_others_make_some_is_taken_if_it_is_ours_alone, make_top,
		                                remove_top),
		cmocka_unit_test_setup_teardown(somebody_elses_folder_is_not, make_top, remove_top),
	};

	return cmocka_run_group_tests_name("the daemon's folders", tests, NULL, NULL);
}
