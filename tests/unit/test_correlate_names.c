/* SPDX-License-Identifier: MIT */
/* Which one it was: the client of which cluster, the snapshot call, the OSD that lost the pings, the images that were open. */
#include "io_failures.h"
#include "story.h"

#define FSID       "c0ffee00"
#define OTHER_FSID "deadbeef"

/* ---- two clusters ---- */

static void sender_of_cluster(struct story *story, const char *fsid)
{
	struct event event = event_at(0, FACT_client_connect);

	event.source = &fencers;
	event.trace.client_connect = (struct fl_client_connect){ .pid = 9021,
		                                                 .global_id = 4307,
		                                                 .host = "",
		                                                 .process = "cinder-volume",
		                                                 .vm_name = "",
		                                                 .vm_uuid = "",
		                                                 .entity = "",
		                                                 .address = "10.99.0.1:0/9",
		                                                 .fsid = fsid,
		                                                 .ceph_version = "" };
	add(story, &event);
}

static void an_address_that_two_clusters_know_is_fenced_in_the_senders(void **state)
{
	a_client_of(*state, 4123, FSID, ADDRESS);
	a_client_of(*state, 77, OTHER_FSID, ADDRESS);
	sender_of_cluster(*state, OTHER_FSID);
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	assert_int_equal(only_incident(*state, 0)->client->global_id, 77);
}

static void a_fence_of_another_cluster_is_not_this_clients(void **state)
{
	a_client_of(*state, 4123, FSID, ADDRESS);
	sender_of_cluster(*state, OTHER_FSID);
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	assert_null(only_incident(*state, 0)->client);
}

static void one_address_fenced_in_two_clusters_is_two_incidents(void **state)
{
	const struct verdicts *verdicts;

	a_client_of(*state, 4123, FSID, ADDRESS);
	a_client_of(*state, 4400, FSID, "10.99.0.1:0/7");
	sender_of_cluster(*state, OTHER_FSID);
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	command(*state, 80, "add", ADDRESS, false, "client.nova");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_null(verdicts->incidents[0].client);
	assert_int_equal(verdicts->incidents[1].client->global_id, 4123);
}

/* ---- two VMs of one name ---- */

static void qemu_fails(struct story *story, double t, const char *uuid, const char *host)
{
	static struct source log;
	struct event event = event_at(t, FACT_io_failure);

	log = (struct source){ .path = "libvirt/qemu/vm1.log", .kind = "libvirt", .host = host };
	event.source = &log;
	event.failure = failure(LAYER_QEMU, -ESHUTDOWN);
	event.failure.vm_name = "vm1";
	event.failure.vm_uuid = uuid;
	add(story, &event);
}

/* Two clouds have an instance-00000001 each: the UUID tells which, the name does not. */
static void what_qemu_says_of_another_vm_of_that_name_is_not_this_vms(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	qemu_fails(*state, 26, "uuid2", "");
	assert_string_equal(only_incident(*state, 0)->client->process->vm_uuid, "uuid2");
}

static void what_qemu_says_of_that_uuid_is_this_vms(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	qemu_fails(*state, 26, "uuid1", "compute2"); /* migrated, or the log was kept elsewhere */
	assert_int_equal(only_incident(*state, 0)->client->global_id, 4123);
}

static void a_name_alone_is_not_a_vm_of_another_host(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	qemu_fails(*state, 26, "", "compute2");
	assert_string_equal(only_incident(*state, 0)->client->process->host, "compute2");
}

static void a_name_alone_is_this_hosts_vm(void **state)
{
	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	qemu_fails(*state, 26, "", "compute1.example.org");
	assert_int_equal(only_incident(*state, 0)->client->global_id, 4123);
}

/* Both are traced, and neither trace has the failure: the line's name is both's. */
static void a_name_alone_is_neither_of_two_traced_vms(void **state)
{
	a_vm_is_there(*state);
	qemu_connects(*state, &fencers, 0.1, 4800, 4200, "uuid2", "10.99.0.3:0/77");
	qemu_opens(*state, &fencers, 25, 4800, 4200, "77");
	pings(*state, 5, 25, true);
	qemu_fails(*state, 25.5, "", "");
	assert_int_equal(only_incident(*state, 0)->client->process->pid, 0);
}

/* A line that names no UUID came first: those of two VMs that follow are not one VM's for it. */
static void a_name_alone_joins_no_two_vms(void **state)
{
	const struct verdicts *verdicts;

	qemu_fails(*state, 20, "", "");
	qemu_fails(*state, 26, "uuid2", "");
	qemu_fails(*state, 27, "uuid3", "");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 3);
}

