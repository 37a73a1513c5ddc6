/* SPDX-License-Identifier: MIT */
/* What `fenceline run` needs to know: where the shim is, what LD_PRELOAD becomes, which commands are VMs; and output folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fenceline/provider.h"
#include "record/output.h"
#include "run/shim_path.h"
#include "run/supervise.h"

static void preload_is(const char *current, const char *expected)
{
	char *list = shim_path_preload(current, "/opt/lib/libfenceline.so");

	assert_string_equal(list, expected);
	free(list);
}

static void the_shim_is_put_in_front_of_an_existing_preload(void **state)
{
	(void)state;
	preload_is(NULL, "/opt/lib/libfenceline.so");
	preload_is("", "/opt/lib/libfenceline.so");
	preload_is("libjemalloc.so.2", "/opt/lib/libfenceline.so:libjemalloc.so.2");
	preload_is("a.so b.so", "/opt/lib/libfenceline.so:a.so b.so");
	preload_is("/lib/notlibfenceline.so", "/opt/lib/libfenceline.so:/lib/notlibfenceline.so");
	preload_is("/lib/libfenceline.so.bak", "/opt/lib/libfenceline.so:/lib/libfenceline.so.bak");
	preload_is("/libfenceline.so/x.so", "/opt/lib/libfenceline.so:/libfenceline.so/x.so");
}

static void the_shim_is_never_named_twice(void **state)
{
	(void)state;
	preload_is("/opt/lib/libfenceline.so", "/opt/lib/libfenceline.so");
	preload_is("/build/lib/libfenceline.so", "/build/lib/libfenceline.so");
	preload_is("libfenceline.so", "libfenceline.so");
	preload_is("a.so:/x/libfenceline.so:b.so", "a.so:/x/libfenceline.so:b.so");
	preload_is(" a.so  /x/libfenceline.so ", " a.so  /x/libfenceline.so ");
}

static void only_a_qemu_system_emulator_is_a_vm(void **state)
{
	static const char *const vms[] = { "qemu-system-x86_64", "/usr/bin/qemu-system-aarch64", "qemu-kvm",
		                           "/usr/libexec/qemu-kvm", "kvm" };
	static const char *const others[] = { "qemu-img", "/usr/bin/rbd", "kvm-ok", "qemu-systemd", "/opt/kvm/fio", "qemu", "" };

	(void)state;
	for (size_t i = 0; i < sizeof vms / sizeof *vms; i++)
		assert_true(supervise_is_qemu_system(vms[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(supervise_is_qemu_system(others[i]));
}

static void only_a_vm_does_not_wait_for_a_session_daemon(void **state)
{
	(void)state;
	unsetenv("LD_PRELOAD");
	unsetenv("LTTNG_UST_REGISTER_TIMEOUT");
	assert_int_equal(supervise_environment("rbd", "/s/libfenceline.so"), 0);
	assert_null(getenv("LTTNG_UST_REGISTER_TIMEOUT"));
	assert_int_equal(supervise_environment("qemu-system-x86_64", "/s/libfenceline.so"), 0);
	assert_string_equal(getenv("LTTNG_UST_REGISTER_TIMEOUT"), FL_REGISTER_TIMEOUT_MS);
	assert_string_equal(getenv("LD_PRELOAD"), "/s/libfenceline.so");
	assert_null(getenv("LTTNG_UST_ALLOW_BLOCKING"));
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "500", 1);
	assert_int_equal(supervise_environment("qemu-system-x86_64", "/s/libfenceline.so"), 0);
	assert_string_equal(getenv("LTTNG_UST_REGISTER_TIMEOUT"), "500");
	unsetenv("LD_PRELOAD");
	unsetenv("LTTNG_UST_REGISTER_TIMEOUT");
}

static char folder[] = "/tmp/fenceline-test-XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int leave_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return chdir("/") || system(command);
}

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fclose(file);
}

static void the_shim_is_found_beside_the_program_or_the_places_are_named(void **state)
{
	char bin[64], path[PATH_MAX], expected[128];

	(void)state;
	mkdir("prefix", 0755);
	mkdir("prefix/bin", 0755);
	mkdir("prefix/lib", 0755);
	snprintf(bin, sizeof bin, "%s/prefix/bin", folder);
	assert_int_equal(shim_path_find(bin, path, sizeof path), -ENOENT);
	snprintf(expected, sizeof expected, "%s/../lib/libfenceline.so", bin);
	assert_non_null(strstr(path, expected));
	touch("prefix/lib/libfenceline.so");
	assert_int_equal(shim_path_find(bin, path, sizeof path), 0);
	snprintf(expected, sizeof expected, "%s/prefix/lib/libfenceline.so", folder);
	assert_string_equal(path, expected);
}

static void a_recording_takes_a_new_or_an_empty_folder(void **state)
{
	char path[PATH_MAX], expected[128];
	int made;

	(void)state;
	assert_int_equal(output_prepare("new/two//", path, sizeof path, &made), 0);
	assert_int_equal(made, 1);
	assert_int_equal(output_prepare("new/one", path, sizeof path, &made), 0);
	assert_int_equal(made, 1);
	snprintf(expected, sizeof expected, "%s/new/one", folder);
	assert_string_equal(path, expected);
	assert_int_equal(output_prepare("new/one/", path, sizeof path, &made), 0);
	assert_int_equal(made, 0);
	assert_string_equal(path, expected);
}

static void a_recording_refuses_a_folder_in_use_and_what_is_no_folder(void **state)
{
	char path[PATH_MAX];
	int made;

	(void)state;
	mkdir("used", 0755);
	touch("used/file");
	assert_int_equal(output_prepare("used", path, sizeof path, &made), -ENOTEMPTY);
	assert_int_equal(output_prepare("used/file", path, sizeof path, &made), -ENOTDIR);
	assert_int_equal(output_prepare("used/file/below", path, sizeof path, &made), -ENOTDIR);
	assert_int_equal(output_prepare("/proc/nowhere", path, sizeof path, &made), -ENOENT);
}

static void the_size_of_a_trace_is_that_of_its_files(void **state)
{
	char text[32];
	FILE *file;

	(void)state;
	mkdir("trace", 0755);
	mkdir("trace/index", 0755);
	assert_int_equal(output_bytes("trace"), 0);
	for (int i = 0; i < 2; i++) {
		file = fopen(i ? "trace/stream" : "trace/index/stream.idx", "w");
		assert_non_null(file);
		fprintf(file, "%0*d", 700, 0);
		fclose(file);
	}
	assert_int_equal(output_bytes("trace"), 1400);
	assert_int_equal(output_bytes("nowhere"), 0);
	assert_string_equal(output_size_text(1400, text, sizeof text), "1.4 KiB");
	assert_string_equal(output_size_text(1023, text, sizeof text), "1023 bytes");
	assert_string_equal(output_size_text(5ULL << 30, text, sizeof text), "5.0 GiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shim_is_put_in_front_of_an_existing_preload),
		cmocka_unit_test(the_shim_is_never_named_twice),
		cmocka_unit_test(only_a_qemu_system_emulator_is_a_vm),
		cmocka_unit_test(only_a_vm_does_not_wait_for_a_session_daemon),
		cmocka_unit_test(the_shim_is_found_beside_the_program_or_the_places_are_named),
		cmocka_unit_test(a_recording_takes_a_new_or_an_empty_folder),
		cmocka_unit_test(a_recording_refuses_a_folder_in_use_and_what_is_no_folder),
		cmocka_unit_test(the_size_of_a_trace_is_that_of_its_files),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
