/* SPDX-License-Identifier: MIT */
/* On which side the pings were lost: what other clients, other OSDs and the OSD's log show, and what tells nothing. */
#include "story.h"

#include <stdio.h>

#define OTHER_OSD "10.99.0.4:6802"

/* Another client: a disk of its own, on the VM's host or on another one. */
struct disk {
	uint32_t pid;
	uint64_t gid;
	const char *host, *address, *fsid, *osd;
};

static const struct disk second_disk = { 4711, 4124, "compute1", "10.99.0.2:0/3655019495", "", OTHER_OSD };
static const struct disk neighbour = { 4712, 4125, "compute2", "10.99.0.3:0/1548601709", "", OSD };
static const struct disk neighbours_second = { 4712, 4126, "compute2", "10.99.0.3:0/1548601710", "", OTHER_OSD };

static const struct source second_hosts = { .path = "trace of compute2", .kind = "ctf", .host = "compute2" };

static struct event event_of(const struct disk *disk, double t, enum fact fact)
{
	struct event event = event_at(t, fact);

	if (!strcmp(disk->host, second_hosts.host))
		event.source = &second_hosts;
	return event;
}

static void disk_is_there(struct story *story, const struct disk *disk)
{
	struct event event = event_of(disk, 0.2, FACT_client_connect);
	struct fl_client_connect *connect = &event.trace.client_connect;
	char oid[64];

	connect->pid = disk->pid;
	connect->global_id = disk->gid;
	connect->host = disk->host;
	connect->process = "qemu-system-x86_64";
	connect->vm_name = connect->vm_uuid = connect->entity = connect->ceph_version = "";
	connect->address = disk->address;
	connect->fsid = disk->fsid;
	add(story, &event);
	event = event_of(disk, 0.3, FACT_watch_registered);
	snprintf(oid, sizeof oid, "rbd_header.%llu", (unsigned long long)disk->gid);
	event.trace.watch_registered = (struct fl_watch_registered){
		.pid = disk->pid, .global_id = disk->gid, .cookie = disk->gid, .oid = oid, .pool = "rbd", .nspace = ""
	};
	add(story, &event);
}

static void disk_pings(struct story *story, const struct disk *disk, double t, bool answered)
{
	struct event sent = event_of(disk, t, FACT_ping_sent), reply = event_of(disk, t + 0.001, FACT_ping_reply);

	sent.trace.ping_sent = (struct fl_ping_sent){
		.pid = disk->pid, .global_id = disk->gid, .cookie = disk->gid, .gen = 1, .sent_ns = at(t), .osd = disk->osd
	};
	add(story, &sent);
	reply.trace.ping_reply = (struct fl_ping_reply){ .pid = disk->pid,
		                                         .global_id = disk->gid,
		                                         .cookie = disk->gid,
		                                         .gen = 1,
		                                         .sent_ns = at(t),
		                                         .rtt_ns = NS_PER_MS,
		                                         .osd = disk->osd };
	if (answered)
		add(story, &reply);
}

/* The VM's pings are lost from 25 s on; those of each disk that is named in `cut_off` from the same moment, a little later in the
 * tick; the others' are answered. */
static void pings_of_all(struct story *story, const struct disk *const disks[], const bool cut_off[], size_t count)
{
	a_vm_is_there(story);
	for (size_t i = 0; i < count; i++)
		disk_is_there(story, disks[i]);
	for (double t = 5; t <= 50; t += 5) {
		ping(story, t, t < 25);
		for (size_t i = 0; i < count; i++)
			disk_pings(story, disks[i], t + 0.1 * (double)(i + 1), t < 25 || !cut_off[i]);
	}
	overdue(story, 51, 20);
	lock_breaker(story, 52, true);
	write_fails(story, 54);
}

static enum side side_of(struct story *story)
{
	const struct incident *incident = NULL;
	const struct verdicts *verdicts = judge(story, 0);

	for (size_t i = 0; i < verdicts->incident_count; i++)
		if (!strcmp(verdicts->incidents[i].address_text, ADDRESS))
			incident = &verdicts->incidents[i];
	assert_non_null(incident);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_non_null(incident->where.text);
	return incident->where.side;
}

