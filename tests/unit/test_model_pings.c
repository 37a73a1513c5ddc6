/* SPDX-License-Identifier: MIT */
/* Which pings are answered, late, refused or lost, told from the wire and, where that shows nothing, from the sampler. */
#include "model_fixture.h"

#define COOKIE 94211850034176
#define OSD    "10.99.0.1:6802"

static const struct source source = { .path = "trace", .kind = "ctf", .host = "compute1", .tz = "UTC", .tz_from = "log" };

#define ADD(seconds, kind, ...) \
	add(&source, seconds, (struct event){ .fact = FACT_##kind, .trace.kind = { .pid = 7, .global_id = 4143, __VA_ARGS__ } })
#define STATE(seconds) \
	ADD(seconds, state, .host = "compute1", .process = "qemu-system-x86_64", .vm_name = "vm1", .vm_uuid = "u1", \
	    .entity = "client.nova", .address = "10.99.0.2:0/5", .fsid = "f", .ceph_version = "16.2.15", .not_understood = "", \
	    .image = 1, .pool = "rbd", .nspace = "", .name = "vm1", .image_id = "abc", .cookie = COOKIE)
#define SENT(seconds) ADD(seconds, ping_sent, .cookie = COOKIE, .gen = 1, .sent_ns = S(seconds), .osd = OSD)
#define REPLY(at, sent, code) \
	ADD(at, ping_reply, .cookie = COOKIE, .gen = 1, .sent_ns = S(sent), .rtt_ns = (uint64_t)(S(at) - S(sent)), \
	    .result = code, .osd = OSD)
#define SAMPLE(at, acked, how) \
	ADD(at, ping_sample, .cookie = COOKIE, .oid = "rbd_header.abc", .age_ms = (S(at) - S(acked)) / NS_PER_MS + 1, \
	    .acked_sent_ns = S(acked), .change = how)

static struct image *image(void)
{
	for (struct client *client = model->clients; client; client = client->next)
		for (struct image *each = client->images; each; each = each->next)
			if (each->serial == 1)
				return each;
	fail_msg("no image");
	return NULL;
}

static struct watch *watch(void)
{
	assert_non_null(image()->watches);
	assert_null(image()->watches->next);
	return image()->watches;
}

static size_t entries(enum timeline_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < image()->entry_count; i++)
		count += image()->entries[i].kind == kind;
	return count;
}

static const struct timeline_entry *entry(enum timeline_kind kind, size_t nth)
{
	for (size_t i = 0; i < image()->entry_count; i++)
		if (image()->entries[i].kind == kind && !nth--)
			return &image()->entries[i];
	fail_msg("no such entry");
	return NULL;
}

static void answered_pings_are_none_of_them_lost(void **state)
{
	(void)state;
	STATE(0);
	for (int i = 1; i <= 10; i++) {
		SENT(5 * i);
		REPLY(5 * i + 0.0005, 5 * i, 0);
	}
	model_finish(model);
	assert_int_equal(watch()->pings_sent, 10);
	assert_int_equal(watch()->pings_answered, 10);
	assert_int_equal(watch()->pings_unanswered, 0);
	assert_int_equal(entries(TL_PING_ACK), 10);
	assert_string_equal(entry(TL_PING_ACK, 0)->ping.osd, "10.99.0.1:6802");
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.rtt_ns, NS_PER_MS / 2);
	assert_int_equal(watch()->last_ack_sent_ns, S(50));
	assert_int_equal(watch()->longest_ack_gap_ns, 5 * NS_PER_S);
	assert_string_equal(watch()->oid, "rbd_header.abc");
}

static void an_unanswered_ping_is_lost_once_it_is_overdue(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	SENT(15);
	STATE(22.5);
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 2);
	assert_int_equal(entries(TL_PING_LOST), 2);
	assert_string_equal(entry(TL_PING_LOST, 0)->ping.osd, "10.99.0.1:6802");
	assert_int_equal(entry(TL_PING_LOST, 0)->ts_ns, S(10));
	assert_int_equal(entry(TL_PING_LOST, 0)->ping.rtt_ns, -1);
	assert_true(watch()->pings[1].unanswered);
	assert_false(watch()->pings[0].unanswered);
}

static void the_last_ping_may_be_on_its_way_when_the_recording_ends(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	STATE(16);
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 0);
	assert_int_equal(entries(TL_PING_LOST), 0);
}

static void a_proper_end_loses_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	ADD(10.5, watch_unregistered, .cookie = COOKIE, .oid = "rbd_header.abc");
	ADD(11, client_shutdown, .address = "10.99.0.2:0/5");
	STATE(40); /* another client of the process lives on */
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 0);
}

