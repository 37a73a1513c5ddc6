/* SPDX-License-Identifier: MIT */
/* The slot of a watch, when another thread comes just where one has let go of a lock, or is about to take it. */
#include "fakes/watch_fixture.h"

#include <pthread.h>
#include <time.h>

/* ---- what comes in between, once, as if another thread did it ---- */

static __thread void (*before_lock)(void), (*after_unlock)(void);

static void come_in(void (**what)(void))
{
	void (*now)(void) = *what;

	if (now && atomic_load(&watches_active) == 1) {
		*what = NULL;
		now();
	}
}

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	come_in(&before_lock);
	return __real_pthread_mutex_lock(mutex);
}

int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	int result = __real_pthread_mutex_unlock(mutex);

	come_in(&after_unlock);
	return result;
}

static _Atomic(int) ahead_s;

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	int result = __real_clock_gettime(id, time);

	time->tv_sec += atomic_load(&ahead_s);
	return result;
}

static void slots_may_be_used_again(void)
{
	atomic_fetch_add(&ahead_s, 61);
}

/* ---- the tests ---- */

static void shut_the_first_client_down(void)
{
	watch_client_shutdown(client_find(&cluster));
}

static void a_slot_is_its_new_clients_from_the_first_moment(void **state)
{
	struct ctx2 a = { ctx2_vtable }, b = { ctx2_vtable }, c = { ctx2_vtable };
	uint64_t of_b, of_c;

	(void)state;
	end_watch(&other_ioctx, live_watch(&other_ioctx, OID, &a)); /* both clients are known now */
	slots_may_be_used_again();
	end_watch(&ioctx, live_watch(&ioctx, OID, &a));
	slots_may_be_used_again();
	after_unlock = shut_the_first_client_down; /* whose slot it was */
	of_b = live_watch(&other_ioctx, OID, &b);
	assert_null(after_unlock);
	assert_int_equal(atomic_load(&watches_active), 1);
	slots_may_be_used_again();
	of_c = live_watch(&other_ioctx, "rbd_header.20bb", &c);
	fake_error(of_b, -107);
	assert_int_equal(b.errors, 1);
	assert_int_equal(c.errors, 0);
	end_watch(&other_ioctx, of_b);
	end_watch(&other_ioctx, of_c);
}

static void *ending;

static void its_unwatch_ends(void)
{
	fake_complete(ending, 0);
}

static void an_unwatch_that_ends_during_the_shutdown_ends_once(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	void *self = &ioctx;

	(void)state;
	rados_aio_create_completion(NULL, NULL, NULL, &ending);
	assert_int_equal(cpp_aio_unwatch(&self, cookie, &ending), 0);
	before_lock = its_unwatch_ends;
	shut_the_first_client_down();
	assert_null(before_lock);
	assert_int_equal(atomic_load(&watches_active), 0);
	rados_aio_release(ending);
}

/* An address, and free again as soon as its watch has gone: more often than a slot, or a place for its hash, is. */
static void a_cookie_may_be_given_many_times_in_a_minute(void **state)
{
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = fake_next_cookie;

	(void)state;
	for (unsigned i = 1; i <= 20; i++) {
		fake_next_cookie = cookie;
		assert_true(live_watch(&ioctx, OID, &ctx2) == cookie);
		send_ping(c, cookie);
		answer(c, cookie, 0);
		assert_int_equal(count(FL_EV_ping_sent), i);
		assert_int_equal(count(FL_EV_ping_reply), i);
		end_watch(&ioctx, cookie);
	}
	connection_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_is_its_new_clients_from_the_first_moment),
		TEST(an_unwatch_that_ends_during_the_shutdown_ends_once),
		TEST(a_cookie_may_be_given_many_times_in_a_minute),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
