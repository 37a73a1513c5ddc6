/* SPDX-License-Identifier: MIT */
/* Verdicts from what only logs tell: who it was, by address, watch, image, VM name or time; and what stays unknown. */
#include "correlate/correlate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0      (INT64_C(1795383660) * NS_PER_S)
#define ADDRESS "10.99.2.2:0/2373152655"
#define OTHER   "10.99.2.3:0/1548601709"
#define BREAKER "10.99.1.2:0/1023636414"
#define GID     4172
#define COOKIE  140417781821920
#define HEADER  "rbd_header.1030ece95c20"

static const struct source audit_log = { .path = "ceph.audit.log", .kind = "ceph-audit", .host = "" };
static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };
static const struct source client_log = { .path = "client.nova.log", .kind = "ceph-client", .host = "" };
static const struct source qemu_log = { .path = "vm1.log", .kind = "qemu", .host = "" };
static const struct source command = { .path = "blocklist.txt", .kind = "osd-blocklist-ls", .host = "" };
static const struct source trace = { .path = "trace", .kind = "ctf", .host = "compute1" };

static struct model *model;
static struct verdicts verdicts;

static int begin(void **state)
{
	(void)state;
	model = model_new(&(struct model_options){ .keep_entries = true });
	memset(&verdicts, 0, sizeof(verdicts));
	return model ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	verdicts_free(&verdicts);
	model_free(model);
	return 0;
}

static int64_t at(double seconds)
{
	return T0 + (int64_t)(seconds * 1e9);
}

static void add(const struct source *source, double seconds, struct event event)
{
	event.ts_ns = seconds < 0 ? 0 : at(seconds);
	event.source = source;
	assert_int_equal(model_add(&event, model), 0);
}

static const struct incident *judge(size_t count)
{
	const struct correlate_options options = { 0 };

	model_finish(model);
	assert_int_equal(correlate(model, &options, &verdicts), 0);
	assert_int_equal(verdicts.incident_count, count);
	return verdicts.incidents;
}

static void blocklisted(double seconds, const char *op, const char *target)
{
	add(&audit_log, seconds,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = op,
	                               .target = target,
	                               .expire_s = -1,
	                               .from_address = BREAKER,
	                               .entity = "client.cinder",
	                               .phase = AUDIT_DISPATCH,
	                               .result_text = "" } });
}

static void watch(const struct source *source, double seconds, enum watch_words what, struct watch_logged more)
{
	more.what = what;
	more.address = more.address ? more.address : "";
	more.object = more.object ? more.object : "";
	more.osd = source == &osd_log ? "osd.0" : "";
	add(source, seconds, (struct event){ .fact = FACT_watch_logged, .watch = more });
}

