/* SPDX-License-Identifier: MIT */
/* Looking at memory that may not be there, in processes whose seccomp filter forbids one way of it, or each. */
#include "base/layout.h"
#include "base/peek.h"
#include "base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From now on these two system calls end so; the number of the first one twice: only that one. */
static bool forbid(uint32_t first, uint32_t second, uint32_t action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* A kernel that has no filters, and qemu-aarch64, say EINVAL where another one misses the program. */
static bool there_are_filters(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno != EINVAL;
}

static int status_of_child(int (*run)(void))
{
	int status;
	pid_t child;

	process_identity(); /* read before there is a filter, as in any client */
	child = fork();
	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Behind the first page of it the file has ended: there is nothing to be read. */
static char *seam;

static int looks(void)
{
	char copy[64] = "";

	errno = 77;
	if (!peek(seam - 8, copy, 8) || memcmp(copy, "12345678", 8) != 0)
		return 1;
	if (peek(seam - 8, copy, 9) || peek(seam, copy, 1) || peek((void *)8, copy, 1) || peek(NULL, copy, 1))
		return 2;
	if (peek_some(seam - 8, copy, sizeof copy) != 8)
		return 3;
	return errno == 77 ? 0 : 4;
}

static void what_is_not_there_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(looks(), 0);
	assert_true(peek_works());
}

static int looks_where_the_call_is_denied(void)
{
	return forbid(SYS_process_vm_readv, SYS_process_vm_readv, SECCOMP_RET_ERRNO | EPERM) ? looks() : 10;
}

static int looks_where_the_call_would_be_the_end(void)
{
	return forbid(SYS_process_vm_readv, SYS_process_vm_readv, SECCOMP_RET_KILL) ? looks() : 10;
}

static void a_filter_that_denies_process_vm_readv_or_ends_who_calls_it_is_no_hindrance(void **state)
{
	(void)state;
	if (!there_are_filters())
		skip();
	assert_int_equal(status_of_child(looks_where_the_call_is_denied), 0);
	assert_int_equal(status_of_child(looks_where_the_call_would_be_the_end), 0);
}

static int may_not_look_at_all(void)
{
	char text[LAYOUTS_TEXT], copy[8];

	if (!forbid(SYS_process_vm_readv, SYS_openat, SECCOMP_RET_ERRNO | EPERM))
		return 10;
	if (peek_works() || peek(seam - 8, copy, 8))
		return 1;
	for (int i = 0; i < 5; i++)
		layout_tried(LAYOUT_MON_COMMAND, false);
	if (!layout_may_be_tried(LAYOUT_MON_COMMAND))
		return 2; /* as if its layout were not known */
	if (!strstr(layout_reason("its layout"), "denied"))
		return 3;
	return strcmp(layouts_not_understood(text), "memory that it may not look at") ? 4 : 0;
}

static void where_every_way_is_denied_that_is_the_reason_and_no_layout(void **state)
{
	(void)state;
	if (!there_are_filters())
		skip();
	assert_int_equal(status_of_child(may_not_look_at_all), 0);
	assert_string_equal(layout_reason("its layout"), "its layout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_there_is_an_error),
		cmocka_unit_test(a_filter_that_denies_process_vm_readv_or_ends_who_calls_it_is_no_hindrance),
		cmocka_unit_test(where_every_way_is_denied_that_is_the_reason_and_no_layout),
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int file = memfd_create("one-page", 0);
	/* the length first: qemu-aarch64 maps what there is of a file */
	char *pages =
	        ftruncate(file, (off_t)page) ? MAP_FAILED : mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (pages == MAP_FAILED)
		return 1;
	seam = pages + page;
	memcpy(seam - 8, "12345678", 8);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
