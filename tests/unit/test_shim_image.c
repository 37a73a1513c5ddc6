/* SPDX-License-Identifier: MIT */
/* Images as they are opened and closed, by every call, against the fake librbd (tests/fakes/fake_rbd.h). */
#include "capture.h"
#include "fake_rbd.h"
#include "base/fork.h"
#include "base/hook.h"
#include "follow/image.h"
#include "follow/image_open.h"
#include "follow/io.h"
#include "follow/state.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *cluster;
static void *ioctx = &cluster; /* any pointer will do */

static int begin(void **state)
{
	(void)state;
	capture_reset();
	fake_set(FAKE_AT_ONCE, 0);
	capture_enable("all");
	return 0;
}

static const struct fl_image_open *opened(int count)
{
	assert_int_equal(captured(FL_EV_image_open), count);
	return captured_last(FL_EV_image_open);
}

static void an_opened_image_is_known_by_its_handle_and_by_its_id(void **state)
{
	void *handle;
	struct image *image;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "disk", &handle, NULL), 0);
	image = image_find(handle);
	assert_non_null(image);
	assert_string_equal(image->pool, "fakepool");
	assert_string_equal(image->nspace, "fakespace");
	assert_string_equal(image->name, "disk");
	assert_string_equal(image->id, "id-of-disk");
	assert_int_equal(client_id(image_client(image)), 4711);
	assert_ptr_equal(image_find_by_id("id-of-disk", NULL, NULL), image);
	assert_ptr_equal(image_find_by_id("id-of-disk", "fakepool", "fakespace"), image);
	assert_null(image_find_by_id("id-of-disk", "fakepool", ""));
	assert_null(image_find_by_id("id-of-other", NULL, NULL));
	assert_int_equal(opened(1)->image, image_serial(image));
	assert_int_equal(captured(FL_EV_state), 1); /* right after opening */
	assert_int_equal(((const struct fl_state *)captured_last(FL_EV_state))->image, image_serial(image));
	assert_int_equal(rbd_close(handle), 0);
	assert_null(image_find(handle));
	assert_null(image_find_by_id("id-of-disk", NULL, NULL));
	assert_int_equal(captured(FL_EV_image_close), 1);
}

static void a_failed_open_is_told_and_leaves_nothing(void **state)
{
	void *handle;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "missing", &handle, NULL), -ENOENT);
	assert_int_equal(opened(1)->result, -ENOENT);
	assert_int_equal(opened(1)->image, 0);
	assert_int_equal(captured(FL_EV_state), 0);
}

static void opened_by_id_the_name_is_asked_for(void **state)
{
	void *handle;

	(void)state;
	assert_int_equal(rbd_open_by_id(ioctx, "abc", &handle, NULL), 0);
	assert_string_equal(image_find(handle)->name, "name-of-abc");
	rbd_close(handle);
}

static void read_only_is_told(void **state)
{
	void *handle;

	(void)state;
	assert_int_equal(rbd_open_read_only(ioctx, "disk", &handle, "snap"), 0);
	assert_int_equal(opened(1)->read_only, 1);
	rbd_close(handle);
}

static void count_callback(void *c, void *arg)
{
	(void)c;
	atomic_fetch_add((atomic_int *)arg, 1);
}

static void *completion(atomic_int *called)
{
	void *c;

	assert_int_equal(rbd_aio_create_completion(called, count_callback, &c), 0);
	return c;
}

static void opened_and_closed_asynchronously(void **state)
{
	atomic_int called = 0;
	void *handle = NULL, *c = completion(&called);

	(void)state;
	fake_set(FAKE_HELD, 0);
	assert_int_equal(rbd_aio_open(ioctx, "aio", &handle, NULL, c), 0);
	rbd_aio_release(c);
	assert_int_equal(captured(FL_EV_image_open), 0);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(called, 1);
	assert_non_null(image_find(handle));
	assert_int_equal(opened(1)->result, 0);

	c = completion(&called);
	assert_int_equal(rbd_aio_close(handle, c), 0);
	assert_int_equal(captured(FL_EV_image_close), 0);
	fake_complete(1);
	rbd_aio_release(c);
	assert_int_equal(called, 2);
	assert_int_equal(captured(FL_EV_image_close), 1);
	assert_null(image_find(handle));
	assert_int_equal(captured(FL_EV_io), 0); /* neither is an I/O */
}

