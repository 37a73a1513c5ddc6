/* SPDX-License-Identifier: MIT */
/*
 * The I/O wrappers against a librbd that does as it is told (tests/fakes/fake_rbd.h). This program is made of the shim's
 * own sources, so its rbd_* calls are the wrappers; they find the fake by its soname.
 */
#include "capture.h"
#include "completion.h"
#include "fake_rbd.h"
#include "image.h"
#include "io.h"
#include "state.h"
#include "thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *image;
static void *ioctx = &image; /* any pointer will do */

/* ---- what callers do ---- */

struct call {
	void *c;
	atomic_int called;
	int64_t result;
	void *arg_seen;
	bool release; /* in the callback, as QEMU does */
};

static void callback(void *c, void *arg)
{
	struct call *call = arg;

	call->result = rbd_aio_get_return_value(c);
	call->arg_seen = rbd_aio_get_arg(c);
	if (call->release)
		rbd_aio_release(c);
	atomic_fetch_add(&call->called, 1);
}

static void *create(struct call *call, bool release)
{
	memset(call, 0, sizeof *call);
	call->release = release;
	assert_int_equal(rbd_aio_create_completion(call, callback, &call->c), 0);
	return call->c;
}

static int begin(void **state)
{
	(void)state;
	capture_reset();
	fake_set(FAKE_AT_ONCE, 1);
	assert_int_equal(rbd_open(ioctx, "disk", &image, NULL), 0);
	capture_enable("all");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	fake_complete(1000000);
	assert_int_equal(io_inflight(image_find(image)), 0);
	assert_int_equal(rbd_close(image), 0);
	assert_null(image_find(image));
	return 0;
}

/* ---- one I/O, one event ---- */

static void an_io_is_one_event_with_what_was_asked_and_what_was_answered(void **state)
{
	struct call call;
	struct iovec iov[2] = { { NULL, 4096 }, { NULL, 512 } };

	(void)state;
	assert_int_equal(rbd_aio_readv(image, iov, 2, 8192, create(&call, true)), 0);
	assert_int_equal(call.called, 1);
	assert_int_equal(call.result, 4608);
	assert_ptr_equal(call.arg_seen, &call);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(captured(FL_EV_io_error), 0);
	const struct fl_io *io = captured_last(FL_EV_io);
	assert_int_equal(io->op, FL_IO_READ);
	assert_int_equal(io->offset, 8192);
	assert_int_equal(io->length, 4608);
	assert_int_equal(io->result, 4608);
	assert_int_equal(io->global_id, 4711);
	assert_int_equal(io->image, image_serial(image_find(image)));
	assert_true(io->latency_ns > 0);
}

static void every_asynchronous_call_is_one_event_of_its_kind(void **state)
{
	struct call call;
	struct iovec iov = { NULL, 512 };
	int op = 0;

	(void)state;
#define ONE(expected, expression) \
	do { \
		create(&call, true); \
		assert_int_equal(expression, 0); \
		assert_int_equal(captured(FL_EV_io), ++op); \
		assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->op, expected); \
		assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->length, expected == FL_IO_FLUSH ? 0 : 512); \
	} while (0)
	ONE(FL_IO_READ, rbd_aio_read(image, 0, 512, NULL, call.c));
	ONE(FL_IO_READ, rbd_aio_read2(image, 0, 512, NULL, call.c, 0));
	ONE(FL_IO_READ, rbd_aio_readv(image, &iov, 1, 0, call.c));
	ONE(FL_IO_WRITE, rbd_aio_write(image, 0, 512, NULL, call.c));
	ONE(FL_IO_WRITE, rbd_aio_write2(image, 0, 512, NULL, call.c, 0));
	ONE(FL_IO_WRITE, rbd_aio_writev(image, &iov, 1, 0, call.c));
	ONE(FL_IO_DISCARD, rbd_aio_discard(image, 0, 512, call.c));
	ONE(FL_IO_WRITE_ZEROES, rbd_aio_write_zeroes(image, 0, 512, call.c, 0, 0));
	ONE(FL_IO_WRITESAME, rbd_aio_writesame(image, 0, 512, NULL, 512, call.c, 0));
	ONE(FL_IO_COMPARE_AND_WRITE, rbd_aio_compare_and_write(image, 0, 512, NULL, NULL, call.c, NULL, 0));
	ONE(FL_IO_FLUSH, rbd_aio_flush(image, call.c));
	ONE(FL_IO_READ, cpp_aio_read(&image, 0, 512, NULL, call.c));
	ONE(FL_IO_FLUSH, cpp_aio_flush(&image, call.c));