static void what_qemu_says_of_another_vm_of_that_name_is_no_harm_of_this_fence(void **state)
{
	const struct verdicts *verdicts;

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	command(*state, 25.1, "add", ADDRESS, false, "client.admin");
	qemu_fails(*state, 26, "uuid2", "");
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].failed_ios, 0);
	assert_int_equal(verdicts->incidents[1].failed_ios, 1);
}

static void its_log_says(struct story *story, const struct source *log, double t, enum vm_words what, const char *name,
                         const char *host)
{
	struct event event = event_at(t, FACT_vm_logged);

	event.source = log;
	event.vm = (struct vm_logged){ .what = what,
		                       .name = name,
		                       .uuid = "uuid2",
		                       .host = host,
		                       .device = "",
		                       .pool = "",
		                       .namespace = "",
		                       .image = "",
		                       .user = "" };
	add(story, &event);
}

static void its_log_fails(struct story *story, const struct source *log, double t, const char *name)
{
	struct event event = event_at(t, FACT_io_failure);

	event.source = log;
	event.failure = failure(LAYER_QEMU, -ESHUTDOWN);
	event.failure.vm_name = name;
	event.failure.vm_uuid = "uuid2";
	add(story, &event);
}

static const struct source here = { .path = "a/libvirt/qemu/vm1.log", .kind = "libvirt", .host = "" };
static const struct source there = { .path = "b/libvirt/qemu/vm1.log", .kind = "libvirt", .host = "" };

static void a_migrated_vm_failed_where_its_log_says_so(void **state)
{
	its_log_says(*state, &here, 1, VM_STARTED, "vm1", "compute1");
	its_log_says(*state, &there, 10, VM_STARTED, "vm1", "compute2");
	its_log_says(*state, &here, 11, VM_ENDED, "vm1", "");
	its_log_fails(*state, &there, 30, "vm1");
	assert_string_equal(only_incident(*state, 0)->client->process->host, "compute2");
}

static void a_renamed_vm_has_its_new_name(void **state)
{
	its_log_says(*state, &here, 1, VM_STARTED, "vm-old", "compute1");
	its_log_says(*state, &here, 10, VM_ENDED, "vm-old", "");
	its_log_says(*state, &there, 20, VM_STARTED, "vm-new", "compute1");
	its_log_fails(*state, &there, 30, "vm-new");
	assert_string_equal(only_incident(*state, 0)->client->process->vm_name, "vm-new");
}

/* One syslog of several hosts, whose lines name no VM. */
static void what_two_hosts_say_is_not_one_clients(void **state)
{
	static const struct source hosts[] = { { .path = "messages", .kind = "syslog", .host = "compute1" },
		                               { .path = "messages", .kind = "syslog", .host = "compute2" } };

	for (int i = 0; i < 2; i++) {
		struct event event = event_at(26 + i, FACT_io_failure);
		event.source = &hosts[i];
		event.failure = failure(LAYER_QEMU, -ESHUTDOWN);
		add(*state, &event);
	}
	assert_int_equal(judge(*state, 0)->incident_count, 2);
}

/* krbd has a client of its own, whatever QEMU on that host lost in the same moment. */
static void what_a_kernel_says_of_its_device_is_not_a_traced_vms(void **state)
{
	const struct verdicts *verdicts;
	struct event event = event_at(26.2, FACT_io_failure);

	a_vm_is_there(*state);
	pings(*state, 5, 25, true);
	command(*state, 25.1, "add", ADDRESS, false, "client.admin");
	write_fails(*state, 26);
	event.source = &audit;
	event.failure = failure(LAYER_HOST, -ESHUTDOWN);
	event.failure.device = "rbd0";
	add(*state, &event);
	verdicts = judge(*state, 0);
	assert_int_equal(verdicts->incident_count, 2);
	assert_int_equal(verdicts->incidents[0].failed_ios, 1);
	assert_null(verdicts->incidents[1].blocklist);
	for (size_t i = 0; i < verdicts->incidents[0].evidence_count; i++)
		assert_null(strstr(verdicts->incidents[0].evidence[i].text, "kernel"));
}