static void alone_nothing_tells_the_sides_apart(void **state)
{
	pings_of_all(*state, NULL, NULL, 0);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

static void an_osd_that_answers_others_leaves_the_host_the_way_or_the_group(void **state)
{
	struct story *story = *state;

	pings_of_all(story, (const struct disk *[]){ &neighbour }, (bool[]){ false }, 1);
	assert_int_equal(side_of(story), SIDE_UNKNOWN);
	assert_true(story->verdicts.incidents[0].where.answered_others);
	assert_non_null(strstr(story->verdicts.incidents[0].where.text, "answered others"));
}

static void an_osd_that_answers_this_host_leaves_the_connection_or_the_group(void **state)
{
	static const struct disk beside = { 4712, 4127, "compute1", "10.99.0.2:0/77", "", OSD };
	struct story *story = *state;

	pings_of_all(story, (const struct disk *[]){ &beside }, (bool[]){ false }, 1);
	assert_int_equal(side_of(story), SIDE_UNKNOWN);
	assert_non_null(strstr(story->verdicts.incidents[0].where.text, "other pings of this host"));
	assert_null(strstr(story->verdicts.incidents[0].where.text, "nothing tells"));
}

static void a_host_that_reaches_no_osd_while_another_one_does_is_the_side(void **state)
{
	pings_of_all(*state, (const struct disk *[]){ &second_disk, &neighbour }, (bool[]){ true, false }, 2);
	assert_int_equal(side_of(*state), SIDE_CLIENT_HOST);
}

/* Two OSDs that went down together, and a third one that did not: nothing of the VM's host. */
static void an_osd_that_this_host_does_not_ping_says_nothing_of_it(void **state)
{
	static const struct disk third = { 4712, 4127, "compute2", "10.99.0.3:0/1548601711", "", "10.99.0.5:6802" };

	pings_of_all(*state, (const struct disk *[]){ &second_disk, &third }, (bool[]){ true, false }, 2);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

/* The other OSD answers the neighbour, but the header's does not. */
static void an_osd_that_loses_other_hosts_pings_too_is_not_excused(void **state)
{
	static const struct disk third = { 4713, 4127, "compute3", "10.99.0.6:0/1548601711", "", OTHER_OSD };

	pings_of_all(*state, (const struct disk *[]){ &second_disk, &neighbour, &third }, (bool[]){ true, true, false }, 3);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

static void the_osd_that_answered_another_host_is_named(void **state)
{
	struct story *story = *state;
	static const struct disk third = { 4713, 4127, "compute3", "10.99.0.6:0/1548601711", "", OTHER_OSD };

	pings_of_all(story, (const struct disk *[]){ &second_disk, &third }, (bool[]){ true, false }, 2);
	assert_int_equal(side_of(story), SIDE_CLIENT_HOST);
	assert_non_null(strstr(story->verdicts.incidents[0].where.text, "while " OTHER_OSD " answered another host"));
}

static void an_osd_that_two_hosts_lose_while_one_of_them_reaches_another_is_the_side(void **state)
{
	pings_of_all(*state, (const struct disk *[]){ &neighbour, &neighbours_second }, (bool[]){ true, false }, 2);
	assert_int_equal(side_of(*state), SIDE_OSD);
}

static void answers_that_the_tracer_may_have_discarded_were_not_lost(void **state)
{
	struct event event = event_of(&neighbour, 51, FACT_lost_events);

	pings_of_all(*state, (const struct disk *[]){ &neighbour, &neighbours_second }, (bool[]){ true, false }, 2);
	event.lost.count = 18;
	event.lost.begin_ns = at(20);
	event.lost.end_ns = at(51);
	add(*state, &event);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
	assert_int_equal(((struct story *)*state)->verdicts.near_miss_count, 0);
}

static void two_hosts_that_are_cut_off_at_once_do_not_make_it_the_osd(void **state)
{
	/* the second disk's last answer comes a moment after the VM's own: it tells of the time before */
	pings_of_all(*state, (const struct disk *[]){ &second_disk, &neighbour }, (bool[]){ true, true }, 2);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

static void an_equal_address_in_another_cluster_is_another_osd(void **state)
{
	static const struct disk elsewhere = { 4712, 4125, "compute9", "10.98.0.3:0/15", "deadbeef", OSD };
	struct disk own = second_disk;

	own.fsid = "c0ffee";
	own.osd = OSD;
	pings_of_all(*state, (const struct disk *[]){ &own, &elsewhere }, (bool[]){ true, false }, 2);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };

static void osd_says(struct story *story, double t, enum watch_words what)
{
	struct event event = event_at(t, FACT_watch_logged);

	event.source = &osd_log;
	event.watch.what = what;
	event.watch.address = ADDRESS;
	event.watch.cookie = COOKIE;
	event.watch.object = "rbd_header.1022";
	event.watch.osd = OSD;
	add(story, &event);
}

/* The OSD processed the ping of 25 s, and the client never saw its answer. */
static void an_answer_is_lost(struct story *story, bool recorded)
{
	a_vm_is_there(story);
	for (double t = 5; t <= 25; t += 5) {
		ping(story, t, t < 25);
		osd_says(story, t + 0.0005, WATCH_PINGED);
	}
	for (double t = 30; recorded && t <= 55; t += 5)
		ping(story, t, false);
	osd_says(story, 55.001, WATCH_EXPIRED);
	lock_breaker(story, 57, true);
	if (recorded)
		overdue(story, 56, 20);
	command(story, 57, "add", ADDRESS, false, "client.cinder");
	if (recorded)
		write_fails(story, 59);
}

static void an_answer_that_the_osd_gave_and_nobody_got_was_lost_on_the_way(void **state)
{
	an_answer_is_lost(*state, true);
	assert_int_equal(side_of(*state), SIDE_PATH);
}

static void what_was_answered_when_the_recording_had_ended_was_not_lost(void **state)
{
	an_answer_is_lost(*state, false);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

/* Two of its answers: in a log that does not begin with the watch it may as well be the OSD's clock that is a tick ahead. */
static void two_answers_are_lost(struct story *story, bool from_the_beginning)
{
	a_vm_is_there(story);
	if (from_the_beginning)
		osd_says(story, 0.1, WATCH_REGISTERED);
	for (double t = 5; t <= 55; t += 5) {
		ping(story, t, t < 20);
		if (t <= 25)
			osd_says(story, t + 0.0005, WATCH_PINGED);
	}
	osd_says(story, 55.001, WATCH_EXPIRED);
	lock_breaker(story, 57, true);
	overdue(story, 56, 15);
	command(story, 57, "add", ADDRESS, false, "client.cinder");
	write_fails(story, 59);
}

static void several_answers_that_nobody_got_were_lost_on_the_way_if_both_saw_the_watch_begin(void **state)
{
	two_answers_are_lost(*state, true);
	assert_int_equal(side_of(*state), SIDE_PATH);
}

static void a_log_that_begins_later_may_be_a_tick_ahead(void **state)
{
	two_answers_are_lost(*state, false);
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

/* A ping that it processed after it had dropped the watch, and right before the fence: its log cannot be right about both. */
static void a_ping_that_the_osd_processed_after_the_expiry_is_a_contradiction(void **state)
{
	const struct incident *incident;

	an_answer_is_lost(*state, true);
	osd_says(*state, 56.5, WATCH_PINGED);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_CONTRADICTED);
	assert_int_not_equal(incident->confidence, CONF_PROVEN);
}

/* An OSD, whose number nothing ties to an address, complains of one operation of the VM's. */
static void complains(struct story *story, double t, const char *object)
{
	struct event event = event_at(t, FACT_slow_request);

	event.source = &osd_log;
	event.slow = (struct slow_request){ .osd = "osd.4", .gid = 4123, .object = object, .text = "slow request", .count = 1 };
	add(story, &event);
}

static void an_osd_that_complains_of_the_header_is_the_side(void **state)
{
	pings_of_all(*state, NULL, NULL, 0);
	complains(*state, 55, "rbd_header.1022");
	assert_int_equal(side_of(*state), SIDE_OSD);
}

static void a_slow_write_of_data_blames_no_osd_for_the_pings(void **state)
{
	pings_of_all(*state, NULL, NULL, 0);
	complains(*state, 55, "rbd_data.1022.000000000000005d");
	assert_int_equal(side_of(*state), SIDE_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alone_nothing_tells_the_sides_apart),
		TEST(an_osd_that_answers_others_leaves_the_host_the_way_or_the_group),
		TEST(an_osd_that_answers_this_host_leaves_the_connection_or_the_group),
		TEST(a_host_that_reaches_no_osd_while_another_one_does_is_the_side),
		TEST(an_osd_that_this_host_does_not_ping_says_nothing_of_it),
		TEST(an_osd_that_loses_other_hosts_pings_too_is_not_excused),
		TEST(the_osd_that_answered_another_host_is_named),
		TEST(an_osd_that_two_hosts_lose_while_one_of_them_reaches_another_is_the_side),
		TEST(answers_that_the_tracer_may_have_discarded_were_not_lost),
		TEST(two_hosts_that_are_cut_off_at_once_do_not_make_it_the_osd),
		TEST(an_equal_address_in_another_cluster_is_another_osd),
		TEST(an_osd_that_complains_of_the_header_is_the_side),
		TEST(a_slow_write_of_data_blames_no_osd_for_the_pings),
		TEST(an_answer_that_the_osd_gave_and_nobody_got_was_lost_on_the_way),
		TEST(what_was_answered_when_the_recording_had_ended_was_not_lost),
		TEST(several_answers_that_nobody_got_were_lost_on_the_way_if_both_saw_the_watch_begin),
		TEST(a_log_that_begins_later_may_be_a_tick_ahead),
		TEST(a_ping_that_the_osd_processed_after_the_expiry_is_a_contradiction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