#undef ONE
}

static void every_synchronous_call_is_one_event_of_its_kind(void **state)
{
	(void)state;
	assert_int_equal(rbd_read(image, 0, 100, NULL), 100);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(rbd_write(image, 0, 100, NULL), 100);
	assert_int_equal(captured(FL_EV_io), 2);
	assert_int_equal(rbd_discard(image, 0, 100), 100);
	assert_int_equal(captured(FL_EV_io), 3);
	assert_int_equal(rbd_flush(image), 0);
	assert_int_equal(captured(FL_EV_io), 4);
	assert_int_equal(cpp_write(&image, 0, 100, NULL), 100);
	assert_int_equal(captured(FL_EV_io), 5);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->op, FL_IO_WRITE);
}

/* ---- the ways of a completion ---- */

static void released_in_the_callback(void **state)
{
	struct call calls[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(rbd_aio_write(image, 0, 1, NULL, create(&calls[i], true)), 0);
	assert_int_equal(captured(FL_EV_io), 100);
}

static void released_after_the_callback(void **state)
{
	struct call call;

	(void)state;
	assert_int_equal(rbd_aio_write(image, 0, 1, NULL, create(&call, false)), 0);
	assert_ptr_equal(rbd_aio_get_arg(call.c), &call);
	rbd_aio_release(call.c);
	assert_int_equal(call.called, 1);
	assert_int_equal(captured(FL_EV_io), 1);
}

static void count_only(void *c, void *arg)
{
	(void)c; /* released: not to be looked at */
	atomic_fetch_add(&((struct call *)arg)->called, 1);
}

static void released_before_the_callback(void **state)
{
	struct call call = { 0 };

	(void)state;
	fake_set(FAKE_HELD, -EIO);
	assert_int_equal(rbd_aio_create_completion(&call, count_only, &call.c), 0);
	assert_int_equal(rbd_aio_write(image, 0, 1, NULL, call.c), 0);
	rbd_aio_release(call.c);
	assert_int_equal(captured(FL_EV_io), 0);
	assert_int_equal(io_inflight(image_find(image)), 1);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(call.called, 1);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->result, -EIO);
}

static void never_submitted(void **state)
{
	struct call call;
	uint64_t made;

	(void)state;
	for (int i = 0; i < 1000; i++)
		rbd_aio_release(create(&call, false));
	made = completion_records_made();
	for (int i = 0; i < 100000; i++)
		rbd_aio_release(create(&call, false));
	assert_int_equal(completion_records_made(), made);
	assert_int_equal(call.called, 0);
	assert_int_equal(captured(FL_EV_io), 0);
}

static void no_callback_and_wait_for_complete(void **state)
{
	void *c;

	(void)state;
	fake_set(FAKE_THREADS, 1);
	for (int i = 1; i <= 1000; i++) {
		assert_int_equal(rbd_aio_create_completion(&c, NULL, &c), 0);
		assert_int_equal(rbd_aio_read(image, 0, 7, NULL, c), 0);
		assert_int_equal(rbd_aio_wait_for_complete(c), 0);
		assert_int_equal(rbd_aio_get_return_value(c), 7);
		assert_ptr_equal(rbd_aio_get_arg(c), &c);
		assert_int_equal(captured(FL_EV_io), i); /* by the time that the wait has returned, and once */
		rbd_aio_release(c);
	}
}

