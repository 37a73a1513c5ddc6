/* SPDX-License-Identifier: MIT */
/* Where the record of a completion comes from, and what of it a forked child may use: against the librbd that does as it is told.
 */
#include "shim_io.h"

#include "base/fork.h"
#include "follow/record_pool.h"
#include "base/thread.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a machine with pages of 64 KiB ---- */

#define PAGE 65536

void *__real_mmap(void *at, size_t length, int protection, int flags, int file, off_t offset);
int __real_mprotect(void *at, size_t length, int protection);
long __real_sysconf(int name);
void *__wrap_mmap(void *at, size_t length, int protection, int flags, int file, off_t offset);
int __wrap_mprotect(void *at, size_t length, int protection);
long __wrap_sysconf(int name);

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int file, off_t offset)
{
	bool is_region = !at && protection == PROT_NONE;
	char *got = __real_mmap(at, length + (is_region ? PAGE : 0), protection, flags, file, offset);

	return is_region && got != MAP_FAILED ? got + (-(uintptr_t)got & (PAGE - 1)) : got;
}

int __wrap_mprotect(void *at, size_t length, int protection)
{
	if ((uintptr_t)at & (PAGE - 1)) {
		errno = EINVAL;
		return -1;
	}
	return __real_mprotect(at, (length + PAGE - 1) & ~(size_t)(PAGE - 1), protection);
}

long __wrap_sysconf(int name)
{
	return name == _SC_PAGESIZE ? PAGE : __real_sysconf(name);
}

/* ---- records ---- */

static void a_steady_load_makes_no_new_records(void **state)
{
	uint64_t made;

	(void)state;
	fake_set(FAKE_THREADS, 1);
	/* New threads every time, with the numbers of the ones before. Up to 500 I/Os of each are in flight: its circle grows
	 * until less than half of it is, by half, and a piece. */
	made = record_pool_made();
	for (int i = 0; i < 24; i++)
		run_threads(4, 500);
	assert_in_range(record_pool_made() - made, 0, 8 * (3 * 500 + 2 * 128));
	struct call call;
	fake_set(FAKE_AT_ONCE, 1);
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	made = record_pool_made();
	for (int i = 0; i < 100000; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_int_equal(record_pool_made(), made);
}

/* Some I/Os hang, as on a slow OSD, while many others come and go: what hangs is passed by, the records stay bounded. */
static void records_stay_bounded_while_some_ios_hang(void **state)
{
	enum { HANGING = 300, OTHERS = 100000 };
	struct call *hanging = calloc(HANGING, sizeof *hanging), call;
	uint64_t made;

	(void)state;
	fake_set(FAKE_HELD, 1);
	for (int i = 0; i < HANGING; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&hanging[i], true));
	fake_set(FAKE_AT_ONCE, 1);
	for (int i = 0; i < 5000; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	made = record_pool_made();
	for (int i = 0; i < OTHERS; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_int_equal(record_pool_made(), made);
	assert_int_equal(io_inflight(image_find(image)), HANGING);
	fake_complete(HANGING);
	for (int i = 0; i < HANGING; i++)
		assert_int_equal(hanging[i].called, 1);
	free(hanging);
}

static void with_no_record_left_the_caller_notices_nothing(void **state)
{
	enum { MANY = 300000 };
	struct call *calls = calloc(MANY, sizeof *calls);
	uint64_t passed = hook_passed();

	(void)state;
	for (int i = 0; i < MANY; i++)
		create(&calls[i], true);
	assert_true(hook_passed() > passed);
	assert_int_equal(record_pool_made(), (16 << 20) / sizeof(struct completion));
	for (int i = 0; i < MANY; i++)
		rbd_aio_read(image, 0, 3, NULL, calls[i].c);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(calls[i].called, 1);
		assert_int_equal(calls[i].result, 3);
		assert_ptr_equal(calls[i].arg_seen, &calls[i]);
	}
	free(calls);
}

/* ---- forked children ---- */

struct holder {
	unsigned slot;
	atomic_bool ready, end;
};

static void *hold_a_number(void *arg)
{
	struct holder *holder = arg;
	struct call call;

	rbd_aio_release(create(&call, false));
	holder->slot = thread_slot();
	atomic_store(&holder->ready, true);
	while (!atomic_load(&holder->end))
		usleep(patience);
	return NULL;
}

static void *create_many(void *arg)
{
	static struct call calls[300];
	pthread_t next;

	if (thread_slot() != *(unsigned *)arg) { /* the numbers before it are free as well: one thread each */
		pthread_create(&next, NULL, create_many, arg);
		pthread_join(next, NULL);
		return NULL;
	}
	uint64_t made = record_pool_made();
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		create(&calls[i], false);
	_exit(record_pool_made() == made ? 2 : 0); /* else they are another thread's */
}

/* Another thread may have been on its way from one piece of its circle to the next when the process forked. */
static void what_a_fork_left_half_done_is_not_used_in_the_child(void **state)
{
	struct holder holder = { 0 };
	pthread_t thread;
	int status;

	(void)state;
#ifdef __SANITIZE_THREAD__
	skip(); /* it ends a child of several threads that starts a thread */
#endif
	fork_survive();
	thread_slot();
	pthread_create(&thread, NULL, hold_a_number, &holder);
	while (!atomic_load(&holder.ready))
		usleep(patience);
	struct record_pool *pool = &record_pools[holder.slot], whole = *pool;
	pool->end = pool->at - 1;
	pid_t child = fork();
	if (child == 0) {
		pthread_t own;
		alarm(20);
		pthread_create(&own, NULL, create_many, &holder.slot);
		pthread_join(own, NULL);
		_exit(3);
	}
	*pool = whole;
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	atomic_store(&holder.end, true);
	pthread_join(thread, NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		CASE(a_steady_load_makes_no_new_records),
		CASE(records_stay_bounded_while_some_ios_hang),
		CASE(what_a_fork_left_half_done_is_not_used_in_the_child),
		CASE(with_no_record_left_the_caller_notices_nothing),
	};

	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