/* An open is being told of, by the one of the two that learned of it first. */
static void *opening; /* the completion */
static atomic_int opening_called;
static int seen_meanwhile;

static void *look(void *arg)
{
	seen_meanwhile = rbd_aio_is_complete(opening);
	return arg;
}

static void look_from_another_thread(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
	pthread_join(thread, NULL);
}

/* An open that is complete, but not told of yet; `meanwhile` is called while the shim asks librbd about it. */
static void opens_later(void **opened, void (*meanwhile)(void))
{
	fake_set(FAKE_PUT_OFF, 0);
	opening_called = 0;
	opening = completion(&opening_called);
	assert_int_equal(rbd_aio_open(ioctx, "disk", opened, NULL, opening), 0);
	fake_when_named = meanwhile;
}

/* Whoever sees that it is complete may close the image: not while the shim still asks librbd about it. */
static void an_open_that_is_being_told_of_is_not_complete_yet(void **state)
{
	void *opened;

	(void)state;
	opens_later(&opened, look_from_another_thread);
	assert_int_equal(fake_complete(1), 1);
	assert_int_equal(seen_meanwhile, 0);
	assert_int_equal(rbd_aio_is_complete(opening), 1);
	assert_int_equal(rbd_close(opened), 0);
	assert_null(image_find(opened));
	rbd_aio_release(opening);
}

static atomic_int calling_back;
static pthread_t callback_thread;

static void *run_callback(void *arg)
{
	atomic_store(&calling_back, 1);
	fake_complete(1);
	return arg;
}

static void call_back_meanwhile(void)
{
	assert_int_equal(pthread_create(&callback_thread, NULL, run_callback, NULL), 0);
	while (!atomic_load(&calling_back))
		usleep(100);
	usleep(20000);
	seen_meanwhile = atomic_load(&opening_called);
}

static void nor_is_its_callback_called(void **state)
{
	void *opened;

	(void)state;
	opens_later(&opened, call_back_meanwhile);
	assert_int_equal(rbd_aio_is_complete(opening), 1);
	pthread_join(callback_thread, NULL);
	assert_int_equal(seen_meanwhile, 0);
	assert_int_equal(opening_called, 1);
	assert_int_equal(rbd_close(opened), 0);
	assert_null(image_find(opened));
	rbd_aio_release(opening);
}

/* Its completion has no callback, and is released before it is complete: nobody can say how the close ended. */
static void a_close_whose_result_cannot_be_asked_is_no_success(void **state)
{
	const struct fl_image_close *told = captured_last(FL_EV_image_close);
	void *handle, *c;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "disk", &handle, NULL), 0);
	fake_set(FAKE_HELD, 0);
	assert_int_equal(rbd_aio_create_completion(NULL, NULL, &c), 0);
	assert_int_equal(rbd_aio_close(handle, c), 0);
	rbd_aio_release(c);
	assert_int_equal(captured(FL_EV_image_close), 1);
	assert_int_equal(told->unknown, 1);
	fake_complete(1);

	fake_set(FAKE_AT_ONCE, 0);
	assert_int_equal(rbd_open(ioctx, "disk", &handle, NULL), 0);
	assert_int_equal(rbd_close(handle), 0);
	assert_int_equal(captured(FL_EV_image_close), 2);
	assert_int_equal(told->unknown, 0);
}

static void an_asynchronous_open_that_fails(void **state)
{
	atomic_int called = 0;
	void *handle = NULL, *c = completion(&called);

	(void)state;
	fake_set(FAKE_AT_ONCE, -EPERM);
	assert_int_equal(rbd_aio_open(ioctx, "aio", &handle, NULL, c), 0);
	assert_int_equal(opened(1)->result, -EPERM);
	rbd_aio_release(c);
	c = completion(&called);
	fake_set(FAKE_REFUSED, -EINVAL);
	assert_int_equal(rbd_aio_open(ioctx, "aio", &handle, NULL, c), -EINVAL);
	rbd_aio_release(c);
	assert_int_equal(called, 1);
}

