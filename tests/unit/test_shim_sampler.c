/* SPDX-License-Identifier: MIT */
/* The sampler's thread, against a librados whose watch_check takes its time: unwatch, shutdown, fork, exit. */
#include "fakes/watch_fixture.h"
#include "follow/sampler.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* In secure mode nothing can be seen on the wire. */
static void the_sampler_alone_sees_acknowledgements_and_errors(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	struct timespec now;

	(void)state;
	fake_age_ms = 4001;
	enabled[FL_EV_ping_sample] = 1;
	assert_true(within_s(5, sampled));
	clock_gettime(CLOCK_REALTIME, &now);
	assert_int_equal(sample_event.change, 0);
	assert_true(sample_event.cookie == cookie);
	assert_true(llabs(now.tv_sec * 1000 + now.tv_nsec / 1000000 - 4000 - sample_event.acked_sent_ns / 1000000) < 1000);
	fake_age_ms = 1;
	forget_count(FL_EV_ping_sample);
	assert_true(within_s(5, sampled));
	assert_int_equal(sample_event.change, 1);
	fake_age_ms = -107;
	forget_count(FL_EV_ping_sample);
	assert_true(within_s(5, sampled));
	assert_int_equal(sample_event.change, 3);
	assert_int_equal(sample_event.age_ms, -107);
	end_watch(&ioctx, cookie);
}

static void an_unwatch_waits_for_the_sample_under_way(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 300);
	assert_true(within_s(5, check_is_running));
	end_watch(&ioctx, cookie);
	assert_false(check_is_running());
	unsigned checks = atomic_load(&fake_checks);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

static void a_shutdown_waits_for_the_sample_under_way(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	(void)state;
	live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 300);
	assert_true(within_s(5, check_is_running));
	rados_shutdown(&cluster); /* with the watch alive, as programs do that just end */
	assert_false(check_is_running());
	unsigned checks = atomic_load(&fake_checks);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

static void a_registration_under_way_is_not_sampled(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = 0;
	void *completion = begin_watch(&ioctx, "rbd_header.10aa", &handle, &ctx2);
	unsigned checks = atomic_load(&fake_checks);

	(void)state;
	enabled[FL_EV_ping_sample] = 1;
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
	fake_complete(completion, -110);
	rados_aio_release(completion);
	usleep(1300000);
	assert_int_equal(atomic_load(&fake_checks), checks);
}

static int child_samples_its_own_watch(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	if (atomic_load(&watches_active))
		return 1; /* the parent's */
	enabled[FL_EV_ping_sample] = 1;
	live_watch(&ioctx, "rbd_header.10cc", &ctx2);
	return within_s(5, sampled) && !strcmp(sample_event.oid, "rbd_header.10cc") && !atomic_load(&fake_dangling_checks) ? 0
	                                                                                                                   : 2;
}

static void a_forked_child_has_watches_and_a_sampler_of_its_own(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	assert_int_equal(exit_code_of_child(child_samples_its_own_watch), 0);
	assert_int_equal(atomic_load(&watches_active), 1);
	end_watch(&ioctx, cookie);
}

static int child_exits_while_sampled(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	enabled[FL_EV_ping_sample] = 1;
	atomic_store(&fake_check_takes_ms, 100);
	live_watch(&ioctx, "rbd_header.10cc", &ctx2);
	if (!within_s(5, check_is_running))
		return 1;
	exit(0); /* runs the exit handlers */
}

static void exit_with_a_watch_alive_ends_cleanly(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(child_exits_while_sampled), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_sampler_alone_sees_acknowledgements_and_errors),  TEST(an_unwatch_waits_for_the_sample_under_way),
		TEST(a_shutdown_waits_for_the_sample_under_way),           TEST(a_registration_under_way_is_not_sampled),
		TEST(a_forked_child_has_watches_and_a_sampler_of_its_own), TEST(exit_with_a_watch_alive_ends_cleanly),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
