/* SPDX-License-Identifier: MIT */
/* Blocklist commands, from trace and audit log: which facts are one command, who sent it, and whose timeline shows it. */
#include "io_failures.h"
#include "model_fixture.h"

#define VICTIM  "10.99.0.2:0/2600511695"
#define BREAKER "10.99.0.1:0/4711"

static const struct source vm_trace = { .path = "vm", .kind = "ctf", .host = "compute1" };
static const struct source rbd_trace = { .path = "rbd", .kind = "ctf", .host = "storage1" };
static const struct source audit_log = { .path = "audit", .kind = "ceph-audit", .host = "" };
static const struct source mon_log = { .path = "mon", .kind = "ceph-daemon", .host = "" };

static void audit(const struct source *source, double seconds, enum audit_phase phase, const char *op, const char *target,
                  const char *from, const char *entity)
{
	add(source, seconds,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = op,
	                               .target = target,
	                               .from_address = from,
	                               .entity = entity,
	                               .expire_s = -1,
	                               .phase = phase,
	                               .result_text = "" } });
}

static void vm_state(double seconds, uint32_t pid, uint64_t gid, uint32_t serial, const char *name, const char *address)
{
	add(&vm_trace, seconds,
	    (struct event){ .fact = FACT_state,
	                    .trace.state = { .pid = pid,
	                                     .global_id = gid,
	                                     .host = "compute1",
	                                     .process = "qemu-system-x86_64",
	                                     .vm_name = "vm1",
	                                     .vm_uuid = "u1",
	                                     .entity = "client.nova",
	                                     .address = address,
	                                     .fsid = "",
	                                     .ceph_version = "",
	                                     .not_understood = "",
	                                     .image = serial,
	                                     .pool = "rbd",
	                                     .nspace = "",
	                                     .name = name,
	                                     .image_id = name,
	                                     .cookie = 0 } });
}

static void breaker_state(double seconds, uint64_t gid, const char *address)
{
	add(&rbd_trace, seconds,
	    (struct event){ .fact = FACT_client_connect,
	                    .trace.client_connect = { .pid = 4711,
	                                              .global_id = gid,
	                                              .host = "storage1",
	                                              .process = "rbd",
	                                              .vm_name = "",
	                                              .vm_uuid = "",
	                                              .entity = "",
	                                              .address = address,
	                                              .fsid = "",
	                                              .ceph_version = "" } });
}

static void traced(double seconds, uint64_t action, const char *op, uint64_t gid, const char *by, const char *by_entity)
{
	add(&rbd_trace, seconds,
	    (struct event){ .fact = FACT_blocklist,
	                    .trace.blocklist = { .pid = 4711,
	                                         .global_id = gid,
	                                         .action = action,
	                                         .op = op,
	                                         .target = VICTIM,
	                                         .expire_s = -1,
	                                         .entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK,
	                                         .call = "MonClient::_send_command",
	                                         .thread = "io_context_pool",
	                                         .by_address = by,
	                                         .by_entity = by_entity } });
}

static size_t actions(void)
{
	size_t count = 0;

	for (struct blocklist_action *action = model->blocklists; action; action = action->next)
		count++;
	return count;
}

static const struct timeline_entry *entry_of(const struct image *image, enum timeline_kind kind)
{
	for (size_t i = 0; i < image->entry_count; i++)
		if (image->entries[i].kind == kind)
			return &image->entries[i];
	return NULL;
}

static struct image *image_named(const char *name)
{
	for (struct client *client = model->clients; client; client = client->next)
		for (struct image *image = client->images; image; image = image->next)
			if (!strcmp(image->name, name))
				return image;
	fail_msg("no image %s", name);
	return NULL;
}

