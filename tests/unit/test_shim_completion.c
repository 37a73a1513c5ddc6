/* SPDX-License-Identifier: MIT */
/* A completion from its creation to its release, in every order that the API allows: against the librbd that does as it is told.
 */
#include "shim_io.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/eventfd.h>

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
	made = record_pool_made();
	for (int i = 0; i < 100000; i++)
		rbd_aio_release(create(&call, false));
	assert_int_equal(record_pool_made(), made);
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

/* With a callback librbd would complete it where callbacks run, and whoever waits for it in one would wait for ever. */
static void no_callback_stays_none(void **state)
{
	struct call call;
	void *c, *cpp = malloc(sizeof(void *));

	(void)state;
	assert_int_equal(rbd_aio_create_completion(&c, NULL, &c), 0);
	assert_false(fake_calls_back(c));
	assert_ptr_equal(rbd_aio_get_arg(c), &c);
	rbd_aio_release(c);
	cpp_completion(cpp, &cpp, NULL);
	assert_false(fake_calls_back(cpp));
	assert_ptr_equal(cpp_get_arg(cpp), &cpp);
	cpp_release(cpp);
	assert_true(fake_calls_back(create(&call, false)));
	rbd_aio_release(call.c);
}

static void without_a_callback_it_ends_once_it_is_seen_to_be_complete(void **state)
{
	void *c;

	(void)state;
	fake_set(FAKE_HELD, -EIO);
	assert_int_equal(rbd_aio_create_completion(NULL, NULL, &c), 0);
	assert_int_equal(rbd_aio_write(image, 0, 512, NULL, c), 0);
	assert_false(rbd_aio_is_complete(c));
	assert_int_equal(captured(FL_EV_io), 0);
	fake_complete(1);
	assert_int_equal(captured(FL_EV_io), 0);
	assert_true(rbd_aio_is_complete(c));
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(rbd_aio_wait_for_complete(c), 0);
	rbd_aio_release(c);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->result, -EIO);
}

static void without_a_callback_it_ends_at_release(void **state)
{
	uint64_t passed = hook_passed();
	void *c;

	(void)state;
	fake_set(FAKE_AT_ONCE, -EIO);
	assert_int_equal(rbd_aio_create_completion(NULL, NULL, &c), 0);
	assert_int_equal(rbd_aio_write(image, 0, 512, NULL, c), 0);
	assert_int_equal(captured(FL_EV_io), 0);
	rbd_aio_release(c);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->result, -EIO);
	assert_int_equal(hook_passed(), passed);
}

/* Nobody learns how it ended: it is no success, it is not in flight for ever, and it is counted. */
static void without_a_callback_and_released_too_soon_it_has_no_result(void **state)
{
	uint64_t passed = hook_passed(), made;
	void *c;

	(void)state;
	fake_set(FAKE_HELD, 1);
	assert_int_equal(rbd_aio_create_completion(NULL, NULL, &c), 0);
	assert_int_equal(rbd_aio_write(image, 0, 512, NULL, c), 0);
	assert_int_equal(io_inflight(image_find(image)), 1);
	rbd_aio_release(c);
	assert_int_equal(io_inflight(image_find(image)), 0);
	assert_int_equal(captured(FL_EV_io), 0);
	assert_int_equal(hook_passed(), passed + 1);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(captured(FL_EV_io), 0);
	made = record_pool_made();
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rbd_aio_create_completion(NULL, NULL, &c), 0);
		assert_int_equal(rbd_aio_write(image, 0, 512, NULL, c), 0);
		rbd_aio_release(c);
	}
	assert_in_range(record_pool_made() - made, 0, 256);
	assert_int_equal(fake_complete(1000), 1000);
}

/* librbd says that it is open, and its callback comes later: meanwhile the caller may close it. */
static void opened_polled_and_closed_before_its_callback(void **state)
{
	int before = captured(FL_EV_image_open);
	struct call call;
	void *opened;

	(void)state;
	fake_set(FAKE_PUT_OFF, 0);
	assert_int_equal(rbd_aio_open(ioctx, "disk", &opened, NULL, create(&call, true)), 0);
	assert_null(image_find(opened));
	assert_true(rbd_aio_is_complete(call.c));
	assert_non_null(image_find(opened));
	assert_int_equal(captured(FL_EV_image_open), before + 1);
	assert_int_equal(rbd_close(opened), 0);
	assert_null(image_find(opened));
	assert_int_equal(call.called, 0);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(call.called, 1);
	assert_int_equal(captured(FL_EV_image_open), before + 1);
	assert_null(image_find(opened));
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
			assert_int_equal(captured(FL_EV_io), got + n); /* the poll has told */
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		CASE(released_in_the_callback),
		CASE(released_after_the_callback),
		CASE(released_before_the_callback),
		CASE(never_submitted),
		CASE(no_callback_and_wait_for_complete),
		CASE(no_callback_stays_none),
		CASE(without_a_callback_it_ends_once_it_is_seen_to_be_complete),
		CASE(without_a_callback_it_ends_at_release),
		CASE(without_a_callback_and_released_too_soon_it_has_no_result),
		CASE(opened_polled_and_closed_before_its_callback),
		CASE(polled_with_an_event_fd),
		CASE(submitted_from_inside_a_callback),
		CASE(a_submission_that_fails_at_once),
		CASE(a_completion_made_behind_our_back_passes_through),
		CASE(a_call_that_is_not_wrapped_still_finds_its_callback),
		CASE(cpp_completions),
	};

	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
