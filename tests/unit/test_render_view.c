/* SPDX-License-Identifier: MIT */
/* What a timeline shows of pings. */
#include "ping_events.h"
#include "render/view.h"

static struct view view;

static const struct view_image *shown(void)
{
	static const struct verdicts none;
	const struct report report = { .model = model, .verdicts = &none, .until_ns = INT64_MAX };

	model_finish(model);
	assert_int_equal(view_open(&report, &view), 0);
	assert_int_equal(view.count, 1);
	assert_int_equal(view.vms[0].count, 1);
	return &view.vms[0].images[0];
}

static int close_view(void **state)
{
	view_close(&view);
	return end(state);
}

static void each_ping_is_an_entry_of_what_became_of_it(void **state)
{
	const struct view_image *image;

	(void)state;
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	REPLY(17, 10, 0);
	SENT(20);
	REPLY(20.001, 20, -108);
	SENT(25);
	STATE(40);
	SENT(41);
	image = shown();
	assert_int_equal(image->count, 5); /* the last ping is on its way */
	assert_int_equal(image->events[0]->kind, TL_PING_ACK);
	assert_int_equal(image->events[0]->ping.rtt_ns, NS_PER_MS / 2);
	assert_string_equal(image->events[0]->ping.osd, OSD);
	assert_int_equal(image->events[1]->kind, TL_PING_LATE);
	assert_int_equal(image->events[1]->ping.rtt_ns, 7 * NS_PER_S);
	assert_int_equal(image->events[2]->kind, TL_PING_LOST);
	assert_int_equal(image->events[2]->ping.result, -108);
	assert_int_equal(image->events[2]->ping.rtt_ns, NS_PER_MS);
	assert_int_equal(image->events[3]->kind, TL_PING_LOST);
	assert_int_equal(image->events[3]->ping.rtt_ns, -1);
	assert_int_equal(image->events[3]->ts_ns, S(25));
	assert_int_equal(image->events[4]->kind, TL_STATE);
}

/* The sampler does not know when the answer came. */
static void a_sampled_ping_has_no_round_trip(void **state)
{
	const struct view_image *image;

	(void)state;
	STATE(0);
	SAMPLE(5.7, 5.1, 1);
	image = shown();
	assert_int_equal(image->count, 2);
	assert_int_equal(image->events[1]->kind, TL_PING_ACK);
	assert_int_equal(image->events[1]->ping.seen, PING_SAMPLED);
	assert_int_equal(image->events[1]->ping.sent_ns, S(5.1));
	assert_int_equal(image->events[1]->ping.rtt_ns, -1);
}

static void pings_of_hours_are_all_there(void **state)
{
	(void)state;
	STATE(0);
	for (int i = 1; i <= 1000; i++) {
		SENT(5 * i);
		REPLY(5 * i + 0.0005, 5 * i, 0);
	}
	assert_int_equal(shown()->count, 1001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_view)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_ping_is_an_entry_of_what_became_of_it),
		TEST(a_sampled_ping_has_no_round_trip),
		TEST(pings_of_hours_are_all_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
