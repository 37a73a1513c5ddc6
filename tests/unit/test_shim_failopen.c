/* SPDX-License-Identifier: MIT */
/*
 * Whatever the shim lacks, its caller notices nothing, and what was passed through is counted with its reason. The shim's
 * calls of malloc and its like lead to this file (-Wl,--wrap), where any of them can be made to fail; librbd's own do not.
 */
#include "capture.h"
#include "calls/completion.h"
#include "fake_rbd.h"
#include "base/hook.h"
#include "follow/image.h"
#include "follow/state.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- failures on demand ---- */

enum { NEVER = -1, ALL = -2 };
static _Atomic(int) failing = NEVER; /* which allocation from now on; the sampler maps its page on its own thread */
static _Atomic(int) asked, failed;

static bool fails(void)
{
	bool now = failing == ALL || (failing >= 0 && asked == failing);

	asked++;
	failed += now;
	if (now)
		errno = ENOMEM;
	return now;
}

#define WRAP(type, name, failure, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		return fails() ? failure : __real_##name arguments; \
	}
WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, aligned_alloc, NULL, (size_t alignment, size_t size), (alignment, size))
WRAP(void *, mmap, MAP_FAILED, (void *at, size_t size, int prot, int flags, int fd, off_t from),
     (at, size, prot, flags, fd, from))
WRAP(int, mprotect, -1, (void *at, size_t size, int prot), (at, size, prot))
WRAP(int, pthread_create, EAGAIN, (pthread_t * id, const pthread_attr_t *how, void *(*start)(void *), void *arg),
     (id, how, start, arg))

/* ---- a client's life ---- */

static void *ioctx = &failing; /* any pointer will do */

static void called(void *c, void *arg)
{
	*(int64_t *)arg = rbd_aio_get_return_value(c) + 1;
	rbd_aio_release(c);
}

static void *completion(int64_t *result)
{
	void *c;

	*result = 0;
	return rbd_aio_create_completion(result, called, &c) ? NULL : c;
}

/* Everything that allocates in the shim; each result as the fake gives it, or the line that saw another one. */
static int a_life(void)
{
#define SEES(condition) \
	do { \
		if (!(condition)) \
			return __LINE__; \
	} while (0)
	char space[512];
	int64_t result;
	void *cluster, *image;

	SEES(rados_create(&cluster, NULL) == 0 && rados_connect(cluster) == 0);
	fake_set(FAKE_AT_ONCE, 1);
	SEES(rbd_open(ioctx, "disk", &image, NULL) == 0);
	SEES(rbd_aio_read(image, 0, 512, space, completion(&result)) == 0 && result == 513);
	SEES(rbd_aio_write(image, 0, 512, space, completion(&result)) == 0 && result == 1);
	fake_set(FAKE_AT_ONCE, -108);
	SEES(rbd_aio_write(image, 0, 512, space, completion(&result)) == 0 && result == -107);
	fake_set(FAKE_REFUSED, -22);
	void *c = completion(&result);
	SEES(rbd_aio_flush(image, c) == -22 && result == 0);
	rbd_aio_release(c);
	fake_set(FAKE_AT_ONCE, 1);
	SEES(rbd_read(image, 0, 512, space) == 512 && rbd_write(image, 0, 512, space) == 512 && rbd_flush(image) == 0);
	SEES(rbd_close(image) == 0);
	fake_set(FAKE_AT_ONCE, 0);
	SEES(rbd_aio_open(ioctx, "disk", &image, NULL, completion(&result)) == 0 && result == 1);
	fake_set(FAKE_HELD, 1);
	SEES(rbd_aio_read(image, 0, 512, space, completion(&result)) == 0 && result == 0);
	SEES(fake_complete(1) == 1 && result == 513);
	fake_set(FAKE_AT_ONCE, 0);
	SEES(rbd_aio_close(image, completion(&result)) == 0 && result == 1);
	SEES(image_find(image) == NULL);
	rados_shutdown(cluster);
	return 0;
#undef SEES
}

enum { ENDED_WELL = 0, NOT_REACHED = 1, SAW_A_DIFFERENCE = 2, NOT_COUNTED = 3 };