/* No trace says whose client that was. */
static void of_two_vms_of_one_name_neither_is_the_fenced_client(void **state)
{
	command(*state, 25.1, "add", ADDRESS, false, "client.admin");
	qemu_fails(*state, 26, "uuid2", "");
	qemu_fails(*state, 27, "uuid3", "");
	assert_null(only_incident(*state, 0)->vm);
}

/* The audit line's client.4400 is at another address than the other cluster's. */
static void a_number_of_another_cluster_is_not_the_sender(void **state)
{
	a_client_of(*state, 4123, FSID, ADDRESS);
	a_client_of(*state, 4400, OTHER_FSID, "192.168.5.5:0/77");
	command(*state, 52, "add", "10.99.0.0/24", true, "client.admin");
	assert_int_equal(only_incident(*state, 0)->client->global_id, 4123);
}

/* ---- the snapshot call ---- */

static void also_creates(struct story *story, double from, double to, const char *snap)
{
	snapshot_begins(story, from, 7, snap, "vm1", "1022");
	snapshot_ends(story, to, 7);
}

static void of_two_snapshot_calls_that_are_open_none_is_named(void **state)
{
	const struct incident *incident;

	a_vm_falls_silent(*state);
	also_creates(*state, 51.5, 54, "s5");
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_int_equal(incident->confidence, CONF_PROVEN);
	assert_null(incident->window->snap);
	assert_null(incident->window->op);
	assert_int_equal(incident->window->count, 2);
	assert_non_null(strstr(incident->chain[LINK_FENCER].text, "one of several snapshot calls"));
}

/* One Ceph user on one host takes snapshots in two clusters: that is no one rotation. */
static void a_snapshot_of_another_cluster_is_not_of_this_rotation(void **state)
{
	struct event event = event_at(51.7, FACT_snapshot_begin);
	const struct incident *incident;

	a_vm_falls_silent(*state);
	a_client_of(*state, 4123, FSID, ADDRESS);
	event.trace.snapshot_begin = (struct fl_snapshot_begin){ .pid = 77,
		                                                 .global_id = 77,
		                                                 .action = 3,
		                                                 .op = "create",
		                                                 .snap = "other",
		                                                 .pool = "rbd",
		                                                 .nspace = "",
		                                                 .name = "vm1",
		                                                 .image_id = "1022" };
	for (int each = 0; each < 2; each++) {
		struct event connect = event_at(51, FACT_client_connect);
		connect.trace.client_connect = (struct fl_client_connect){ .pid = each ? 77 : 9021,
			                                                   .global_id = each ? 77 : 4307,
			                                                   .host = "storage1",
			                                                   .process = "rbd",
			                                                   .vm_name = "",
			                                                   .vm_uuid = "",
			                                                   .entity = "client.cinder",
			                                                   .address = each ? "10.99.0.1:0/77" : "10.99.0.1:0/9",
			                                                   .fsid = each ? OTHER_FSID : FSID,
			                                                   .ceph_version = "" };
		add(*state, &connect);
	}
	add(*state, &event);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->window->snap, "s6");
	assert_int_equal(incident->window->count, 1);
}

static void a_snapshot_call_that_had_ended_is_not_the_one(void **state)
{
	a_vm_falls_silent(*state);
	also_creates(*state, 51, 51.5, "s5");
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	assert_string_equal(only_incident(*state, 0)->window->snap, "s6");
}

/* The manager's snapshots of all images have one client. */
static void a_snapshot_of_another_image_is_not_what_the_lock_was_wanted_for(void **state)
{
	struct event event = event_at(51.9, FACT_watchers_listed);

	a_vm_falls_silent(*state);
	snapshot_begins(*state, 51, 7, "s5", "vm9", "9099");
	event.trace.watchers_listed =
	        (struct fl_watchers_listed){ .pid = 9021, .global_id = 4307, .list = 1, .oid = "rbd_header.1022", .watchers = 0 };
	add(*state, &event);
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	write_fails(*state, 54);
	assert_null(only_incident(*state, 0)->window);
}

/* Where no list tells which lock was wanted, the fenced client's own images do. */
static void a_snapshot_of_an_image_that_the_client_does_not_have_is_not_named(void **state)
{
	a_vm_falls_silent(*state);
	snapshot_begins(*state, 51, 7, "s5", "vm9", "9099");
	sends(*state, 52, FL_ENTRY_EXCLUSIVE_LOCK_BREAK, "client.cinder");
	write_fails(*state, 54);
	assert_null(only_incident(*state, 0)->window);
}