static void polled_with_an_event_fd(void **state)
{
	struct call calls[10];
	void *polled[10];
	int fd = eventfd(0, EFD_NONBLOCK), got = 0;

	(void)state;
	assert_int_equal(rbd_set_image_notification(image, fd, 1), 0);
	fake_set(FAKE_THREADS, 1);
	for (int i = 0; i < 10; i++) {
		memset(&calls[i], 0, sizeof calls[i]);
		assert_int_equal(rbd_aio_create_completion(&calls[i], NULL, &calls[i].c), 0);
		assert_int_equal(rbd_aio_read(image, 0, 512, NULL, calls[i].c), 0);
	}
	while (got < 10) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		uint64_t events;
		assert_true(poll(&wait, 1, 10000) > 0);
		if (read(fd, &events, sizeof events) < 0)
			continue;
		int n = rbd_poll_io_events(image, polled, 10);
		for (int i = 0; i < n; i++) {
			struct call *call = rbd_aio_get_arg(polled[i]);
			assert_true(call >= calls && call < calls + 10);
			assert_int_equal(rbd_aio_wait_for_complete(polled[i]), 0);
			rbd_aio_release(polled[i]);
		}
		got += n;
	}
	assert_int_equal(captured(FL_EV_io), 10);
	rbd_set_image_notification(image, -1, 0);
	close(fd);
}

struct chain {
	int left;
};

static void submit_next(void *c, void *arg)
{
	struct chain *chain = arg;
	void *next;

	rbd_aio_release(c);
	if (chain->left-- > 0) {
		assert_int_equal(rbd_aio_create_completion(chain, submit_next, &next), 0);
		assert_int_equal(rbd_aio_write(image, 0, 1, NULL, next), 0);
	}
}

static void submitted_from_inside_a_callback(void **state)
{
	struct chain chain = { .left = 99 };
	void *c;

	(void)state;
	assert_int_equal(rbd_aio_create_completion(&chain, submit_next, &c), 0);
	assert_int_equal(rbd_aio_write(image, 0, 1, NULL, c), 0);
	assert_int_equal(captured(FL_EV_io), 100);
}

static void a_submission_that_fails_at_once(void **state)
{
	struct call call;

	(void)state;
	fake_set(FAKE_REFUSED, -EROFS);
	assert_int_equal(rbd_aio_write(image, 512, 1, NULL, create(&call, true)), -EROFS);
	assert_int_equal(call.called, 0);
	assert_int_equal(captured(FL_EV_io), 1); /* it is an I/O that failed, told once */
	assert_int_equal(captured(FL_EV_io_error), 1);
	assert_int_equal(((const struct fl_io_error *)captured_last(FL_EV_io_error))->result, -EROFS);
	fake_set(FAKE_AT_ONCE, 1);
	assert_int_equal(rbd_aio_write(image, 512, 1, NULL, call.c), 0); /* the same completion, again */
	assert_int_equal(call.called, 1);
	assert_int_equal(captured(FL_EV_io), 2);
}

static void a_completion_made_behind_our_back_passes_through(void **state)
{
	void *fake = dlopen("librbd.so.1", RTLD_NOLOAD | RTLD_NOW);
	int (*create_unseen)(void *, fake_callback *, void **) =
	        (int (*)(void *, fake_callback *, void **))dlsym(fake, "rbd_aio_create_completion");
	void (*construct_unseen)(void *, void *, fake_callback *) =
	        (void (*)(void *, void *, fake_callback *))dlsym(fake, "_ZN6librbd3RBD13AioCompletionC1EPvPFvS2_S2_E");
	struct call call = { .release = true };
	uint64_t passed = hook_passed();

	(void)state;
	assert_non_null(create_unseen);
	call.c = malloc(sizeof(void *));
	construct_unseen(call.c, &call, callback);
	assert_int_equal(rbd_aio_write(image, 0, 1, NULL, call.c), 0);
	assert_int_equal(call.called, 1);
	assert_ptr_equal(call.arg_seen, &call);
	assert_int_equal(captured(FL_EV_io), 0);
	assert_int_equal(hook_passed(), passed + 1);
	dlclose(fake);
}