/* In a process of its own, since some things are tried once only. */
static int life_with(int which)
{
	int status, pid = fork();

	if (pid == 0) {
		capture_enable("all");
		failing = which;
		asked = failed = 0;
		int line = a_life();
		if (line)
			fprintf(stderr, "allocation %d failed: line %d saw something else\n", which, line);
		_exit(line ? SAW_A_DIFFERENCE : !failed ? NOT_REACHED : !hook_passed() ? NOT_COUNTED : ENDED_WELL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void whichever_allocation_fails_the_caller_sees_the_same(void **state)
{
	int which, code = ENDED_WELL;

	(void)state;
	for (which = 0; which < 100 && (code = life_with(which)) == ENDED_WELL; which++)
		;
	assert_int_equal(code, NOT_REACHED);
	/* the image's counters, the records, the sampler's thread, the asynchronous open and close at the least */
	assert_in_range(which, 5, 99);
}

static void if_every_allocation_fails_the_caller_sees_the_same(void **state)
{
	(void)state;
	assert_int_equal(life_with(ALL), ENDED_WELL);
}

/* ---- what is missing or unknown ---- */

int rbd_aio_write_with_crc32c(void *image, uint64_t off, size_t len, const char *buf, uint32_t crc, void *c, int op_flags);
void send_command(void *self, void *command) __asm__("_ZN9MonClient13_send_commandEPNS_10MonCommandE");

static void a_symbol_that_the_library_lacks_is_said_not_to_be_there(void **state)
{
	uint64_t before = hook_passed();

	(void)state;
	assert_int_equal(rbd_aio_write_with_crc32c(NULL, 0, 0, NULL, 0, NULL, 0), -ENOSYS);
	assert_int_equal(hook_passed(), before + 1);
}

static void a_command_of_unknown_layout_is_passed_on(void **state)
{
	static uintptr_t layout[64] = { 1, 2, 3 };
	const unsigned *sent = library_symbol(LIB_CEPH_COMMON, "fake_commands_sent");
	uint64_t before = hook_passed();

	(void)state;
	assert_non_null(sent);
	unsigned sent_before = *sent;
	capture_enable("all");
	send_command(layout, layout);
	assert_int_equal(*sent, sent_before + 1);
	assert_int_equal(hook_passed(), before + 1);
	send_command(layout, (void *)16); /* nor can it be read */
	assert_int_equal(*sent, sent_before + 2);
	assert_int_equal(hook_passed(), before + 2);
}

static void a_completion_made_behind_the_shims_back_is_passed_on(void **state)
{
	void *c = malloc(sizeof(void *)), *image; /* release deletes it */
	void (*construct)(void *, void *, fake_callback *) = (void (*)(void *, void *, fake_callback *))library_symbol(
	        LIB_RBD, "_ZN6librbd3RBD13AioCompletionC1EPvPFvS2_S2_E");
	uint64_t before;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "disk", &image, NULL), 0);
	fake_set(FAKE_AT_ONCE, 1);
	construct(c, NULL, NULL);
	before = hook_passed();
	assert_int_equal(rbd_aio_read(image, 0, 512, NULL, c), 0);
	assert_int_equal(hook_passed(), before + 1);
	rbd_aio_release(c);
	rbd_close(image);
}

/* ---- it shows ---- */

static void state_tells_each_hook_and_reason_with_its_count(void **state)
{
	uint64_t before = hook_passed();
	const struct fl_passthrough *last = captured_last(FL_EV_passthrough);
	const struct fl_state *told = captured_last(FL_EV_state);
	void *cluster;

	(void)state;
	capture_reset();
	capture_enable("passthrough");
	state_emit_all();
	int kinds = captured(FL_EV_passthrough);
	assert_in_range(kinds, 3, 10); /* those of the tests before this one */

	hook_pass(HOOK_COUNT - 1, "first reason");
	hook_pass(HOOK_COUNT - 1, "second reason");
	hook_pass(HOOK_COUNT - 1, "second reason");
	assert_int_equal(rados_create(&cluster, NULL), 0);
	assert_int_equal(rados_connect(cluster), 0);
	capture_reset();
	capture_enable("all");
	state_emit_all();
	assert_int_equal(captured(FL_EV_passthrough), kinds + 2);
	assert_string_equal(last->hook, hook_rows[HOOK_COUNT - 1].symbol);
	assert_string_equal(last->reason, "second reason");
	assert_int_equal(last->count, 2);
	assert_int_equal(told->passed_through, before + 3);
	rados_shutdown(cluster);
}

static void more_reasons_than_a_hook_has_places_for_are_still_counted(void **state)
{
	static const char *const reasons[] = { "a", "b", "c", "d", "e", "f" };
	uint64_t before = hook_passed();

	(void)state;
	for (int i = 0; i < 6; i++)
		hook_pass(HOOK_COUNT - 2, reasons[i]);
	assert_int_equal(hook_passed(), before + 6);
	capture_reset();
	capture_enable("passthrough");
	hook_emit_passed(1, 1);
	const struct fl_passthrough *last = captured_last(FL_EV_passthrough);
	assert_in_range(captured(FL_EV_passthrough), 4, 20);
	assert_non_null(last->reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_allocation_fails_the_caller_sees_the_same),
		cmocka_unit_test(if_every_allocation_fails_the_caller_sees_the_same),
		cmocka_unit_test(a_symbol_that_the_library_lacks_is_said_not_to_be_there),
		cmocka_unit_test(a_command_of_unknown_layout_is_passed_on),
		cmocka_unit_test(a_completion_made_behind_the_shims_back_is_passed_on),
		cmocka_unit_test(state_tells_each_hook_and_reason_with_its_count),
		cmocka_unit_test(more_reasons_than_a_hook_has_places_for_are_still_counted),
	};

	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