/* The OSD that it went to begins the watch's timer anew. */
static void an_answered_reconnect_is_a_sign_of_life_and_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	ADD(8.001, watch_reconnect_reply, .cookie = COOKIE, .gen = 2, .sent_ns = S(8), .rtt_ns = 1000000, .osd = OSD);
	ADD(9.001, watch_reconnect_reply, .cookie = COOKIE, .gen = 3, .sent_ns = S(9), .rtt_ns = 1000000, .osd = OSD,
	    .result = -107);
	model_finish(model);
	assert_int_equal(watch()->last_ack_sent_ns, S(8));
	assert_int_equal(watch()->pings_sent, 1);
	assert_int_equal(entry(TL_WATCH_REGISTERED, 0)->watch.told, WATCH_BY_RECONNECT);
	assert_int_equal(entry(TL_WATCH_ERROR, 0)->watch.told, WATCH_BY_RECONNECT);
	assert_int_equal(entry(TL_WATCH_ERROR, 0)->watch.result, -107);
}

static void an_error_ends_no_ping_properly(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	REPLY(5.0005, 5, 0);
	SENT(10);
	ADD(12, watch_error, .cookie = COOKIE, .oid = "rbd_header.abc", .result = -107);
	ADD(12.1, watch_unregistered, .cookie = COOKIE, .oid = "rbd_header.abc");
	STATE(40);
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 1);
	assert_int_equal(watch()->error, -107);
}

static void a_late_answer_is_late_and_an_error_is_a_refusal(void **state)
{
	(void)state;
	STATE(0);
	SENT(5);
	SENT(10);
	REPLY(11.5, 5, 0);
	REPLY(11.5, 10, 0);
	SENT(15);
	REPLY(15.001, 15, -108);
	STATE(40);
	model_finish(model);
	assert_int_equal(entries(TL_PING_LATE), 1);
	assert_int_equal(entries(TL_PING_ACK), 1);
	assert_int_equal(entries(TL_PING_LOST), 1);
	assert_int_equal(entry(TL_PING_LOST, 0)->ping.result, -108);
	assert_int_equal(entry(TL_PING_LOST, 0)->ping.rtt_ns, NS_PER_MS);
	assert_int_equal(watch()->pings_unanswered, 0);
	assert_int_equal(watch()->pings_refused, 1);
	assert_int_equal(watch()->pings_answered, 2);
}

static void an_answer_whose_ping_was_not_seen_still_counts(void **state)
{
	(void)state;
	ADD(5, ping_reply, .cookie = COOKIE, .gen = 1, .sent_ns = S(4.9995), .rtt_ns = 500000, .result = 0, .osd = OSD);
	STATE(6);
	model_finish(model);
	assert_int_equal(watch()->pings_answered, 1);
	assert_int_equal(watch()->last_ack_sent_ns, S(4.9995));
	assert_string_equal(watch()->osd, OSD);
}

static void names_that_come_late_reach_the_pings_before_them(void **state)
{
	(void)state;
	SENT(5);
	REPLY(5.0005, 5, 0);
	ADD(6, watch_error, .cookie = COOKIE, .oid = "", .result = -107);
	STATE(7);
	model_finish(model);
	assert_int_equal(entries(TL_PING_ACK), 1);
	assert_int_equal(entries(TL_WATCH_ERROR), 1);
	assert_string_equal(image()->client->process->vm_name, "vm1");
}

static void beside_the_wire_the_sampler_adds_nothing(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.0003, 0);
	for (int i = 1; i <= 4; i++) {
		SENT(5 * i);
		REPLY(5 * i + 0.0005, 5 * i, 0);
		SAMPLE(5 * i + 0.7, 5 * i + 0.0004, 1);
	}
	model_finish(model);
	assert_int_equal(watch()->seen, PING_WIRE);
	assert_int_equal(watch()->pings_sent, 4);
	assert_int_equal(entries(TL_PING_ACK), 4);
	assert_int_equal(entry(TL_PING_ACK, 3)->ping.seen, PING_WIRE);
	assert_false(watch()->last_ack_sampled);
	assert_int_equal(watch()->last_ack_sent_ns, S(20));
}

/* As with a Ceph that receives in a way that the shim does not know. */
static void an_answer_that_only_librados_knows_of_is_an_answer(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.0003, 0);
	for (int i = 1; i <= 4; i++) {
		SENT(5 * i);
		if (i != 3)
			SAMPLE(5 * i + 0.7, 5 * i + 0.0004, 1);
	}
	STATE(30);
	model_finish(model);
	assert_int_equal(watch()->seen, PING_WIRE);
	assert_int_equal(watch()->pings_answered, 3);
	assert_int_equal(watch()->pings_unanswered, 1);
	assert_int_equal(entry(TL_PING_LOST, 0)->ping.sent_ns, S(15));
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.seen, PING_SAMPLED);
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.sent_ns, S(5));
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.rtt_ns, -1);
}

