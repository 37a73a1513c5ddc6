/* SPDX-License-Identifier: MIT */
/* Two clusters whose clients have equal global ids, and lines of OSDs' logs that name little. */
#include "model_fixture.h"

#include <stdio.h>

static const struct source trace = { .path = "trace", .kind = "ctf", .host = "compute1" };
static const struct source other_host = { .path = "trace2", .kind = "ctf", .host = "compute2" };

#define ADD(source, seconds, kind, ...) add(source, seconds, (struct event){ .fact = FACT_##kind, .trace.kind = { __VA_ARGS__ } })

static void a_client_of(const char *cluster, uint64_t gid)
{
	ADD(&trace, 1, client_connect, .pid = (uint32_t)gid, .global_id = gid, .host = "", .process = "qemu", .vm_name = "",
	    .vm_uuid = "", .entity = "", .address = "", .fsid = cluster, .ceph_version = "");
}

static void watches_in(const struct source *source, double seconds, uint32_t pid, const char *cluster, const char *address,
                       uint64_t cookie)
{
	ADD(source, seconds, client_connect, .pid = pid, .global_id = 7, .host = "", .process = "qemu", .vm_name = "",
	    .vm_uuid = "", .entity = "", .address = address, .fsid = cluster, .ceph_version = "");
	ADD(source, seconds, watch_registered, .pid = pid, .global_id = 7, .oid = "rbd_header.a1", .cookie = cookie,
	    .pool = "rbd", .nspace = "", .timeout_s = 30);
}

static void a_client_in_each_cluster(void)
{
	watches_in(&trace, 1, 70, "c0ffee", "10.0.0.1:0/1", 11);
	watches_in(&other_host, 2, 80, "deadbeef", "10.0.0.2:0/2", 22);
}

static void osd_of(const char *cluster, double seconds, const char *address, uint64_t cookie)
{
	static struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };
	static struct source named_log = { .path = "ceph/FSID/ceph-osd.0.log", .kind = "ceph-osd", .host = "" };

	snprintf(named_log.cluster, sizeof named_log.cluster, "%s", cluster);
	add(*cluster ? &named_log : &osd_log, seconds,
	    (struct event){ .fact = FACT_watch_logged,
	                    .watch = { .what = WATCH_EXPIRED,
	                               .gid = 7,
	                               .cookie = cookie,
	                               .address = address,
	                               .object = "rbd_header.a1",
	                               .osd = "osd.0" } });
}

static void osd_drops(double seconds, const char *address, uint64_t cookie)
{
	osd_of("", seconds, address, cookie);
}

/* Counts the watches of a process that have expired, of all clients; the cookie of the last one. */
static size_t expired_watches(uint32_t pid, uint64_t *cookie)
{
	size_t count = 0;

	for (const struct client *client = model->clients; client; client = client->next)
		for (const struct image *image = client->images; image; image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next)
				if (watch->expired_ns && client->process && client->process->pid == pid) {
					*cookie = watch->cookie;
					count++;
				}
	return count;
}

static void expired_is_only(uint32_t pid, uint64_t wanted)
{
	uint64_t cookie = 0;

	assert_int_equal(expired_watches(pid, &cookie), 1);
	assert_int_equal(cookie, wanted);
}

static void expired_is_none(uint32_t pid)
{
	uint64_t cookie;

	assert_int_equal(expired_watches(pid, &cookie), 0);
}

static void equal_global_ids_of_two_clusters_are_told_apart_by_cookie(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "", 11);
	osd_drops(50, "", 22);
	model_finish(model);
	expired_is_only(70, 11);
	expired_is_only(80, 22);
}

static void equal_global_ids_of_two_clusters_are_told_apart_by_address(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "10.0.0.1:0/1", 33); /* a later watch of it */
	model_finish(model);
	expired_is_only(70, 33);
	expired_is_none(80);
}

/* A line without an address is not of who has one, nor does it lend its record to who comes with one. */
static void a_line_without_an_address_stays_apart_from_those_with_one(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "", 11);
	osd_drops(50, "10.0.0.2:0/2", 22);
	model_finish(model);
	expired_is_only(80, 22);
	expired_is_only(70, 11);
}

static void a_line_with_an_address_takes_none_without_one(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "10.0.0.2:0/2", 22);
	osd_drops(50, "", 11);
	model_finish(model);
	expired_is_only(80, 22);
	expired_is_only(70, 11);
}

/* A watch that a trace knows says nothing of one that none knows. */
static void watches_of_one_global_id_are_told_apart_each_by_itself(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "", 11);
	osd_drops(50, "", 33);
	model_finish(model);
	expired_is_only(70, 11);
	expired_is_none(80);
}

/* The one trace is of one cluster, and the log says that it is of another. */
static void a_log_of_another_cluster_says_nothing_of_a_client(void **state)
{
	(void)state;
	watches_in(&trace, 1, 70, "c0ffee", "10.0.0.1:0/1", 11);
	osd_of("deadbeef", 40, "", 33);
	model_finish(model);
	expired_is_none(70);
}

/* Nor address nor a known cookie, but the logs say whose they are: a global id is given once in a cluster. */
static void a_log_of_its_cluster_is_of_the_client(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_of("c0ffee", 40, "", 33);
	model_finish(model);
	expired_is_only(70, 33);
	expired_is_none(80);
}

/* The trace that knows the cookie begins after the OSD's line. */
static void a_line_before_the_traces_waits_for_the_client_it_is_of(void **state)
{
	(void)state;
	watches_in(&other_host, 2, 80, "deadbeef", "10.0.0.2:0/2", 22);
	osd_drops(40, "", 11);
	watches_in(&trace, 41, 70, "c0ffee", "10.0.0.1:0/1", 11);
	model_finish(model);
	expired_is_none(80);
	expired_is_only(70, 11);
}

/* Neither address nor cookie says of which cluster it is: it is of neither. */
static void a_line_that_could_be_of_two_clusters_is_of_neither(void **state)
{
	(void)state;
	a_client_in_each_cluster();
	osd_drops(40, "", 33);
	model_finish(model);
	expired_is_none(70);
	expired_is_none(80);
}

static void two_clusters_count_their_clients_alike(void **state)
{
	(void)state;
	a_client_of("c0ffee", 7);
	a_client_of("deadbeef", 8);
	add(&other_host, 40,
	    (struct event){ .fact = FACT_slow_request,
	                    .slow = { .gid = 7,
	                              .osd = "osd.1",
	                              .object = "rbd_header.d320f1035af0",
	                              .text = "slow request",
	                              .count = 1 } });
	model_finish(model);
	assert_non_null(model->slow_runs);
	assert_null(model->slow_runs->client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_global_ids_of_two_clusters_are_told_apart_by_cookie),
		TEST(equal_global_ids_of_two_clusters_are_told_apart_by_address),
		TEST(a_line_without_an_address_stays_apart_from_those_with_one),
		TEST(a_line_with_an_address_takes_none_without_one),
		TEST(watches_of_one_global_id_are_told_apart_each_by_itself),
		TEST(a_log_of_another_cluster_says_nothing_of_a_client),
		TEST(a_log_of_its_cluster_is_of_the_client),
		TEST(a_line_before_the_traces_waits_for_the_client_it_is_of),
		TEST(a_line_that_could_be_of_two_clusters_is_of_neither),
		TEST(two_clusters_count_their_clients_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