static void a_call_that_is_not_wrapped_still_finds_its_callback(void **state)
{
	struct call call = { 0 }, others[50];

	(void)state;
	fake_set(FAKE_HELD, 0);
	assert_int_equal(rbd_aio_create_completion(&call, count_only, &call.c), 0);
	assert_int_equal(rbd_aio_mirror_image_promote(image, true, call.c), 0);
	rbd_aio_release(call.c); /* its record must not go to anybody else before the callback has run */
	for (int i = 0; i < 50; i++)
		assert_int_equal(rbd_aio_write(image, 0, 1, NULL, create(&others[i], true)), 0);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(call.called, 1);
	assert_int_equal(fake_complete(50), 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(others[i].called, 1);
	assert_int_equal(captured(FL_EV_io), 50);
}

static void cpp_completions(void **state)
{
	struct call call = { 0 };

	(void)state;
	call.c = malloc(sizeof(void *));
	cpp_completion(call.c, &call, callback);
	assert_ptr_equal(cpp_get_arg(call.c), &call);
	assert_int_equal(cpp_aio_read(&image, 0, 512, NULL, call.c), 0);
	assert_int_equal(call.called, 1);
	assert_ptr_equal(call.arg_seen, &call);
	assert_int_equal(cpp_get_return_value(call.c), 512);
	assert_int_equal(cpp_wait_for_complete(call.c), 0);
	cpp_release(call.c);
	assert_int_equal(captured(FL_EV_io), 1);
}

/* ---- errors, slow ones, recordings that come late ---- */

static void a_failed_io_is_told_as_an_error_and_108_as_its_own_event(void **state)
{
	struct call call;

	(void)state;
	fake_set(FAKE_AT_ONCE, -EIO);
	rbd_aio_write(image, 4096, 512, NULL, create(&call, true));
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(captured(FL_EV_io_error), 1);
	assert_int_equal(captured(FL_EV_io_eshutdown), 0);
	fake_set(FAKE_AT_ONCE, -ESHUTDOWN);
	rbd_aio_write(image, 4096, 512, NULL, create(&call, true));
	assert_int_equal(rbd_read(image, 0, 512, NULL), -ESHUTDOWN);
	assert_int_equal(captured(FL_EV_io), 3);
	assert_int_equal(captured(FL_EV_io_error), 3);
	assert_int_equal(captured(FL_EV_io_eshutdown), 2);

	struct io_totals totals;
	io_totals(image_find(image), &totals);
	assert_int_equal(totals.ios, 3);
	assert_int_equal(totals.errors, 3);
	assert_int_equal(totals.eshutdowns, 2);
}

static void an_io_from_before_the_recording_is_told_without_a_time(void **state)
{
	struct call calls[2];

	(void)state;
	capture_enable("none");
	fake_set(FAKE_HELD, -ESHUTDOWN);
	rbd_aio_write(image, 0, 512, NULL, create(&calls[0], true));
	rbd_aio_write(image, 0, 512, NULL, create(&calls[1], true));
	capture_enable("all");
	fake_complete(1);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(captured(FL_EV_io_eshutdown), 1);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->latency_ns, 0);
	capture_enable("io_eshutdown");
	fake_complete(1);
	assert_int_equal(captured(FL_EV_io_eshutdown), 2);
	assert_int_equal(captured(FL_EV_io_slow), 0);
}

static void a_slow_io_is_told_only_past_the_threshold(void **state)
{
	struct call calls[2];

	(void)state;
	fake_set(FAKE_HELD, 1);
	rbd_aio_write(image, 0, 512, NULL, create(&calls[0], true));
	usleep(450000); /* FENCELINE_SLOW_MS is 400 here */
	rbd_aio_write(image, 0, 512, NULL, create(&calls[1], true));
	assert_int_equal(fake_complete(2), 2);
	assert_int_equal(captured(FL_EV_io), 2);
	assert_int_equal(captured(FL_EV_io_slow), 1);
	assert_true(((const struct fl_io_slow *)captured_last(FL_EV_io_slow))->latency_ns >= 450000000);
}