static void cpp_images(void **state)
{
	void *image = NULL, *first;

	(void)state;
	assert_int_equal(cpp_open(NULL, &ioctx, &image, "disk"), 0); /* calls the overload with a snapshot through the PLT */
	opened(1);
	first = image;
	assert_non_null(image_find(first));
	assert_int_equal(cpp_open_snap(NULL, &ioctx, &image, "other", NULL), 0); /* closes the first one */
	opened(2);
	assert_int_equal(captured(FL_EV_image_close), 1);
	assert_string_equal(image_find(image)->name, "other");
	assert_int_equal(cpp_close(&image), 0);
	assert_int_equal(captured(FL_EV_image_close), 2);
	assert_int_equal(cpp_close(&image), 0);
	cpp_destroy(&image); /* nothing open any more */
	assert_int_equal(captured(FL_EV_image_close), 2);
	assert_int_equal(cpp_open_snap(NULL, &ioctx, &image, "third", NULL), 0);
	cpp_destroy(&image); /* calls close through the PLT: told once */
	assert_int_equal(captured(FL_EV_image_close), 3);
}

static void a_close_tells_what_was_in_flight_and_the_last_summary(void **state)
{
	atomic_int called = 0;
	void *handle, *c;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "disk", &handle, NULL), 0);
	c = completion(&called);
	assert_int_equal(rbd_aio_write(handle, 0, 512, NULL, c), 0);
	rbd_aio_release(c);
	fake_set(FAKE_HELD, 0);
	c = completion(&called);
	assert_int_equal(rbd_aio_write(handle, 0, 512, NULL, c), 0);
	rbd_aio_release(c);
	rbd_close(handle);
	assert_int_equal(((const struct fl_image_close *)captured_last(FL_EV_image_close))->inflight, 1);
	const struct fl_io_summary *summary = captured_last(FL_EV_io_summary);
	assert_int_equal(captured(FL_EV_io_summary), 1);
	assert_int_equal(summary->writes, 1);
	assert_int_equal(summary->inflight, 1);
}

static void a_late_completion_is_not_counted_for_the_next_image_in_the_slot(void **state)
{
	struct image_names names = { .name = "first" };
	int first, second;
	struct io io;
	struct io_totals totals;

	(void)state;
	struct image *image = image_add(&first, &names, NULL);
	io_begin(&io, &first, FL_IO_WRITE, 0, 512);
	assert_true(image_remove(image, image_serial(image)));
	assert_false(image_remove(image, image_serial(image)));
	assert_ptr_equal(image_add(&second, &names, NULL), image); /* the slot again */
	io_end(&io, 0);
	io_totals(image, &totals);
	assert_int_equal(totals.ios, 0);
	assert_int_equal(totals.begun, 0);
	assert_int_equal(captured(FL_EV_io), 1);
	assert_int_equal(((const struct fl_io *)captured_last(FL_EV_io))->image, io.serial);
	image_remove(image, image_serial(image));
}

static void io_on_an_image_that_is_not_known_is_counted_as_passed_through(void **state)
{
	const struct fl_passthrough *told = captured_last(FL_EV_passthrough);
	struct image *image;
	void *handle;

	(void)state;
	assert_int_equal(rbd_open(ioctx, "disk", &handle, NULL), 0);
	image = image_find(handle);
	image_remove(image, image_serial(image)); /* as if it had been opened behind the shim's back */
	hook_after_fork_child();                  /* nothing so far */
	assert_int_equal(rbd_flush(handle), 0);
	assert_int_equal(hook_passed(), 1);
	capture_reset();
	capture_enable("passthrough");
	state_emit_losses(4711);
	assert_int_equal(captured(FL_EV_passthrough), 1);
	assert_non_null(strstr(told->reason, "image not known"));
	rbd_close(handle);
}

/* A handle may be given to a new image before the old one's close has returned to us. */
static void a_handle_used_again_finds_the_newer_image(void **state)
{
	struct image_names names = { .name = "old" };
	int handle;

	(void)state;
	struct image *old = image_add(&handle, &names, NULL), *new = image_add(&handle, &names, NULL);
	assert_ptr_not_equal(old, new);
	assert_ptr_equal(image_find(&handle), new);
	assert_true(image_remove(old, image_serial(old)));
	assert_ptr_equal(image_find(&handle), new);
	assert_true(image_remove(new, image_serial(new)));
	assert_null(image_find(&handle));
}