/* As an OSD logs it at debug_osd 10: registered, pinged every 5 s, then silence and the timeout. */
static void osd_tells_of_an_expiry(void)
{
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	for (int t = 5; t <= 15; t += 5) {
		watch(&osd_log, t, WATCH_NAMED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
		watch(&osd_log, t, WATCH_PINGED,
		      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	}
	watch(&osd_log, 35, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
}

static struct io_failure failure(enum io_layer layer, int32_t result)
{
	return (struct io_failure){ .layer = layer,
		                    .io = true,
		                    .vm_name = "",
		                    .vm_uuid = "",
		                    .device = "drive-virtio-disk0",
		                    .pool = "",
		                    .image = "",
		                    .op = FL_IO_OPS,
		                    .result = result,
		                    .image_id = "",
		                    .address = "",
		                    .text = "block i/o error in device 'drive-virtio-disk0'" };
}

static void fails(const struct source *source, double seconds, struct io_failure what)
{
	add(source, seconds, (struct event){ .fact = FACT_io_failure, .failure = what });
}

static bool is_missing(const struct incident *incident, const char *words)
{
	for (size_t i = 0; i < incident->missing_count; i++)
		if (strstr(incident->missing[i], words))
			return true;
	return false;
}

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

static void an_osd_that_names_the_address_decides_between_two(void **state)
{
	struct io_failure refused = failure(LAYER_OSD, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	refused.address = OTHER;
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

static void a_traced_vm_is_known_by_its_name(void **state)
{
	struct io_failure failed = failure(LAYER_QEMU, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	add(&trace, 0,
	    (struct event){ .fact = FACT_state,
	                    .trace.state = { .pid = 7,
	                                     .global_id = GID,
	                                     .host = "compute1",
	                                     .process = "qemu-system-x86_64",
	                                     .vm_name = "vm1",
	                                     .vm_uuid = "u",
	                                     .entity = "",
	                                     .address = ADDRESS,
	                                     .fsid = "",
	                                     .ceph_version = "",
	                                     .not_understood = "",
	                                     .image = 1,
	                                     .pool = "rbd",
	                                     .nspace = "",
	                                     .name = "vm1",
	                                     .image_id = "1" } });
	blocklisted(10, "add", OTHER);
	blocklisted(11, "add", ADDRESS);
	failed.vm_name = "vm1";
	fails(&qemu_log, 12, failed);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_POSSIBLE);
	assert_int_equal(incident[1].confidence, CONF_LIKELY);
	assert_int_equal(incident[1].failed_ios, 1);
}

/* ---- the watch ---- */

static void an_osds_log_shows_the_expiry_but_not_whether_pings_were_sent(void **state)
{
	const struct incident *incident;
	struct io_failure refused = failure(LAYER_OSD, -ESHUTDOWN);

	(void)state;
	refused.address = ADDRESS;
	osd_tells_of_an_expiry();
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 39, refused);
	incident = judge(1);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->cause, CAUSE_UNKNOWN);
	assert_int_equal(incident->client->global_id, GID);
	assert_int_equal(incident->last_ping_ack_ns, at(15));
	assert_int_equal(incident->watch_expired_ns, at(35));
	assert_string_equal(incident->watch_expired_from, "seen");
	assert_int_equal(incident->watch_timeout_s, 20);
	assert_string_equal(incident->watch_timeout_from, "log");
	assert_string_equal(incident->header_object, HEADER);
	assert_string_equal(incident->image->id, "1030ece95c20");
	assert_true(is_missing(incident, "whether the client's watch pings were lost on the way"));
}

static void a_ping_among_the_slow_requests_is_a_lost_ping(void **state)
{
	const struct incident *incident;
	struct io_failure refused = failure(LAYER_OSD, -ESHUTDOWN);

	(void)state;
	refused.address = ADDRESS;
	osd_tells_of_an_expiry();
	add(&osd_log, 35.5,
	    (struct event){ .fact = FACT_slow_request,
	                    .slow = { .osd = "osd.0",
	                              .blocked_ns = 15 * NS_PER_S,
	                              .gid = GID,
	                              .cookie = COOKIE,
	                              .object = HEADER,
	                              .text = "slow request" } });
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 39, refused);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_INFERRED); /* the audit log tells no call */
}

static void the_clients_own_log_is_joined_by_the_cookie(void **state)
{
	struct io_failure failed = failure(LAYER_CLIENT, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	osd_tells_of_an_expiry();
	watch(&client_log, 35.1, WATCH_FAILED, (struct watch_logged){ .cookie = COOKIE, .result = -ENOTCONN });
	blocklisted(36, "add", ADDRESS);
	blocklisted(36.5, "add", OTHER);
	fails(&client_log, 39, failed);
	incident = judge(2);
	assert_int_equal(incident[0].confidence, CONF_LIKELY);
	assert_int_equal(incident[0].first_eshutdown.ts_ns, at(39));
	assert_int_equal(incident[0].cause, CAUSE_UNKNOWN); /* -107 only told of the expiry */
	assert_int_equal(incident[1].confidence, CONF_POSSIBLE);
}

static void pings_in_the_clients_log_without_an_answer_are_lost(void **state)
{
	static const struct source log = {
		.path = "client.log", .kind = "ceph-client", .host = "", .end_ns = T0 + 60 * NS_PER_S
	};
	struct io_failure failed = failure(LAYER_CLIENT, -ESHUTDOWN);
	const struct incident *incident;

	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	watch(&osd_log, 1, WATCH_NAMED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
	for (int t = 5; t <= 35; t += 5) {
		watch(&log, t, WATCH_PING_SENT, (struct watch_logged){ .cookie = COOKIE });
		if (t <= 15)
			watch(&log, t + 0.001, WATCH_PING_REPLY, (struct watch_logged){ .cookie = COOKIE });
	}
	watch(&osd_log, 35.2, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	blocklisted(36, "add", ADDRESS);
	fails(&log, 39, failed);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_LOST_PINGS);
	assert_int_equal(incident->confidence, CONF_LIKELY);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->chain[LINK_FENCER].status, STATUS_INFERRED); /* the audit log tells no call */
	assert_int_equal(incident->lost_pings, 4);
	assert_int_equal(incident->last_ping_ack_ns, at(15));
}

static void pings_that_the_osd_processed_to_the_end_show_a_client_alive(void **state)
{
	const struct incident *incident;
	struct io_failure refused = failure(LAYER_OSD, -ESHUTDOWN);

	(void)state;
	refused.address = ADDRESS;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .timeout_s = 20 });
	for (int t = 5; t <= 35; t += 5)
		watch(&osd_log, t, WATCH_PINGED, (struct watch_logged){ .cookie = COOKIE, .gid = GID, .object = HEADER });
	blocklisted(36, "add", ADDRESS);
	fails(&osd_log, 37, refused);
	incident = judge(1);
	assert_int_equal(incident->cause, CAUSE_FENCED_WHILE_ALIVE);
	assert_int_equal(incident->chain[LINK_SILENCE].status, STATUS_SEEN);
	assert_int_equal(incident->confidence, CONF_LIKELY); /* through which call client.cinder did it is not told */
}