static void without_the_wire_the_sampler_tells_it_all(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(1, 0.1, 0);
	SAMPLE(5.7, 5.1, 1);
	SAMPLE(10.7, 10.1, 1);
	for (int second = 18; second <= 27; second++) /* overdue from 17.1 on, every second */
		SAMPLE(second, 10.1, 2);
	STATE(28);
	model_finish(model);
	assert_int_equal(watch()->seen, PING_SAMPLED);
	assert_int_equal(watch()->pings_answered, 2);
	assert_int_equal(entries(TL_PING_ACK), 2);
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.seen, PING_SAMPLED);
	assert_int_equal(entry(TL_PING_ACK, 0)->ping.sent_ns, S(5.1));
	/* due at 15.1, 20.1 and 25.1: the last one is not overdue at 27 */
	assert_int_equal(watch()->pings_unanswered, 2);
	assert_int_equal(entry(TL_PING_LOST, 0)->ping.sent_ns, S(15.1));
	assert_int_equal(entry(TL_PING_LOST, 1)->ping.sent_ns, S(20.1));
	assert_int_equal(watch()->last_ack_sent_ns, S(10.1));
}

static void a_sampled_miss_that_is_answered_after_all_is_late(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(5.7, 5.1, 1);
	SAMPLE(12.7, 5.1, 2);
	SAMPLE(17.0, 10.1, 1);
	SAMPLE(17.3, 15.1, 1);
	STATE(40);
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 0);
	assert_int_equal(entries(TL_PING_LATE), 1);
}

static void a_process_that_stands_still_loses_no_ping(void **state)
{
	(void)state;
	STATE(0);
	SAMPLE(5.7, 5.1, 1);
	/* stopped from 6 to 17 */
	ADD(17, process_stalled, .begin_ns = S(6), .gap_ns = 11 * NS_PER_S);
	SAMPLE(17.1, 5.1, 2);
	SAMPLE(18.1, 17.05, 1);
	STATE(40);
	model_finish(model);
	assert_int_equal(watch()->pings_unanswered, 0);
	assert_int_equal(entries(TL_PING_LOST), 0);
	assert_int_equal(entries(TL_PROCESS_STALLED), 1);
	assert_non_null(model->stalls);
}

static void hours_of_pings_take_no_more_memory_than_the_ring(void **state)
{
	const struct model_options none = { .keep_entries = false };

	(void)state;
	model_free(model);
	model = model_new(&none);
	assert_non_null(model);
	STATE(0);
	for (int i = 1; i <= 2000; i++) {
		SENT(5 * i);
		if (i != 100)
			REPLY(5 * i + 0.0005, 5 * i, 0);
	}
	model_finish(model);
	assert_int_equal(watch()->ping_count, WATCH_PINGS);
	assert_int_equal(watch()->pings_sent, 2000);
	assert_int_equal(watch()->pings_answered, 1999);
	assert_int_equal(watch()->pings_unanswered, 1);
	assert_int_equal(watch()->longest_ack_gap_ns, 10 * NS_PER_S);
	assert_int_equal(image()->entry_count, 0);
}

static void what_a_copy_of_a_recording_lacks_is_lost_once(void **state)
{
	static const struct source copy = { .path = "copy", .kind = "ctf", .host = "compute1", .tz = "UTC", .tz_from = "log" };
	static const struct source other = { .path = "trace", .kind = "ctf", .host = "compute2", .tz = "UTC", .tz_from = "log" };
	struct event lost = { .fact = FACT_lost_events, .lost = { .count = 20, .begin_ns = S(1), .end_ns = S(5) } };

	(void)state;
	add(&source, 5, lost);
	add(&copy, 5, lost);
	assert_int_equal(model->lost_events, 20);
	add(&other, 5, lost);
	assert_int_equal(model->lost_events, 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answered_pings_are_none_of_them_lost),
		TEST(an_unanswered_ping_is_lost_once_it_is_overdue),
		TEST(the_last_ping_may_be_on_its_way_when_the_recording_ends),
		TEST(a_proper_end_loses_no_ping),
		TEST(an_answered_reconnect_is_a_sign_of_life_and_no_ping),
		TEST(an_error_ends_no_ping_properly),
		TEST(a_late_answer_is_late_and_an_error_is_a_refusal),
		TEST(an_answer_whose_ping_was_not_seen_still_counts),
		TEST(names_that_come_late_reach_the_pings_before_them),
		TEST(beside_the_wire_the_sampler_adds_nothing),
		TEST(an_answer_that_only_librados_knows_of_is_an_answer),
		TEST(without_the_wire_the_sampler_tells_it_all),
		TEST(a_sampled_miss_that_is_answered_after_all_is_late),
		TEST(a_process_that_stands_still_loses_no_ping),
		TEST(what_a_copy_of_a_recording_lacks_is_lost_once),
		TEST(hours_of_pings_take_no_more_memory_than_the_ring),
	};

	keep.keep_io = true;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