static atomic_int
        clock_reads; /* by the shim and this file, which are one program here: AddressSanitizer's allocator reads it, too */

static bool in_this_program(const void *address)
{
	extern const char __executable_start[], etext[];

	return (const char *)address >= __executable_start && (const char *)address < etext;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	if (in_this_program(__builtin_return_address(0)))
		atomic_fetch_add(&clock_reads, 1);
	return real(id, now);
}

static void no_recording_no_clock_read(void **state)
{
	struct call call;

	(void)state;
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	capture_enable("none");
	int before = atomic_load(&clock_reads);
	for (int i = 0; i < 1000; i++) {
		rbd_aio_write(image, 0, 512, NULL, create(&call, true));
		rbd_read(image, 0, 512, NULL);
	}
	assert_int_equal(atomic_load(&clock_reads), before);
	capture_enable("state"); /* nothing that wants a time */
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_int_equal(atomic_load(&clock_reads), before);
	assert_int_equal(captured(FL_EV_io), 1);
	capture_enable("io_summary");
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_true(atomic_load(&clock_reads) >= before + 2);
}

static void errno_is_left_alone(void **state)
{
	struct call call;

	(void)state;
	capture_spoils_errno = true;
	errno = EDOM;
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_int_equal(errno, EDOM);
	rbd_read(image, 0, 512, NULL);
	assert_int_equal(errno, EDOM);
	state_emit_all();
	assert_int_equal(errno, EDOM);
	capture_spoils_errno = false;
}

/* ---- counting ---- */

static void the_summary_adds_up(void **state)
{
	struct call call;
	uint32_t sum = 0;

	(void)state;
	io_summary_tick();
	capture_reset();
	capture_enable("io_summary");
	for (int i = 0; i < 30; i++)
		rbd_aio_read(image, 0, 512, NULL, create(&call, true));
	for (int i = 0; i < 20; i++)
		rbd_aio_write(image, 0, 1024, NULL, create(&call, true));
	rbd_aio_discard(image, 0, 512, create(&call, true));
	rbd_aio_flush(image, create(&call, true));
	fake_set(FAKE_AT_ONCE, -EIO);
	rbd_aio_write(image, 0, 1024, NULL, create(&call, true));
	fake_set(FAKE_HELD, 1);
	rbd_aio_write(image, 0, 1024, NULL, create(&call, true));
	io_summary_tick();
	assert_int_equal(captured(FL_EV_io_summary), 1);
	const struct fl_io_summary *summary = captured_last(FL_EV_io_summary);
	assert_int_equal(summary->reads, 30);
	assert_int_equal(summary->writes, 21);
	assert_int_equal(summary->discards, 1);
	assert_int_equal(summary->flushes, 1);
	assert_int_equal(summary->errors, 1);
	assert_int_equal(summary->read_bytes, 30 * 512);
	assert_int_equal(summary->write_bytes, 20 * 1024);
	assert_int_equal(summary->inflight, 1);
	assert_true(summary->max_latency_ns > 0);
	for (int i = 0; i < FL_LATENCY_BUCKETS; i++)
		sum += summary->latency[i];
	assert_int_equal(sum, 53);
	fake_complete(1);
	io_summary_tick();
	assert_int_equal(captured(FL_EV_io_summary), 2);
	assert_int_equal(((const struct fl_io_summary *)captured_last(FL_EV_io_summary))->writes, 1);
	io_summary_tick(); /* nothing since: nothing to say */
	assert_int_equal(captured(FL_EV_io_summary), 2);
}

static useconds_t patience = 100;

static void *submitter(void *arg)
{
	struct call *calls = calloc((size_t)(uintptr_t)arg, sizeof *calls);

	for (uintptr_t i = 0; i < (uintptr_t)arg; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&calls[i], true));
	for (uintptr_t i = 0; i < (uintptr_t)arg; i++)
		while (!atomic_load(&calls[i].called))
			usleep(patience);
	free(calls);
	return NULL;
}

