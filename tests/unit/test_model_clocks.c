/* SPDX-License-Identifier: MIT */
/* Skew between clocks: estimated from what two saw, applied where it is more than an event's own way, and nowhere else. */
#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0     (INT64_C(1795383660) * NS_PER_S)
#define VICTIM "10.99.0.2:0/3655019494"

static const struct source breaker_trace = { .path = "trace", .kind = "ctf", .host = "storage1" };
static const struct source vm_trace = { .path = "trace", .kind = "ctf", .host = "compute1" };
static const struct source audit_log = { .path = "ceph.audit.log", .kind = "ceph-audit", .host = "" };
static const struct source osd_log = { .path = "ceph-osd.0.log", .kind = "ceph-osd", .host = "" };
static struct model *model;

static int begin(void **state)
{
	(void)state;
	model = model_new(&(struct model_options){ .keep_entries = true });
	return model ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	model_free(model);
	return 0;
}

static int64_t at(double seconds)
{
	return T0 + (int64_t)(seconds * 1e9);
}

static void add(const struct source *source, double seconds, struct event event)
{
	event.ts_ns = at(seconds);
	event.source = source;
	assert_int_equal(model_add(&event, model), 0);
}

static void sent(double seconds, uint64_t gid, const char *by, const char *op)
{
	add(&breaker_trace, seconds,
	    (struct event){ .fact = FACT_blocklist,
	                    .trace.blocklist = { .pid = 9,
	                                         .global_id = gid,
	                                         .action = gid,
	                                         .op = op,
	                                         .target = VICTIM,
	                                         .expire_s = -1,
	                                         .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK,
	                                         .call = "",
	                                         .thread = "",
	                                         .by_address = by,
	                                         .by_entity = "" } });
}

static void audited(double seconds, enum audit_phase phase, const char *by, const char *op)
{
	add(&audit_log, seconds,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = op,
	                               .target = VICTIM,
	                               .expire_s = -1,
	                               .from_address = by,
	                               .entity = "client.cinder",
	                               .phase = phase,
	                               .result_text = "" } });
}

static void registered(double traced, double logged)
{
	add(&osd_log, logged,
	    (struct event){ .fact = FACT_watch_logged,
	                    .watch = { .what = WATCH_REGISTERED,
	                               .cookie = 77,
	                               .gid = 4123,
	                               .address = VICTIM,
	                               .object = "",
	                               .osd = "osd.0" } });
	add(&vm_trace, traced,
	    (struct event){
	            .fact = FACT_watch_registered,
	            .trace.watch_registered = {
	                    .pid = 7, .global_id = 4123, .cookie = 77, .oid = "rbd_header.1", .pool = "", .nspace = "" } });
}

static const struct clock_offset *offset_of(const char *host)
{
	const struct clock_offset *offset = model->clocks;

	while (offset && strcmp(offset->host, host))
		offset = offset->next;
	return offset;
}

