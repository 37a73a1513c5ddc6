/* SPDX-License-Identifier: MIT */
/* Verdicts from what only logs tell: who it was, by address, VM name or time, and what the blocklist says; what stays unknown. */
#include "logged_facts.h"

/* ---- who failed ---- */

static void a_line_with_a_time_belongs_to_the_only_fence_of_that_time(void **state)
{
	const struct incident *incident;

	(void)state;
	blocklisted(0, "add", ADDRESS);
	fails(&qemu_log, 29, failure(LAYER_QEMU, -ESHUTDOWN));
	blocklisted(1000, "rm", ADDRESS);
	blocklisted(1300, "add", OTHER);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_LIKELY);
	assert_int_equal(incident[0].first_eshutdown.ts_ns, at(29));
	assert_int_equal(incident[0].failed_ios, 1);
	assert_true(is_missing(&incident[0], "this was the only one fenced at that time"));
	assert_int_equal(incident[1].confidence, CONF_POSSIBLE);
	assert_int_equal(incident[1].failed_ios, 0);
}

static void a_line_without_a_time_raises_nothing_and_is_named(void **state)
{
	const struct incident *incident;

	(void)state;
	fails(&qemu_log, -1, failure(LAYER_QEMU, -ESHUTDOWN));
	blocklisted(0, "add", ADDRESS);
	incident = judge(1);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_int_equal(incident->first_eshutdown.ts_ns, 0);
	assert_true(is_missing(incident, "the log gives no time"));
}

static void of_two_fences_at_once_a_line_that_names_nobody_proves_neither(void **state)
{
	const struct incident *incident;

	(void)state;
	blocklisted(0, "add", ADDRESS);
	blocklisted(1, "add", OTHER);
	fails(&qemu_log, 5, failure(LAYER_QEMU, -ESHUTDOWN));
	incident = judge(2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(incident[i].confidence, CONF_POSSIBLE);
		assert_true(is_missing(&incident[i], "2 were fenced at that time"));
	}
}

/* One of the two was fenced by whom no input tells. */
static void of_two_vms_that_failed_neither_is_the_one_that_was_fenced(void **state)
{
	static const struct source other_log = { .path = "vm2.log", .kind = "qemu", .host = "" };
	struct io_failure first = failure(LAYER_QEMU, -ESHUTDOWN), second = first;
	const struct incident *incident;

	(void)state;
	first.vm_name = "vm1";
	second.vm_name = "vm2";
	blocklisted(0, "add", ADDRESS);
	fails(&qemu_log, 5, first);
	fails(&other_log, 6, second);
	incident = judge(1);
	assert_null(incident->vm);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_int_equal(incident->failed_ios, 0);
	assert_true(is_missing(incident, "the logs of several VMs have one at that time"));
}

static void of_two_vms_the_one_that_failed_an_hour_ago_is_not_meant(void **state)
{
	static const struct source other_log = { .path = "vm2.log", .kind = "qemu", .host = "" };
	struct io_failure first = failure(LAYER_QEMU, -ESHUTDOWN), second = first;

	(void)state;
	first.vm_name = "vm1";
	second.vm_name = "vm2";
	blocklisted(3600, "add", ADDRESS);
	fails(&other_log, 5, second);
	fails(&qemu_log, 3605, first);
	judge(2);
	for (size_t i = 0; i < 2; i++)
		if (verdicts.incidents[i].blocklist)
			assert_string_equal(verdicts.incidents[i].vm->vm_name, "vm1");
}

static void an_osd_that_names_the_address_decides_between_two(void **state)
{
	struct io_failure refused = osd_refuses(OTHER);
	const struct incident *incident;

	(void)state;
	blocklisted(0, "add", ADDRESS);
	blocklisted(1, "add", OTHER);
	fails(&osd_log, 5, refused);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_POSSIBLE);
	assert_int_equal(incident[1].confidence, CONF_LIKELY);
}

static void io_that_failed_before_the_fence_is_not_its_doing(void **state)
{
	(void)state;
	fails(&qemu_log, 0, failure(LAYER_QEMU, -EIO));
	blocklisted(100, "add", ADDRESS);
	assert_int_equal(judge(1)->confidence, CONF_POSSIBLE);
}

static void minus_5_and_minus_110_are_no_fence(void **state)
{
	(void)state;
	fails(&qemu_log, 5, failure(LAYER_QEMU, -EIO));
	fails(&qemu_log, 6, failure(LAYER_QEMU, -ETIMEDOUT));
	fails(&qemu_log, 7, failure(LAYER_GUEST, -EIO));
	judge(0);
}

static void a_guests_kernel_raises_nothing(void **state)
{
	(void)state;
	blocklisted(0, "add", ADDRESS);
	fails(&qemu_log, 5, failure(LAYER_GUEST, -EIO));
	assert_int_equal(judge(1)->confidence, CONF_POSSIBLE);
}

