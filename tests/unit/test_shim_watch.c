/* SPDX-License-Identifier: MIT */
/* Registrations of watches against a librados that does what it is told, and what it calls back. */
#include "fakes/watch_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_registration_is_reported_before_its_owner_learns_of_it(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);

	(void)state;
	assert_true(handle != 0);
	assert_int_equal(count(FL_EV_watch_registered), 0);
	fake_complete(completion, 0);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	assert_int_equal(registered.result, 0);
	assert_true(registered.cookie == handle);
	assert_int_equal(registered.global_id, 4123);
	assert_string_equal(registered.oid, "rbd_header.10aa");
	assert_string_equal(registered.pool, "volumes");
	assert_int_equal(called_back, 1);
	assert_ptr_equal(called_with, &called_back);
	rados_aio_release(completion);
	end_watch(&ioctx, handle);
	assert_int_equal(count(FL_EV_watch_unregistered), 1);
}

static void a_failed_registration_leaves_nothing(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);
	struct connection c = connection_open();

	(void)state;
	fake_complete(completion, -108);
	rados_aio_release(completion);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	assert_int_equal(registered.result, -108);
	assert_int_equal(called_back, 1);
	assert_int_equal(atomic_load(&watches_active), 0);
	send_ping(c, handle);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	connection_close(c);
}

static void a_refused_registration_gives_the_callback_back(void **state)
{
	struct std_string name = { "rbd_header.10aa", 15, "" };
	struct ctx2 ctx2 = { ctx2_vtable };
	void *self = &ioctx, *completion;
	uint64_t handle = 0;

	(void)state;
	rados_aio_create_completion(&handle, callback, NULL, &completion);
	fake_next_result = -ENOTCONN;
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, &handle, &ctx2), -ENOTCONN);
	assert_int_equal(registered.result, -ENOTCONN);
	fake_complete(completion, -1); /* by whatever the caller does with it next */
	assert_int_equal(called_back, 1);
	assert_ptr_equal(called_with, &handle);
	assert_int_equal(count(FL_EV_watch_registered), 1);
	rados_aio_release(completion);
}

/* librbd's RewatchRequest deletes itself, and the handle in it, in the callback. */
static uint64_t *freed_handle;
static void free_the_handle(void *completion, void *arg)
{
	(void)completion;
	memset(arg, 0xdd, sizeof(uint64_t));
	free(arg);
	freed_handle = NULL;
}

static void a_registration_may_end_before_the_call_returns(void **state)
{
	struct std_string name = { "rbd_header.10aa", 15, "" };
	struct ctx2 ctx2 = { ctx2_vtable };
	void *self = &ioctx, *completion;
	uint64_t cookie = fake_next_cookie;

	(void)state;
	freed_handle = malloc(sizeof *freed_handle);
	rados_aio_create_completion(freed_handle, free_the_handle, NULL, &completion);
	fake_next_completes = 1;
	assert_int_equal(cpp_aio_watch(&self, &name, &completion, freed_handle, &ctx2), 0);
	assert_null(freed_handle);
	assert_true(registered.cookie == cookie);
	rados_aio_release(completion);
	end_watch(&ioctx, cookie);
}

enum { REGISTRATIONS = 1000 };
static atomic_uint completed;

static void *complete_each(void *unused)
{
	void *completion;

	for (int i = 0; i < REGISTRATIONS; i++) {
		while (!(completion = atomic_exchange(&fake_begun, NULL)))
			;
		fake_complete(completion, 0);
		atomic_fetch_add(&completed, 1);
	}
	return unused;
}

/* As librados' own thread does: in the trace of a thousand images one watch had the cookie 0. */
static void a_registration_that_ends_as_the_call_returns_has_its_cookie(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	pthread_t thread;

	(void)state;
	atomic_store(&fake_begun, NULL);
	assert_int_equal(pthread_create(&thread, NULL, complete_each, NULL), 0);
	for (unsigned i = 0; i < REGISTRATIONS; i++) {
		uint64_t handle = 0;
		void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);

		while (atomic_load(&completed) == i)
			;
		assert_true(registered.cookie == handle);
		rados_aio_release(completion);
		end_watch(&ioctx, handle);
	}
	pthread_join(thread, NULL);
	assert_int_equal(count(FL_EV_watch_unregistered), REGISTRATIONS);
}

static void the_cookie_changes_when_it_registers_again(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t old = live_watch(&ioctx, "rbd_header.10aa", &ctx2), new;

	(void)state;
	end_watch(&ioctx, old);
	new = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	assert_true(new != old);
	send_ping(c, old);
	assert_int_equal(count(FL_EV_ping_sent), 0);
	send_ping(c, new);
	assert_int_equal(count(FL_EV_ping_sent), 1);
	assert_true(sent_event.cookie == new);
	connection_close(c);
	end_watch(&ioctx, new);
}