static void one_command_that_both_hold_is_one_and_moves_no_clock(void **state)
{
	(void)state;
	audited(10.005, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	audited(10.4, AUDIT_FINISHED, "10.0.0.1:0/5", "add");
	sent(100, 4307, "10.0.0.1:0/5", "add");
	model_finish(model);
	assert_null(model->clocks);
	assert_null(model->blocklists->next); /* one command, not two */
	assert_int_equal(model->blocklists->ts_ns, at(100));
	assert_int_equal(model->blocklists->dispatch_ns, at(10.005));
	assert_int_equal(model->blocklists->finished_ns, at(10.4));
}

static void two_commands_that_agree_tell_the_senders_skew(void **state)
{
	(void)state;
	audited(10.005, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	audited(30.005, AUDIT_DISPATCH, "10.0.0.1:0/6", "add");
	sent(100, 4307, "10.0.0.1:0/5", "add");
	sent(120, 4308, "10.0.0.1:0/6", "add");
	model_finish(model);
	assert_non_null(offset_of("storage1"));
	assert_int_equal(offset_of("storage1")->offset_ns, at(10.005) - at(100));
	assert_string_equal(offset_of("storage1")->from, "estimated");
	assert_int_equal(model->blocklists->ts_ns, at(10.005));
}

/* The trace holds one, the audit log another of the same sender: which is which, nothing tells. */
static void a_retry_that_only_one_tells_of_is_not_joined(void **state)
{
	(void)state;
	audited(10, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	audited(70, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	sent(100, 4307, "10.0.0.1:0/5", "add");
	model_finish(model);
	assert_null(model->clocks);
	assert_non_null(model->blocklists->next);
	assert_non_null(model->blocklists->next->next);
}

static void what_may_be_an_events_own_way_is_not_corrected(void **state)
{
	(void)state;
	sent(10, 4307, "10.0.0.1:0/5", "add");
	audited(10.9, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	model_finish(model);
	assert_null(model->clocks);
	assert_int_equal(model->blocklists->ts_ns, at(10));
}

static void a_commands_end_alone_needs_more(void **state)
{
	(void)state;
	sent(10, 4307, "10.0.0.1:0/5", "add");
	audited(12.5, AUDIT_FINISHED, "10.0.0.1:0/5", "add");
	model_finish(model);
	assert_null(model->clocks);
}

static void samples_that_disagree_correct_nothing(void **state)
{
	(void)state;
	audited(10, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	audited(20, AUDIT_DISPATCH, "10.0.0.1:0/6", "add");
	sent(50, 4307, "10.0.0.1:0/5", "add");
	sent(90, 4308, "10.0.0.1:0/6", "add");
	model_finish(model);
	assert_null(model->clocks);
}

static void another_senders_command_is_another_one(void **state)
{
	(void)state;
	audited(10, AUDIT_DISPATCH, "10.0.0.1:0/6", "add");
	sent(100, 4307, "10.0.0.1:0/5", "add");
	model_finish(model);
	assert_null(model->clocks);
	assert_non_null(model->blocklists->next);
}

/* A ping of the watch: sent and answered at `traced`, processed at `logged`. */
static void pinged(double traced, double logged)
{
	add(&vm_trace, traced,
	    (struct event){ .fact = FACT_ping_sent,
	                    .trace.ping_sent = { .pid = 7, .global_id = 4123, .cookie = 77, .osd = "" } });
	add(&vm_trace, traced + 0.001,
	    (struct event){ .fact = FACT_ping_reply,
	                    .trace.ping_reply = { .pid = 7, .global_id = 4123, .cookie = 77, .osd = "" } });
	add(&osd_log, logged,
	    (struct event){
	            .fact = FACT_watch_logged,
	            .watch = { .what = WATCH_PINGED, .cookie = 77, .gid = 4123, .address = "", .object = "", .osd = "osd.0" } });
}

static void a_watch_and_its_pings_that_both_saw_tell_the_clients_skew(void **state)
{
	(void)state;
	registered(57, 10);
	pinged(62, 15);
	model_finish(model);
	assert_non_null(offset_of("compute1"));
	assert_int_equal(offset_of("compute1")->offset_ns, at(10) - at(57));
	assert_int_equal(offset_of("compute1")->samples, 2);
	assert_int_equal(model->clients->first_ns, at(10));
}

static void a_copy_of_a_recording_registers_no_watch_again(void **state)
{
	static const struct source copy = { .path = "copy", .kind = "ctf", .host = "compute1" };

	(void)state;
	registered(100, 10);
	add(&copy, 100.00004,
	    (struct event){
	            .fact = FACT_watch_registered,
	            .trace.watch_registered = {
	                    .pid = 7, .global_id = 4123, .cookie = 77, .oid = "rbd_header.1", .pool = "", .nspace = "" } });
	pinged(105, 15);
	model_finish(model);
	assert_non_null(offset_of("compute1"));
}

static void a_registration_alone_moves_no_clock(void **state)
{
	(void)state;
	registered(57, 10);
	model_finish(model);
	assert_null(model->clocks);
}

/* librbd registers again, and malloc gives the same address. */
static void a_cookie_that_comes_back_tells_no_skew(void **state)
{
	(void)state;
	registered(57, 43);
	registered(90, 90.1);
	pinged(95, 95);
	model_finish(model);
	assert_null(model->clocks);
}

static void what_is_given_is_not_estimated(void **state)
{
	(void)state;
	audited(10, AUDIT_DISPATCH, "10.0.0.1:0/5", "add");
	sent(100, 4307, "10.0.0.1:0/5", "add");
	model_clock_given(model, "storage1", -80 * NS_PER_S);
	model_finish(model);
	assert_string_equal(model->clocks->from, "option");
	assert_null(model->clocks->next);
	assert_null(model->blocklists->next); /* it is one command all the same */
	assert_int_equal(model->blocklists->ts_ns, at(100));
}

static void the_pieces_of_a_rotated_log_are_of_one_clock(void **state)
{
	static const struct source newest = { .path = "logs/ceph-osd.1.log", .kind = "ceph-osd", .host = "" };
	static const struct source older = { .path = "logs/ceph-osd.1.log.1.gz", .kind = "ceph-osd", .host = "" };
	static const struct source other = { .path = "logs/ceph-osd.10.log", .kind = "ceph-osd", .host = "" };

	(void)state;
	assert_string_equal(model_clock(model, &older), model_clock(model, &newest));
	assert_string_not_equal(model_clock(model, &other), model_clock(model, &newest));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_command_that_both_hold_is_one_and_moves_no_clock),
		TEST(two_commands_that_agree_tell_the_senders_skew),
		TEST(a_retry_that_only_one_tells_of_is_not_joined),
		TEST(what_may_be_an_events_own_way_is_not_corrected),
		TEST(a_commands_end_alone_needs_more),
		TEST(samples_that_disagree_correct_nothing),
		TEST(another_senders_command_is_another_one),
		TEST(a_watch_and_its_pings_that_both_saw_tell_the_clients_skew),
		TEST(a_registration_alone_moves_no_clock),
		TEST(a_copy_of_a_recording_registers_no_watch_again),
		TEST(a_cookie_that_comes_back_tells_no_skew),
		TEST(what_is_given_is_not_estimated),
		TEST(the_pieces_of_a_rotated_log_are_of_one_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