/* Two threads of one service: one takes a snapshot, the other fences. */
static void a_command_that_is_sent_beside_a_snapshot_call_is_not_for_it(void **state)
{
	a_vm_falls_silent(*state);
	snapshot_begins(*state, 51, 7, "s5", "vm1", "1022");
	sends(*state, 52, FL_ENTRY_BLOCKLIST_API, "client.cinder");
	write_fails(*state, 54);
	assert_null(only_incident(*state, 0)->window);
}

/* ---- the OSD ---- */

static void pings_to(struct story *story, double from, double to, const char *osd)
{
	for (double t = from; t <= to; t += 5) {
		struct event sent = event_at(t, FACT_ping_sent);
		sent.trace.ping_sent = (struct fl_ping_sent){
			.pid = 4711, .global_id = 4123, .cookie = COOKIE, .gen = 1, .sent_ns = at(t), .osd = osd
		};
		add(story, &sent);
	}
}

static void pings_lost_by_two_osds_are_not_all_laid_on_one(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	pings(*state, 5, 20, true);
	pings_to(*state, 25, 40, OSD);
	pings_to(*state, 45, 50, "10.99.0.3:6802");
	overdue(*state, 51, 20);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->header_osd, OSD);
	assert_int_equal(incident->lost_pings, 6);
	assert_int_equal(incident->lost_elsewhere, 2);
	assert_non_null(strstr(incident->chain[LINK_SILENCE].text, "6 watch pings unanswered, 4 of them to " OSD));
}

/* ---- the images ---- */

static void closes(struct story *story, double t, uint32_t image)
{
	struct event event = event_at(t, FACT_image_close);

	event.trace.image_close = (struct fl_image_close){ .pid = 4711, .global_id = 4123, .image = image };
	add(story, &event);
}

static void an_image_that_was_closed_before_is_not_cut_off(void **state)
{
	const struct incident *incident;

	a_vm_is_there(*state);
	second_image(*state, 1, COOKIE + 1);
	closes(*state, 10, 2);
	pings(*state, 5, 20, true);
	pings(*state, 25, 50, false);
	overdue(*state, 51, 20);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	incident = only_incident(*state, 0);
	assert_string_equal(incident->image->name, "vm1");
	assert_int_equal(incident->other_count, 0);
}

static void an_image_that_is_open_is_cut_off_as_well(void **state)
{
	a_vm_is_there(*state);
	second_image(*state, 1, COOKIE + 1);
	pings(*state, 5, 20, true);
	lock_breaker(*state, 52, true);
	write_fails(*state, 54);
	closes(*state, 60, 2);
	assert_int_equal(only_incident(*state, 0)->other_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_that_two_clusters_know_is_fenced_in_the_senders),
		TEST(a_fence_of_another_cluster_is_not_this_clients),
		TEST(one_address_fenced_in_two_clusters_is_two_incidents),
		TEST(a_number_of_another_cluster_is_not_the_sender),
		TEST(what_qemu_says_of_another_vm_of_that_name_is_not_this_vms),
		TEST(what_qemu_says_of_that_uuid_is_this_vms),
		TEST(a_name_alone_is_not_a_vm_of_another_host),
		TEST(a_name_alone_is_this_hosts_vm),
		TEST(a_name_alone_is_neither_of_two_traced_vms),
		TEST(a_name_alone_joins_no_two_vms),
		TEST(what_qemu_says_of_another_vm_of_that_name_is_no_harm_of_this_fence),
		TEST(of_two_vms_of_one_name_neither_is_the_fenced_client),
		TEST(a_migrated_vm_failed_where_its_log_says_so),
		TEST(a_renamed_vm_has_its_new_name),
		TEST(what_a_kernel_says_of_its_device_is_not_a_traced_vms),
		TEST(what_two_hosts_say_is_not_one_clients),
		TEST(of_two_snapshot_calls_that_are_open_none_is_named),
		TEST(a_snapshot_of_another_cluster_is_not_of_this_rotation),
		TEST(a_snapshot_call_that_had_ended_is_not_the_one),
		TEST(a_snapshot_of_another_image_is_not_what_the_lock_was_wanted_for),
		TEST(a_snapshot_of_an_image_that_the_client_does_not_have_is_not_named),
		TEST(a_command_that_is_sent_beside_a_snapshot_call_is_not_for_it),
		TEST(pings_lost_by_two_osds_are_not_all_laid_on_one),
		TEST(an_image_that_was_closed_before_is_not_cut_off),
		TEST(an_image_that_is_open_is_cut_off_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
