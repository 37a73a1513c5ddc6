/* SPDX-License-Identifier: MIT */
/* A whole host is fenced: in which cluster? Its address may be one of two clusters' clients. */
#include "story.h"

#include <stdio.h>

/* All of a host is fenced while it has clients of two clusters; the log, by its folder, may be of one of them. */
static void fence_a_host(struct story *story, const char *cluster)
{
	static struct source log = { .path = "ceph/FSID/ceph.audit.log", .kind = "ceph-audit", .host = "" };

	a_vm_is_there(story);
	a_client_of(story, 4123, "c0ffee", ADDRESS);
	a_client_of(story, 7, "deadbeef", "10.99.7.7:0/7");
	pings(story, 5, 25, true);
	snprintf(log.cluster, sizeof log.cluster, "%s", cluster);
	command_in(story, &log, 25.1, "add", "10.99.0.2:0/0", false, "client.admin");
	write_fails(story, 26);
}

static const struct incident *a_host_is_fenced(struct story *story, const char *cluster)
{
	fence_a_host(story, cluster);
	return only_incident(story, 0);
}

static void in_which_of_two_clusters_a_host_was_fenced_is_open(void **state)
{
	const struct incident *incident = a_host_is_fenced(*state, "");

	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_LIKELY);
}

/* story 19020:1578: of one cluster there are no traces, and its logs are in a folder beside the other's */
static void in_which_of_two_folders_logs_a_host_was_fenced_is_open(void **state)
{
	static const struct source other = { .path = "b/ceph.audit.log", .kind = "ceph-audit", .host = "" };
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	command_in(*state, &other, 25.1, "add", "10.99.0.2:0/0", false, "client.admin");
	write_fails(*state, 26);
	command(*state, 90, "add", "10.99.9.9:0/9", false, "client.admin");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(verdicts->incidents[0].confidence, CONF_LIKELY);
}

static void clients_of_two_clusters(struct story *story)
{
	a_vm_is_there(story);
	a_client_of(story, 4123, "c0ffee", ADDRESS);
	a_client_of(story, 7, "deadbeef", "10.99.7.7:0/7");
	a_client_of(story, 8, "c0ffee", "10.99.8.8:0/8");
	pings(story, 5, 25, true);
}

/* The same, and a line of that log names a client by address and nonce, whose trace names the cluster. (stories 19009:4989,
 * 19002:225) */
static void a_client_that_a_log_names_says_of_which_cluster_it_is(void **state)
{
	static const struct source other = { .path = "b/ceph.audit.log", .kind = "ceph-audit", .host = "" };
	const struct verdicts *verdicts;

	clients_of_two_clusters(*state);
	command_in(*state, &other, 25.1, "add", "10.99.0.2:0/0", false, "client.admin");
	write_fails(*state, 26);
	command(*state, 90, "add", "10.99.7.7:0/7", false, "client.admin");
	command_in(*state, &other, 91, "add", "10.99.8.8:0/8", false, "client.admin");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 3);
	assert_int_equal(verdicts->incidents[0].cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(verdicts->incidents[0].confidence, CONF_PROVEN);
}

static void a_log_that_names_clients_of_two_clusters_is_of_none(void **state)
{
	const struct verdicts *verdicts;

	clients_of_two_clusters(*state);
	command(*state, 25.1, "add", "10.99.0.2:0/0", false, "client.admin");
	write_fails(*state, 26);
	command(*state, 90, "add", "10.99.7.7:0/7", false, "client.admin");
	command(*state, 91, "add", "10.99.8.8:0/8", false, "client.admin");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 3);
	assert_int_equal(verdicts->incidents[0].cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(verdicts->incidents[0].confidence, CONF_LIKELY);
}

static void the_audit_logs_cluster_says_where_a_host_was_fenced(void **state)
{
	const struct incident *incident = a_host_is_fenced(*state, "c0ffee");

	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->confidence, CONF_PROVEN);
}

static void a_host_that_another_clusters_log_fences_is_not_this_clients(void **state)
{
	const struct verdicts *verdicts;

	fence_a_host(*state, "deadbeef");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_null(verdicts->incidents[0].client);
	assert_null(verdicts->incidents[1].blocklist);
	assert_int_equal(verdicts->incidents[1].confidence, CONF_POSSIBLE);
}

/* The sender's cluster is known, and not the client's: a kernel's, of which only an OSD's log tells. (story 11001:4568) */
static void a_host_that_is_fenced_in_one_cluster_proves_nothing_of_a_client_of_none(void **state)
{
	struct event event = event_at(25.1, FACT_blocklist);

	a_vm_is_there(*state);
	a_client_of(*state, 4400, "deadbeef", "10.99.7.7:0/7");
	a_client_of(*state, 9, "c0ffee", "10.99.8.8:0/8");
	pings(*state, 5, 25, true);
	event.trace.blocklist = (struct fl_blocklist){ .pid = 4400,
		                                       .global_id = 4400,
		                                       .action = 2,
		                                       .op = "add",
		                                       .target = "10.99.0.2:0/0",
		                                       .expire_s = -1,
		                                       .entry = FL_ENTRY_MONITOR_COMMAND,
		                                       .call = "",
		                                       .thread = "",
		                                       .by_address = "10.99.7.7:0/7",
		                                       .by_entity = "client.admin" };
	add(*state, &event);
	write_fails(*state, 26);
	assert_int_not_equal(only_incident(*state, 0)->confidence, CONF_PROVEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_which_of_two_clusters_a_host_was_fenced_is_open),
		TEST(in_which_of_two_folders_logs_a_host_was_fenced_is_open),
		TEST(a_client_that_a_log_names_says_of_which_cluster_it_is),
		TEST(a_log_that_names_clients_of_two_clusters_is_of_none),
		TEST(the_audit_logs_cluster_says_where_a_host_was_fenced),
		TEST(a_host_that_another_clusters_log_fences_is_not_this_clients),
		TEST(a_host_that_is_fenced_in_one_cluster_proves_nothing_of_a_client_of_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