static void with_all_slots_taken_images_are_opened_all_the_same(void **state)
{
	enum { MANY = IMAGE_SLOTS + 10 };
	static void *handles[MANY];
	int known = 0;

	(void)state;
	capture_enable("none");
	for (int i = 0; i < MANY; i++)
		assert_int_equal(rbd_open(ioctx, "disk", &handles[i], NULL), 0);
	for (int i = 0; i < MANY; i++)
		known += image_find(handles[i]) != NULL;
	assert_int_equal(known, IMAGE_SLOTS);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(rbd_flush(handles[i]), 0);
		assert_int_equal(rbd_close(handles[i]), 0);
	}
	for (int i = 0; i < MANY; i++)
		assert_null(image_find(handles[i]));
}

static void *open_and_close(void *arg)
{
	atomic_int called = 0;
	void *handle;

	for (int i = 0; i < 500; i++) {
		assert_int_equal(rbd_open(arg, "disk", &handle, NULL), 0);
		struct image *image = image_find(handle);
		assert_non_null(image);
		uint32_t serial = image_serial(image);
		for (int k = 0; k < 5; k++) {
			void *c = completion(&called);
			assert_int_equal(rbd_aio_flush(handle, c), 0);
			rbd_aio_release(c);
			assert_ptr_equal(image_find(handle), image); /* whatever the others open and close */
		}
		assert_int_equal(image_serial(image), serial);
		assert_int_equal(rbd_close(handle), 0);
	}
	return NULL;
}

static void *look_around(void *arg)
{
	while (!atomic_load((atomic_bool *)arg)) {
		state_emit_all();
		io_summary_tick();
		usleep(1000);
	}
	return NULL;
}

static void images_come_and_go_while_others_are_looked_up(void **state)
{
	pthread_t threads[4], watcher;
	atomic_bool end = false;

	(void)state;
	pthread_create(&watcher, NULL, look_around, &end);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, ioctx), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&end, true);
	pthread_join(watcher, NULL);
	assert_int_equal(captured(FL_EV_image_open), 2000);
	assert_int_equal(captured(FL_EV_image_close), 2000);
	assert_int_equal(captured(FL_EV_io), 10000);
}

static void a_forked_child_begins_with_nothing_open(void **state)
{
	atomic_bool end = false;
	pthread_t watcher;
	void *handle;
	int status;

	(void)state;
#ifdef __SANITIZE_THREAD__
	skip(); /* it ends a child of several threads that starts a thread */
#endif
	fork_survive();
	assert_int_equal(rbd_open(ioctx, "parent", &handle, NULL), 0);
	pthread_create(&watcher, NULL, look_around, &end); /* takes locks all the time */
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();
		if (child == 0) {
			void *own;
			alarm(20);
			if (image_find(handle) || rbd_open(ioctx, "child", &own, NULL) || !image_find(own) || rbd_flush(own) ||
			    rbd_close(own))
				_exit(1);
			_exit(image_find(own) != NULL);
		}
		assert_true(child > 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	atomic_store(&end, true);
	pthread_join(watcher, NULL);
	assert_non_null(image_find(handle));
	rbd_close(handle);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, begin)
	const struct CMUnitTest tests[] = {
		CASE(an_opened_image_is_known_by_its_handle_and_by_its_id),
		CASE(a_failed_open_is_told_and_leaves_nothing),
		CASE(opened_by_id_the_name_is_asked_for),
		CASE(read_only_is_told),
		CASE(opened_and_closed_asynchronously),
		CASE(an_open_that_is_being_told_of_is_not_complete_yet),
		CASE(nor_is_its_callback_called),
		CASE(a_close_whose_result_cannot_be_asked_is_no_success),
		CASE(an_asynchronous_open_that_fails),
		CASE(cpp_images),
		CASE(a_close_tells_what_was_in_flight_and_the_last_summary),
		CASE(a_late_completion_is_not_counted_for_the_next_image_in_the_slot),
		CASE(io_on_an_image_that_is_not_known_is_counted_as_passed_through),
		CASE(a_handle_used_again_finds_the_newer_image),
		CASE(with_all_slots_taken_images_are_opened_all_the_same),
		CASE(a_forked_child_begins_with_nothing_open),
		CASE(images_come_and_go_while_others_are_looked_up),
	};

	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