static unsigned c_notifies, c_errors;
static void c_notify(void *arg, uint64_t id, uint64_t cookie, uint64_t notifier, void *data, size_t length)
{
	(void)id, (void)cookie, (void)notifier;
	assert_ptr_equal(arg, &c_notifies);
	assert_int_equal(length, 26);
	assert_int_equal(((uint8_t *)data)[6], 2);
	c_notifies++;
}
static void c_error(void *arg, uint64_t cookie, int error)
{
	(void)cookie;
	assert_ptr_equal(arg, &c_notifies);
	assert_int_equal(error, -107);
	c_errors++;
}

static const uint8_t request_lock[26] = { 6, 1, 20, 0, 0, 0, 2, 0, 0, 0 };

static void notifies_and_errors_reach_their_owner(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2), c_cookie;

	(void)state;
	fake_notify(cookie, request_lock, sizeof request_lock);
	assert_int_equal(ctx2.notifies, 1);
	assert_int_equal(notify_event.op, 2);
	assert_int_equal(notify_event.payload_bytes, 26);
	assert_int_equal(notify_event.notifier_gid, 4200);
	fake_notify(cookie, "", 0);
	assert_int_equal(ctx2.notifies, 2);
	assert_int_equal(notify_event.op, -1);
	fake_error(cookie, -107);
	assert_int_equal(ctx2.error, -107);
	assert_int_equal(error_event.result, -107);
	assert_true(error_event.cookie == cookie);
	end_watch(&ioctx, cookie);

	assert_int_equal(rados_watch3(&ioctx, "rbd_header.10bb", &c_cookie, c_notify, c_error, 30, &c_notifies), 0);
	assert_int_equal(registered.timeout_s, 30);
	fake_notify(c_cookie, request_lock, sizeof request_lock);
	fake_error(c_cookie, -107);
	assert_int_equal(c_notifies, 1);
	assert_int_equal(c_errors, 1);
	assert_int_equal(count(FL_EV_notify), 3);
	assert_int_equal(rados_unwatch2(&ioctx, c_cookie), 0);
}

/* A librados whose completions cannot be understood: the watch is followed on the wire, and not sampled before that. */
static void hold(struct watch *watch, void *arg)
{
	(void)arg;
	pthread_mutex_lock(&watch->lock);
}

static void let_go(struct watch *watch, void *arg)
{
	(void)arg;
	pthread_mutex_unlock(&watch->lock);
}

static bool is_registered(void)
{
	return count(FL_EV_watch_registered) == 1;
}

/* Its ping is sent by the messenger's thread, which waits for nobody: not for the watch's lock, either. */
static int child_cannot_tap(void)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };

	fake_hides_callbacks = 1;
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	if (called_back != 1 || count(FL_EV_watch_registered))
		return 1;
	alarm(20);
	watch_each(hold, NULL);
	send_ping(c, cookie);
	watch_each(let_go, NULL);
	alarm(0);
	return within_s(20, is_registered) && registered.cookie == cookie && count(FL_EV_ping_sent) == 1 ? 0 : 2;
}

static void without_a_tap_the_first_ping_proves_the_registration(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(child_cannot_tap), 0);
}

extern void rados_shutdown(void *cluster);

/* A blocklist command may be tried before the client has connected, or after it failed to. */
static void of_a_client_that_is_not_connected_nothing_is_asked(void **state)
{
	static struct fake_cluster unconnected;
	struct client *client = client_of_cluster(&unconnected);

	(void)state;
	assert_non_null(client);
	assert_int_equal(client_id(client), 0);
	assert_string_equal(client->names.address, "");
	unconnected.global_id = 4124;
	assert_ptr_equal(client_of_cluster(&unconnected), client);
	assert_int_equal(client_id(client), 4124);
	assert_string_equal(client->names.address, "10.0.0.2:0/123");
	rados_shutdown(&unconnected);
	assert_null(client_find(&unconnected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_tap_the_first_ping_proves_the_registration), /* before the layout is looked at */
		TEST(a_registration_is_reported_before_its_owner_learns_of_it),
		TEST(a_failed_registration_leaves_nothing),
		TEST(a_refused_registration_gives_the_callback_back),
		TEST(a_registration_may_end_before_the_call_returns),
		TEST(a_registration_that_ends_as_the_call_returns_has_its_cookie),
		TEST(the_cookie_changes_when_it_registers_again),
		TEST(notifies_and_errors_reach_their_owner),
		TEST(of_a_client_that_is_not_connected_nothing_is_asked),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
