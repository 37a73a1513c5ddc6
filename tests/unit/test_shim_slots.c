/* SPDX-License-Identifier: MIT */
/* A watch, when another thread comes just where one has let go of a lock, or is about to take it, and when clocks are set. */
#include "fakes/watch_fixture.h"
#include "follow/image.h"
#include "follow/wire.h"

#include "fenceline/status.h"

#include <pthread.h>
#include <sys/socket.h>
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

static _Atomic(int) ahead_s, set_back_s;

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	int result = __real_clock_gettime(id, time);

	time->tv_sec += atomic_load(&ahead_s) - (id == CLOCK_REALTIME ? atomic_load(&set_back_s) : 0);
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

static uint64_t leaving_with;

static void its_watch_ends(void)
{
	end_watch(&ioctx, leaving_with);
}

static void reconnect(struct connection c, uint64_t cookie)
{
	uint8_t message[PING_MAX];
	size_t op_at, length = ping_request(message, &(struct ping_fields){ OID, cookie, 900, 2, 0, 5 }, &op_at);
	struct iovec segment = { message, length };

	assert_int_equal(fake_common_send(c.client, &segment, 1), length);
	assert_int_equal(recv(c.osd, message, length, MSG_WAITALL), length);
}

/* Between the ping's sendmsg and its note. */
static void a_ping_that_leaves_while_its_watch_ends_is_not_awaited(void **state)
{
	static void (*const sends[])(struct connection c, uint64_t cookie) = { send_ping, reconnect };
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		slots_may_be_used_again();
		leaving_with = live_watch(&ioctx, OID, &ctx2);
		before_lock = its_watch_ends;
		sends[i](c, leaving_with);
		assert_null(before_lock);
		assert_false(wire_is_looking());
		slots_may_be_used_again(); /* nor is the next one of the slot in doubt */
		leaving_with = live_watch(&ioctx, OID, &ctx2);
		send_ping(c, leaving_with);
		assert_true(wire_is_looking());
		answer(c, leaving_with, 0);
		assert_false(wire_is_looking());
		end_watch(&ioctx, leaving_with);
	}
	connection_close(c);
}

static void tell(struct watch *watch, void *entry)
{
	watch_sampled(watch, entry);
}

static void assert_just_now(int64_t then_ns, int64_t now_ns)
{
	assert_true(then_ns <= now_ns && now_ns - then_ns < 20 * INT64_C(1000000000));
}

static void a_ping_answered_after_the_clock_was_set_back_is_the_newest(void **state)
{
	const struct image_names names = { .pool = "volumes", .name = "disk", .id = "10aa" };
	struct connection c = connection_open();
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, OID, &ctx2);
	struct image *image = image_add(&ctx2, &names, client_find(&cluster));
	struct fl_status_watch entry = { 0 };

	(void)state;
	watch_image_opened(image);
	send_ping(c, cookie);
	answer(c, cookie, 0);
	atomic_store(&set_back_s, 600);
	atomic_fetch_add(&ahead_s, 5);
	send_ping(c, cookie);
	answer(c, cookie, 0);
	watch_each(tell, &entry);
	assert_just_now(entry.last_ack_sent_ns, now_realtime_ns());
	assert_just_now(entry.last_ack_mono_ns, (int64_t)now_monotonic_ns());
	assert_just_now(atomic_load(&image->last_ack_sent_ns), now_realtime_ns());
	atomic_store(&set_back_s, 0);
	image_remove(image, image_serial(image));
	connection_close(c);
	end_watch(&ioctx, cookie);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_is_its_new_clients_from_the_first_moment),
		TEST(an_unwatch_that_ends_during_the_shutdown_ends_once),
		TEST(a_cookie_may_be_given_many_times_in_a_minute),
		TEST(a_ping_that_leaves_while_its_watch_ends_is_not_awaited),
		TEST(a_ping_answered_after_the_clock_was_set_back_is_the_newest),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