/* krbd's watch failed, and half a minute later it was refused: the fence came, and was not missed. */
static void a_device_whose_watch_failed_and_that_was_refused_then_is_no_near_miss(void **state)
{
	static const struct source kernel_log = { .path = "kern.log", .kind = "kernel", .host = "compute1" };
	struct io_failure failed = failure(LAYER_HOST, -ENOTCONN), refused = failure(LAYER_HOST, -ESHUTDOWN);

	(void)state;
	failed.device = refused.device = "rbd0";
	fails(&kernel_log, 5, failed);
	blocklisted(31, "add", ADDRESS);
	fails(&kernel_log, 33, refused);
	judge(1);
	assert_int_equal(verdicts.near_miss_count, 0);
}

static void without_any_command_a_vms_108_is_an_incident_of_its_own(void **state)
{
	struct io_failure failed = failure(LAYER_QEMU, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	failed.vm_name = "vm1";
	fails(&qemu_log, 5, failed);
	fails(&qemu_log, 6, failed);
	incident = judge(1);
	assert_null(incident->blocklist);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_string_equal(incident->client->process->vm_name, "vm1");
	assert_int_equal(incident->failed_ios, 2);
}

static struct fl_state state_of_vm1(uint64_t gid, const char *address)
{
	return (struct fl_state){ .pid = 7,
		                  .global_id = gid,
		                  .image = (uint32_t)gid,
		                  .host = "compute1",
		                  .process = "qemu-system-x86_64",
		                  .vm_name = "vm1",
		                  .vm_uuid = "uuid1",
		                  .entity = "client.nova",
		                  .address = address,
		                  .fsid = "",
		                  .ceph_version = "",
		                  .nspace = "",
		                  .not_understood = "",
		                  .pool = "rbd",
		                  .name = gid == GID ? "a" : "b",
		                  .image_id = gid == GID ? "10" : "11" };
}

static void a_traced_vm_is_known_by_its_name(void **state)
{
	struct io_failure failed = failure(LAYER_QEMU, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	add(&trace, 0, (struct event){ .fact = FACT_state, .trace.state = state_of_vm1(GID, ADDRESS) });
	blocklisted(10, "add", OTHER);
	blocklisted(11, "add", ADDRESS);
	failed.vm_name = "vm1";
	fails(&qemu_log, 12, failed);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_POSSIBLE);
	assert_int_equal(incident[1].confidence, CONF_LIKELY);
	assert_int_equal(incident[1].failed_ios, 1);
}

/* A VM that migrated: its former process failed, and no input but that QEMU's log tells of it. */
static void a_vms_108_is_not_its_other_process_that_lives_on(void **state)
{
	struct io_failure failed = failure(LAYER_QEMU, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	add(&trace, 0, (struct event){ .fact = FACT_state, .trace.state = state_of_vm1(GID, ADDRESS) });
	add(&trace, 0.1,
	    (struct event){ .fact = FACT_watch_registered,
	                    .trace.watch_registered = {
	                            .pid = 7, .global_id = GID, .cookie = COOKIE, .oid = HEADER, .pool = "rbd", .nspace = "" } });
	failed.vm_name = "vm1";
	fails(&qemu_log, 12, failed);
	for (double t = 5; t < 60; t += 5)
		add(&trace, t + 0.001,
		    (struct event){ .fact = FACT_ping_reply,
		                    .trace.ping_reply = { .pid = 7,
		                                          .global_id = GID,
		                                          .cookie = COOKIE,
		                                          .sent_ns = (uint64_t)at(t),
		                                          .rtt_ns = 1000000,
		                                          .osd = "10.99.0.1:6800" } });
	incident = judge(1);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_false(incident->address_text && *incident->address_text);
	assert_string_equal(incident->client->process->vm_name, "vm1");
	assert_int_equal(incident->client->process->pid, 0);
}

/* ---- the cluster's blocklist ---- */

static void listed(const char *target, double expires)
{
	add(&command, -1,
	    (struct event){ .fact = FACT_blocklist_entry, .entry = { .target = target, .expires_ns = at(expires) } });
}

static void an_entry_says_until_when_better_than_the_default_does(void **state)
{
	(void)state;
	listed(ADDRESS, 86400);
	blocklisted(0, "add", ADDRESS);
	assert_int_equal(judge(1)->expires_ns, at(86400));
}

static void an_entry_that_no_command_explains_is_a_fence(void **state)
{
	const struct incident *incident;

	(void)state;
	listed(ADDRESS, 3600);
	incident = judge(1);
	assert_null(incident->blocklist);
	assert_int_equal(incident->confidence, CONF_POSSIBLE);
	assert_string_equal(incident->address_text, ADDRESS);
	assert_int_equal(incident->expires_ns, at(3600));
	assert_true(is_missing(incident, "no input tells who put it there"));
}

static void a_managers_failover_is_no_incident(void **state)
{
	(void)state;
	listed("10.99.0.1:6800/1234567", 86400);
	listed("10.99.0.1:0/333", 86400);
	listed("10.99.0.1:0/334", 86400);
	judge(0);
}

/* ---- memory ---- */

static void clients_that_left_in_good_order_are_forgotten(void **state)
{
	size_t left = 0;

	(void)state;
	model_free(model);
	model = model_new(&(struct model_options){ 0 }); /* as `incidents` does */
	for (int i = 0; i < 20000; i++) {
		watch(&osd_log, i, WATCH_REGISTERED,
		      (struct watch_logged){ .cookie = COOKIE + i, .gid = GID + i, .object = HEADER });
		watch(&osd_log, i + 0.5, WATCH_REMOVED, (struct watch_logged){ .cookie = COOKIE + i, .gid = GID + i });
	}
	for (const struct client *client = model->clients; client; client = client->next)
		left++;
	assert_in_range(left, 1, 3000);
	judge(0);
}

/* ---- two drives of one QEMU, whose log names neither ---- */

static void a_drive_is_there(uint64_t gid, const char *address)
{
	struct fl_state state = state_of_vm1(gid, address);

	state.cookie = COOKIE + gid;
	add(&trace, 0.1, (struct event){ .fact = FACT_state, .trace.state = state });
}

static void a_drive_fails(uint64_t gid, double seconds, uint64_t offset)
{
	const struct fl_io_eshutdown refused = { .pid = 7,
		                                 .global_id = gid,
		                                 .image = (uint32_t)gid,
		                                 .op = FL_IO_WRITE,
		                                 .offset = offset,
		                                 .length = 4096,
		                                 .result = -ESHUTDOWN };

	add(&trace, seconds, (struct event){ .fact = FACT_io_eshutdown, .trace.io_eshutdown = refused });
}

static bool has_line(const struct incident *incident, const char *words)
{
	for (size_t i = 0; i < incident->evidence_count; i++)
		if (strstr(incident->evidence[i].text, words))
			return true;
	return false;
}

static void a_line_of_one_drives_io_is_none_of_the_others(void **state)
{
	struct io_failure told = failure(LAYER_QEMU, -ESHUTDOWN);
	const struct incident *incidents;

	(void)state;
	a_drive_is_there(GID, ADDRESS);
	a_drive_is_there(GID + 1, OTHER);
	blocklisted(20, "add", ADDRESS);
	blocklisted(20.1, "add", OTHER);
	a_drive_fails(GID, 24.5, 4096);
	a_drive_fails(GID + 1, 27, 8192);
	told.vm_name = "vm1";
	told.vm_uuid = "uuid1";
	told.op = FL_IO_WRITE;
	told.offset = 4096;
	told.length = 4096;
	fails(&qemu_log, 36, told);
	incidents = judge(2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(has_line(&incidents[i], "QEMU of VM"), !strcmp(incidents[i].address_text, ADDRESS));
}

/* The OSD names the client, whose trace has the -108 only later. */
static void an_osds_line_of_one_drives_client_is_none_of_the_others(void **state)
{
	struct io_failure told = failure(LAYER_OSD, -ESHUTDOWN);
	const struct incident *incidents;

	(void)state;
	a_drive_is_there(GID, ADDRESS);
	a_drive_is_there(GID + 1, OTHER);
	blocklisted(20, "add", ADDRESS);
	blocklisted(20.1, "add", OTHER);
	told.address = OTHER;
	fails(&osd_log, 23, told);
	a_drive_fails(GID, 24.5, 4096);
	a_drive_fails(GID + 1, 27, 8192);
	incidents = judge(2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(has_line(&incidents[i], "the OSD of VM"), !strcmp(incidents[i].address_text, OTHER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_with_a_time_belongs_to_the_only_fence_of_that_time),
		TEST(a_line_without_a_time_raises_nothing_and_is_named),
		TEST(of_two_fences_at_once_a_line_that_names_nobody_proves_neither),
		TEST(of_two_vms_that_failed_neither_is_the_one_that_was_fenced),
		TEST(of_two_vms_the_one_that_failed_an_hour_ago_is_not_meant),
		TEST(an_osd_that_names_the_address_decides_between_two),
		TEST(io_that_failed_before_the_fence_is_not_its_doing),
		TEST(minus_5_and_minus_110_are_no_fence),
		TEST(a_guests_kernel_raises_nothing),
		TEST(without_any_command_a_vms_108_is_an_incident_of_its_own),
		TEST(a_device_whose_watch_failed_and_that_was_refused_then_is_no_near_miss),
		TEST(a_traced_vm_is_known_by_its_name),
		TEST(a_vms_108_is_not_its_other_process_that_lives_on),
		TEST(an_entry_says_until_when_better_than_the_default_does),
		TEST(an_entry_that_no_command_explains_is_a_fence),
		TEST(a_managers_failover_is_no_incident),
		TEST(clients_that_left_in_good_order_are_forgotten),
		TEST(a_line_of_one_drives_io_is_none_of_the_others),
		TEST(an_osds_line_of_one_drives_client_is_none_of_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
