/* SPDX-License-Identifier: MIT */
/* An I/O: the events and counters of each. */
#include "shim_io.h"

#include "follow/state.h"
#include "base/thread.h"

#include <dlfcn.h>

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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		CASE(an_io_is_one_event_with_what_was_asked_and_what_was_answered),
		CASE(every_asynchronous_call_is_one_event_of_its_kind),
		CASE(every_synchronous_call_is_one_event_of_its_kind),
		CASE(a_failed_io_is_told_as_an_error_and_108_as_its_own_event),
		CASE(an_io_from_before_the_recording_is_told_without_a_time),
		CASE(a_slow_io_is_told_only_past_the_threshold),
		CASE(no_recording_no_clock_read),
		CASE(errno_is_left_alone),
		CASE(the_summary_adds_up),
		CASE(completions_on_other_threads_are_counted_exactly),
		CASE(more_threads_than_numbers_for_them),
	};

	setenv("FENCELINE_SLOW_MS", "400", 1);
	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