static void run_threads(int threads, uintptr_t ios)
{
	pthread_t ids[400];

	for (int i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, submitter, (void *)ios), 0);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
}

static void completions_on_other_threads_are_counted_exactly(void **state)
{
	struct io_totals totals;

	(void)state;
	fake_set(FAKE_THREADS, 1);
	run_threads(4, 5000);
	while (captured(FL_EV_io) < 20000 || io_inflight(image_find(image)))
		usleep(100);
	io_totals(image_find(image), &totals);
	assert_int_equal(totals.ios, 20000);
	assert_int_equal(captured(FL_EV_io), 20000);
}

static void more_threads_than_numbers_for_them(void **state)
{
	struct io_totals totals;

	(void)state;
	pthread_t ids[THREAD_SLOTS + 40];

	fake_set(FAKE_HELD, 1);
	patience = 50000;
	for (int i = 0; i < THREAD_SLOTS + 40; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, submitter, (void *)(uintptr_t)20), 0);
	while (io_inflight(image_find(image)) < (THREAD_SLOTS + 40) * 20)
		usleep(1000); /* all of them hold a number now */
	while (fake_complete(1000))
		;
	for (int i = 0; i < THREAD_SLOTS + 40; i++)
		pthread_join(ids[i], NULL);
	io_totals(image_find(image), &totals);
	patience = 100;
	assert_int_equal(totals.ios, (THREAD_SLOTS + 40) * 20);
	assert_int_equal(captured(FL_EV_io), (THREAD_SLOTS + 40) * 20);
}

static void a_steady_load_makes_no_new_records(void **state)
{
	uint64_t made;

	(void)state;
	fake_set(FAKE_THREADS, 1);
	for (int i = 0; i < 4; i++)
		run_threads(4, 500);
	made = completion_records_made();
	for (int i = 0; i < 20; i++)
		run_threads(4, 500); /* new threads every time, the same records */
	assert_in_range(completion_records_made(), made, made + 4 * 128);
	struct call call;
	fake_set(FAKE_AT_ONCE, 1);
	rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	made = completion_records_made();
	for (int i = 0; i < 100000; i++)
		rbd_aio_write(image, 0, 512, NULL, create(&call, true));
	assert_int_equal(completion_records_made(), made);
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
	for (int i = 0; i < MANY; i++)
		rbd_aio_read(image, 0, 3, NULL, calls[i].c);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(calls[i].called, 1);
		assert_int_equal(calls[i].result, 3);
		assert_ptr_equal(calls[i].arg_seen, &calls[i]);
	}
	free(calls);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		CASE(an_io_is_one_event_with_what_was_asked_and_what_was_answered),
		CASE(every_asynchronous_call_is_one_event_of_its_kind),
		CASE(every_synchronous_call_is_one_event_of_its_kind),
		CASE(released_in_the_callback),
		CASE(released_after_the_callback),
		CASE(released_before_the_callback),
		CASE(never_submitted),
		CASE(no_callback_and_wait_for_complete),
		CASE(polled_with_an_event_fd),
		CASE(submitted_from_inside_a_callback),
		CASE(a_submission_that_fails_at_once),
		CASE(a_completion_made_behind_our_back_passes_through),
		CASE(a_call_that_is_not_wrapped_still_finds_its_callback),
		CASE(cpp_completions),
		CASE(a_failed_io_is_told_as_an_error_and_108_as_its_own_event),
		CASE(an_io_from_before_the_recording_is_told_without_a_time),
		CASE(a_slow_io_is_told_only_past_the_threshold),
		CASE(no_recording_no_clock_read),
		CASE(errno_is_left_alone),
		CASE(the_summary_adds_up),
		CASE(completions_on_other_threads_are_counted_exactly),
		CASE(more_threads_than_numbers_for_them),
		CASE(a_steady_load_makes_no_new_records),
		CASE(with_no_record_left_the_caller_notices_nothing),
	};

	setenv("FENCELINE_SLOW_MS", "400", 1);
	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