static bool is_evidence(const struct incident *incident, const char *words)
{
	for (size_t i = 0; i < incident->evidence_count; i++)
		if (strstr(incident->evidence[i].text, words))
			return true;
	return false;
}

static void a_connection_that_did_not_come_back_is_evidence(void **state)
{
	(void)state;
	watch(&osd_log, 0, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE, .gid = GID, .address = ADDRESS, .object = HEADER });
	watch(&osd_log, 3, WATCH_DISCONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 4, WATCH_CONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 5, WATCH_PINGED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 6, WATCH_DISCONNECTED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	watch(&osd_log, 35, WATCH_EXPIRED, (struct watch_logged){ .cookie = COOKIE, .gid = GID });
	blocklisted(36, "add", ADDRESS);
	assert_true(is_evidence(judge(1), "lost the client's connection"));
	assert_int_equal(verdicts.incidents->image->watches->disconnected_ns, at(6));
}

static void an_expiry_that_nobody_used_is_a_near_miss(void **state)
{
	(void)state;
	osd_tells_of_an_expiry();
	watch(&osd_log, 40, WATCH_REGISTERED,
	      (struct watch_logged){ .cookie = COOKIE + 8, .gid = GID, .address = ADDRESS, .object = HEADER });
	judge(0);
	assert_int_equal(verdicts.near_miss_count, 1);
	assert_int_equal(verdicts.near_misses[0].kind, NEAR_WATCH_EXPIRED);
	assert_int_equal(verdicts.near_misses[0].end_ns, at(40));
}

/* ---- the lock breaker's log ---- */

static void the_breakers_own_log_tells_the_way_in_and_the_snapshot(void **state)
{
	static const struct source log = { .path = "client.cinder.log", .kind = "ceph-client", .host = "" };
	const struct incident *incident;

	(void)state;
	osd_tells_of_an_expiry();
	add(&log, 35.2, (struct event){ .fact = FACT_snapshot_logged, .snapshot = { .op = "create", .snap = "daily-6" } });
	add(&log, 35.9,
	    (struct event){ .fact = FACT_lock_logged, .lock = { .what = LOCK_SEEN_BY_BREAKER, .gid = GID, .address = ADDRESS } });
	add(&log, 35.95,
	    (struct event){ .fact = FACT_lock_logged,
	                    .lock = { .what = LOCK_BREAKER_BLOCKLISTS, .gid = GID, .by_gid = 4201, .address = "" } });
	add(&audit_log, 36,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = "add",
	                               .target = ADDRESS,
	                               .expire_s = -1,
	                               .from_address = BREAKER,
	                               .from_gid = 4201,
	                               .entity = "client.cinder",
	                               .result_text = "" } });
	incident = judge(1);
	assert_string_equal(incident_entry_name(incident), "exclusive-lock-break");
	assert_non_null(incident->window);
	assert_string_equal(incident->window->snap, "daily-6");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_with_a_time_belongs_to_the_only_fence_of_that_time),
		TEST(a_line_without_a_time_raises_nothing_and_is_named),
		TEST(of_two_fences_at_once_a_line_that_names_nobody_proves_neither),
		TEST(an_osd_that_names_the_address_decides_between_two),
		TEST(io_that_failed_before_the_fence_is_not_its_doing),
		TEST(minus_5_and_minus_110_are_no_fence),
		TEST(a_guests_kernel_raises_nothing),
		TEST(without_any_command_a_vms_108_is_an_incident_of_its_own),
		TEST(a_traced_vm_is_known_by_its_name),
		TEST(an_osds_log_shows_the_expiry_but_not_whether_pings_were_sent),
		TEST(a_ping_among_the_slow_requests_is_a_lost_ping),
		TEST(the_clients_own_log_is_joined_by_the_cookie),
		TEST(pings_in_the_clients_log_without_an_answer_are_lost),
		TEST(pings_that_the_osd_processed_to_the_end_show_a_client_alive),
		TEST(a_connection_that_did_not_come_back_is_evidence),
		TEST(an_expiry_that_nobody_used_is_a_near_miss),
		TEST(the_breakers_own_log_tells_the_way_in_and_the_snapshot),
		TEST(an_entry_says_until_when_better_than_the_default_does),
		TEST(an_entry_that_no_command_explains_is_a_fence),
		TEST(a_managers_failover_is_no_incident),
		TEST(clients_that_left_in_good_order_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
