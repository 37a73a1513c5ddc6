/* SPDX-License-Identifier: MIT */
/* What doctor reads from ELF files, and how the shim's table compares with the librbd that is installed here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/coverage.h"
#include "record/elf_symbols.h"
#include "record/proc.h"

static void a_library_defines_what_it_exports_and_not_what_it_imports(void **state)
{
	char path[PATH_MAX];
	struct elf_file elf;

	(void)state;
	assert_true(proc_mapped(getpid(), "libcmocka.so.", path) > 0);
	assert_int_equal(elf_open(&elf, path), 0);
	assert_true(elf_defines(&elf, "_cmocka_run_group_tests"));
	assert_false(elf_defines(&elf, "_cmocka_run_group_test"));
	assert_false(elf_defines(&elf, "malloc"));
	assert_false(elf_defines(&elf, ""));
	elf_close(&elf);
}

static void a_program_that_uses_the_loader_is_told_from_a_library(void **state)
{
	char path[PATH_MAX];
	struct elf_file elf;

	(void)state;
	assert_int_equal(proc_program(getpid(), path), 0);
	assert_int_equal(elf_open(&elf, path), 0);
	assert_true(elf_is_dynamic(&elf));
	elf_close(&elf);
	assert_true(proc_mapped(getpid(), "libcmocka.so.", path) > 0);
	assert_int_equal(elf_open(&elf, path), 0);
	assert_false(elf_is_dynamic(&elf));
	elf_close(&elf);
}

static void what_is_no_elf_file_is_refused(void **state)
{
	struct elf_file elf;

	(void)state;
	assert_int_equal(elf_open(&elf, "/etc/passwd"), -ENOEXEC);
	assert_int_equal(elf_open(&elf, "/tmp"), -ENOEXEC);
	assert_int_equal(elf_open(&elf, "/nonexistent"), -ENOENT);
}

/* Cut off anywhere, or with any byte of its headers turned round, a file may lose symbols; it must not be read beyond its end. */
static void a_damaged_file_is_survived(void **state)
{
	char path[PATH_MAX], copy[] = "/tmp/fenceline-elf-XXXXXX";
	struct elf_file elf, damaged;
	int fd = mkstemp(copy);

	(void)state;
	assert_true(fd >= 0);
	assert_true(proc_mapped(getpid(), "libcmocka.so.", path) > 0);
	assert_int_equal(elf_open(&elf, path), 0);
	for (size_t i = 0; i < 200; i++) {
		size_t length = i < 100 ? elf.size * i / 100 : elf.size;
		unsigned char flipped;

		assert_int_equal(pwrite(fd, elf.bytes, length, 0), (ssize_t)length);
		assert_int_equal(ftruncate(fd, length), 0);
		if (i >= 100) { /* the header is 64 bytes; then the last section headers, where offsets and sizes are */
			size_t at = i < 164 ? i - 100 : elf.size - (i - 163) * 7;

			flipped = elf.bytes[at] ^ 0xff;
			assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		}
		if (elf_open(&damaged, copy))
			continue;
		elf_defines(&damaged, "no such symbol");
		elf_is_dynamic(&damaged);
		elf_close(&damaged);
	}
	elf_close(&elf);
	close(fd);
	unlink(copy);
}

static void the_installed_ceph_has_every_call_that_verdicts_rest_on(void **state)
{
	char path[CEPH_LIBRARIES][PATH_MAX];
	const char *paths[CEPH_LIBRARIES];
	struct coverage coverage;

	(void)state;
	if (!dlopen("librados.so.2", RTLD_LAZY) || !dlopen("librbd.so.1", RTLD_LAZY))
		skip();
	for (int i = 0; i < CEPH_LIBRARIES; i++) {
		assert_true(proc_mapped(getpid(), ceph_library_names[i], path[i]) > 0);
		paths[i] = path[i];
	}
	assert_int_equal(coverage_of(paths, &coverage), 0);
	print_message("Ceph %d to %d: %d of %d\n", coverage.first, coverage.last, coverage.found, coverage.rows);
	assert_int_equal(coverage.required_missing, 0);
	assert_true(coverage.rows > 100);
	assert_int_equal(coverage.found, coverage.rows);
}

static void a_library_of_something_else_lacks_them(void **state)
{
	char path[PATH_MAX];
	const char *paths[CEPH_LIBRARIES] = { NULL };
	struct coverage coverage;

	(void)state;
	assert_int_equal(coverage_of(paths, &coverage), 0);
	assert_int_equal(coverage.rows, 0); /* nothing was looked at */
	assert_true(proc_mapped(getpid(), "libcmocka.so.", path) > 0);
	paths[CEPH_RBD] = path;
	assert_int_equal(coverage_of(paths, &coverage), 0);
	assert_int_equal(coverage.found, 0);
	assert_true(coverage.required_missing > 10);
	assert_non_null(coverage.missing);
	paths[CEPH_RBD] = "/nonexistent";
	assert_int_equal(coverage_of(paths, &coverage), -ENOENT);
}

static void a_process_is_known_by_its_maps_and_its_environment(void **state)
{
	char path[PATH_MAX], value[64];

	(void)state;
	assert_int_equal(proc_mapped(getpid(), "libnosuch.so.", path), 0);
	assert_int_equal(proc_mapped(1 << 30, "libc.so.", path), -ENOENT);
	assert_int_equal(proc_environment(getpid(), "FENCELINE_NO_SUCH", value, sizeof value), 0);
	assert_int_equal(proc_user(getpid()), geteuid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_defines_what_it_exports_and_not_what_it_imports),
		cmocka_unit_test(a_program_that_uses_the_loader_is_told_from_a_library),
		cmocka_unit_test(what_is_no_elf_file_is_refused),
		cmocka_unit_test(a_damaged_file_is_survived),
		cmocka_unit_test(the_installed_ceph_has_every_call_that_verdicts_rest_on),
		cmocka_unit_test(a_library_of_something_else_lacks_them),
		cmocka_unit_test(a_process_is_known_by_its_maps_and_its_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