static void trace_and_audit_lines_are_one_command(void **state)
{
	const struct timeline_entry *entry;
	struct blocklist_action *action;

	(void)state;
	vm_state(0, 7, 4143, 1, "disk1", VICTIM);
	breaker_state(1, 4200, BREAKER);
	traced(10, 1, "add", 4200, BREAKER, "client.wrong");
	audit(&mon_log, 10.2, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.cinder");
	audit(&audit_log, 10.205, AUDIT_DISPATCH, "add", "any:10.99.0.2:0/2600511695", BREAKER, "client.cinder");
	audit(&mon_log, 11, AUDIT_FINISHED, "add", VICTIM, BREAKER, "client.cinder");
	audit(&audit_log, 11.005, AUDIT_FINISHED, "add", VICTIM, BREAKER, "client.cinder");
	model_finish(model);
	assert_int_equal(actions(), 1);
	action = model->blocklists;
	assert_int_equal(action->ts_ns, S(10));
	assert_int_equal(action->dispatch_ns, S(10.2));
	assert_int_equal(action->finished_ns, S(11));
	assert_string_equal(action->entity, "client.cinder");
	assert_string_equal(action->entity_from, "audit");
	assert_int_equal(action->entry, FL_ENTRY_EXCLUSIVE_LOCK_BREAK);
	assert_string_equal(action->process->name, "rbd");
	assert_int_equal(action->by_gid, 4200);
	assert_string_equal(action->by_address, BREAKER);
	entry = entry_of(image_named("disk1"), TL_BLOCKLIST_ADD);
	assert_non_null(entry);
	assert_ptr_equal(entry->blocklist, action);
}

static void the_audit_log_alone_makes_a_client_to_show_it_for(void **state)
{
	(void)state;
	audit(&audit_log, 10, AUDIT_FINISHED, "add", VICTIM, BREAKER, "client.admin");
	audit(&audit_log, 500, AUDIT_FINISHED, "rm", VICTIM, "10.99.0.9:0/1", "client.admin");
	model_finish(model);
	assert_int_equal(actions(), 2);
	assert_int_equal(model->blocklists->entry, FL_ENTRY_UNKNOWN); /* what it was is correlate's to infer */
	assert_non_null(model->clients);
	assert_null(model->clients->next);
	assert_null(model->clients->process);
	assert_string_equal(model->clients->address_text, VICTIM);
	assert_non_null(entry_of(model->clients->images, TL_BLOCKLIST_ADD));
	assert_non_null(entry_of(model->clients->images, TL_BLOCKLIST_RM));
}

static void a_service_user_in_the_audit_log_tells_no_entry(void **state)
{
	(void)state;
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.cinder");
	model_finish(model);
	assert_int_equal(model->blocklists->entry, FL_ENTRY_UNKNOWN);
	assert_string_equal(model->blocklists->entity, "client.cinder");
}

static void two_lock_breakers_are_two_commands(void **state)
{
	(void)state;
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.cinder");
	audit(&audit_log, 10.1, AUDIT_DISPATCH, "add", VICTIM, "10.99.0.3:0/9", "client.nova");
	audit(&audit_log, 10.5, AUDIT_FINISHED, "add", VICTIM, BREAKER, "client.cinder");
	audit(&audit_log, 10.6, AUDIT_FINISHED, "add", VICTIM, "10.99.0.3:0/9", "client.nova");
	model_finish(model);
	assert_int_equal(actions(), 2);
	assert_string_equal(model->blocklists->next->entity, "client.nova");
	assert_int_equal(model->blocklists->next->finished_ns, S(10.6));
}

static void an_rm_parts_two_adds(void **state)
{
	(void)state;
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	audit(&audit_log, 11, AUDIT_DISPATCH, "rm", VICTIM, BREAKER, "client.admin");
	audit(&audit_log, 11.2, AUDIT_FINISHED, "add", VICTIM, BREAKER, "client.admin"); /* of the first add, late */
	audit(&audit_log, 12, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	model_finish(model);
	assert_int_equal(actions(), 3);
	assert_int_equal(model->blocklists->finished_ns, S(11.2));
	assert_string_equal(model->blocklists->next->op, "rm");
	assert_int_equal(model->blocklists->next->next->ts_ns, S(12));
}

static void a_command_much_later_is_another_one(void **state)
{
	(void)state;
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	audit(&audit_log, 20, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	model_finish(model);
	assert_int_equal(actions(), 2);
}

static void what_was_denied_says_so(void **state)
{
	(void)state;
	vm_state(0, 7, 4143, 1, "disk1", VICTIM);
	audit(&audit_log, 10, AUDIT_DENIED, "add", VICTIM, BREAKER, "client.glance");
	model_finish(model);
	assert_true(model->blocklists->has_result);
	assert_int_equal(model->blocklists->result, -13);
	assert_ptr_equal(entry_of(image_named("disk1"), TL_BLOCKLIST_ADD)->blocklist, model->blocklists);
	assert_string_equal(model->blocklists->entity, "client.glance");
}

/* story 19016:2909: the copy of a recording that was refused is no second try, of which no result is known */
static void a_copy_of_what_was_denied_is_no_second_try(void **state)
{
	(void)state;
	breaker_state(1, 4200, BREAKER);
	audit(&audit_log, 9.99, AUDIT_DENIED, "add", VICTIM, BREAKER, "client.cinder");
	traced(10, 1, "add", 4200, BREAKER, "client.cinder");
	traced(10.00004, 1, "add", 4200, BREAKER, "client.cinder");
	model_finish(model);
	assert_int_equal(actions(), 1);
	assert_int_equal(model->blocklists->result, -13);
}

static void only_the_fenced_drive_of_a_vm_shows_it(void **state)
{
	(void)state;
	vm_state(0, 7, 4143, 1, "disk1", VICTIM);
	vm_state(0, 7, 4150, 2, "disk2", "10.99.0.2:0/99");
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	model_finish(model);
	assert_non_null(entry_of(image_named("disk1"), TL_BLOCKLIST_ADD));
	assert_null(entry_of(image_named("disk2"), TL_BLOCKLIST_ADD));
}

static void a_range_fences_all_clients_inside(void **state)
{
	(void)state;
	vm_state(0, 7, 4143, 1, "disk1", VICTIM);
	vm_state(0, 8, 4150, 1, "disk2", "10.99.1.2:0/99");
	add(&audit_log, 10,
	    (struct event){ .fact = FACT_audit_blocklist,
	                    .audit = { .op = "add",
	                               .range = true,
	                               .target = "10.99.0.0/24",
	                               .from_address = "-",
	                               .entity = "client.admin",
	                               .expire_s = -1,
	                               .result_text = "" } });
	model_finish(model);
	assert_non_null(entry_of(image_named("disk1"), TL_BLOCKLIST_ADD));
	assert_null(entry_of(image_named("disk2"), TL_BLOCKLIST_ADD));
}

static void the_sender_in_the_audit_log_is_found_in_a_trace(void **state)
{
	(void)state;
	breaker_state(1, 4200, BREAKER);
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, "v1:10.99.0.1:0/4711", "client.cinder");
	model_finish(model);
	assert_non_null(model->blocklists->process);
	assert_string_equal(model->blocklists->process->name, "rbd");
	assert_int_equal(model->blocklists->by_gid, 4200);
}

static void a_stack_belongs_to_its_action(void **state)
{
	struct blocklist_action *action;

	(void)state;
	traced(10, 5, "add", 4200, BREAKER, "");
	for (uint32_t i = 0; i < 3; i++)
		add(&rbd_trace, 10.001,
		    (struct event){ .fact = FACT_stack_frame,
		                    .trace.stack_frame = { .pid = 4711,
		                                           .global_id = 4200,
		                                           .action = i < 2 ? 5 : 6,
		                                           .index = i,
		                                           .frames = 3,
		                                           .module = "librbd.so.1",
		                                           .offset = 16 * i,
		                                           .build_id = "ab",
		                                           .symbol = i ? "_ZN6librbd" : "" } });
	add(&rbd_trace, 10.5,
	    (struct event){ .fact = FACT_blocklist_result,
	                    .trace.blocklist_result = { .pid = 4711, .global_id = 4200, .action = 5, .result = 0 } });
	model_finish(model);
	action = model->blocklists;
	assert_int_equal(action->frames, 2);
	assert_string_equal(action->stack[1].module, "librbd.so.1");
	assert_string_equal(action->stack[1].symbol, "_ZN6librbd");
	assert_int_equal(action->stack[1].offset, 16);
	assert_true(action->has_result);
}

static void ends(double seconds, uint64_t action, int32_t result)
{
	add(&rbd_trace, seconds,
	    (struct event){ .fact = FACT_blocklist_result,
	                    .trace.blocklist_result = { .pid = 4711, .global_id = 4200, .action = action, .result = result } });
}

/* Within the seconds in which a client asks with the old verb. */
static void a_command_that_is_sent_anew_after_it_was_refused_is_another_one(void **state)
{
	(void)state;
	traced(10, 5, "add", 4200, BREAKER, "");
	ends(10.4, 5, -22);
	traced(11, 6, "add", 4200, BREAKER, "");
	ends(11.4, 6, 0);
	model_finish(model);
	assert_int_equal(model->blocklists->result, -22);
	assert_non_null(model->blocklists->next);
	assert_int_equal(model->blocklists->next->result, 0);
	assert_int_equal(model->orphans, 0);
}

static void fails(double seconds)
{
	const struct fl_io_eshutdown refused = {
		.pid = 7, .global_id = 4143, .image = 1, .op = FL_IO_WRITE, .length = 4096, .result = -108
	};
	struct io_failure logged = osd_refuses(VICTIM);

	add(&vm_trace, seconds, (struct event){ .fact = FACT_io_eshutdown, .trace.io_eshutdown = refused });
	logged.text = seconds < 12 ? logged.text : "do_op is blocklisted again";
	add(&mon_log, seconds, (struct event){ .fact = FACT_io_failure, .failure = logged });
}

/* In a store of many hosts there is always one for somebody else. */
static void a_command_for_another_client_parts_no_failures(void **state)
{
	const struct eshutdown_run *traced_run;

	(void)state;
	vm_state(0, 7, 4143, 1, "disk1", VICTIM);
	audit(&audit_log, 10, AUDIT_DISPATCH, "add", VICTIM, BREAKER, "client.admin");
	fails(11);
	audit(&audit_log, 11.5, AUDIT_DISPATCH, "add", "10.99.9.9:0/7", BREAKER, "client.admin");
	fails(12);
	audit(&audit_log, 12.5, AUDIT_DISPATCH, "rm", VICTIM, BREAKER, "client.admin");
	fails(13);
	model_finish(model);
	traced_run = image_named("disk1")->eshutdown_runs;
	assert_int_equal(traced_run->end_ns, S(12));
	assert_int_equal(traced_run->next->begin_ns, S(13));
	assert_int_equal(model->failures->end_ns, S(12));
	assert_int_equal(model->failures->next->begin_ns, S(13));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trace_and_audit_lines_are_one_command),
		TEST(the_audit_log_alone_makes_a_client_to_show_it_for),
		TEST(a_service_user_in_the_audit_log_tells_no_entry),
		TEST(two_lock_breakers_are_two_commands),
		TEST(an_rm_parts_two_adds),
		TEST(a_command_much_later_is_another_one),
		TEST(what_was_denied_says_so),
		TEST(a_copy_of_what_was_denied_is_no_second_try),
		TEST(only_the_fenced_drive_of_a_vm_shows_it),
		TEST(a_range_fences_all_clients_inside),
		TEST(the_sender_in_the_audit_log_is_found_in_a_trace),
		TEST(a_stack_belongs_to_its_action),
		TEST(a_command_that_is_sent_anew_after_it_was_refused_is_another_one),
		TEST(a_command_for_another_client_parts_no_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
