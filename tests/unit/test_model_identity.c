/* SPDX-License-Identifier: MIT */
/* Who is who: processes, clients, images and snapshot calls, when names come late, numbers come back, and ends are missing. */
#include "model_fixture.h"

#include <stdio.h>

static const struct source trace = { .path = "trace", .kind = "ctf", .host = "compute1" };
static const struct source other_host = { .path = "trace2", .kind = "ctf", .host = "compute2" };
static const struct model_options lean = { .keep_entries = false };

#define ADD(source, seconds, kind, ...) add(source, seconds, (struct event){ .fact = FACT_##kind, .trace.kind = { __VA_ARGS__ } })
#define STATE(source, seconds, process_id, gid, vm, uuid, serial, image_name, id) \
	ADD(source, seconds, state, .pid = process_id, .global_id = gid, .host = "", .process = "qemu", .vm_name = vm, \
	    .vm_uuid = uuid, .entity = "", .address = "", .fsid = "", .ceph_version = "", .not_understood = "", .image = serial, \
	    .pool = "rbd", .nspace = "", .name = image_name, .image_id = id)
#define SNAP_BEGIN(seconds, process_id, number, image_name, id) \
	ADD(&trace, seconds, snapshot_begin, .pid = process_id, .global_id = 9, .action = number, .op = "create", .snap = "s1", \
	    .pool = "rbd", .nspace = "", .name = image_name, .image_id = id)
#define SNAP_END(seconds, process_id, number) \
	ADD(&trace, seconds, snapshot_end, .pid = process_id, .global_id = 9, .action = number, .result = 0)

static size_t processes(void)
{
	size_t count = 0;

	for (struct process *process = model->processes; process; process = process->next)
		count++;
	return count;
}

static struct client *client_of(uint64_t gid)
{
	for (struct client *client = model->clients; client; client = client->next)
		if (client->global_id == gid)
			return client;
	fail_msg("no client.%d", (int)gid);
	return NULL;
}

static struct image *image_of(uint64_t gid, uint32_t serial)
{
	for (struct image *image = client_of(gid)->images; image; image = image->next)
		if (image->serial == serial)
			return image;
	fail_msg("no image %u of client.%d", serial, (int)gid);
	return NULL;
}

static size_t entries(const struct image *image, enum timeline_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < image->entry_count; i++)
		count += image->entries[i].kind == kind;
	return count;
}

static size_t watches_of(const struct client *client)
{
	size_t count = 0;

	for (const struct image *image = client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next)
			count++;
	return count;
}

/* Two clouds have a compute1 each, whose first containers run QEMU as pid 87, and two clusters count their clients alike. */
static void namesakes_of_two_traces_are_two_clients(void **state)
{
	static const struct source namesake = { .path = "b/trace", .kind = "ctf", .host = "compute1" };
	const struct client *first, *second;

	(void)state;
	for (int each = 0; each < 2; each++) {
		ADD(each ? &namesake : &trace, each + 1, client_connect, .pid = 87, .global_id = 7, .host = "", .process = "qemu",
		    .vm_name = "vm1", .vm_uuid = each ? "uuid2" : "uuid1", .entity = "", .fsid = each ? "deadbeef" : "c0ffee",
		    .address = each ? "10.0.0.1:0/222" : "10.0.0.1:0/111", .ceph_version = "");
		ADD(each ? &namesake : &trace, each + 3, watch_registered, .pid = 87, .global_id = 7, .oid = "rbd_header.a1",
		    .cookie = 11, .pool = "rbd", .nspace = "", .timeout_s = 30);
	}
	ADD(&trace, 5, image_open, .pid = 87, .global_id = 7, .image = 1, .pool = "rbd", .nspace = "", .name = "disk", .snap = "",
	    .image_id = "a1");
	ADD(&trace, 6, client_connect, .pid = 87, .global_id = 8, .host = "", .process = "qemu", .vm_name = "vm1",
	    .vm_uuid = "uuid1", .entity = "", .fsid = "c0ffee", .address = "10.0.0.1:0/333", .ceph_version = "");
	model_finish(model);
	first = client_of(7);
	for (second = first->next; second && second->global_id != 7; second = second->next)
		;
	assert_non_null(second);
	assert_string_equal(first->address_text, "10.0.0.1:0/111");
	assert_string_equal(second->address_text, "10.0.0.1:0/222");
	assert_string_equal(first->process->vm_uuid, "uuid1");
	assert_string_equal(second->process->vm_uuid, "uuid2");
	assert_ptr_equal(client_of(8)->process, first->process);
	assert_int_equal(watches_of(first), 1);
	assert_int_equal(watches_of(second), 1);
}

static void several_clients_of_a_process_are_told_apart(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	STATE(&trace, 0, 7, 2, "vm1", "u1", 2, "disk2", "a2");
	STATE(&other_host, 0, 7, 3, "vm2", "u2", 1, "disk3", "a3");
	ADD(&trace, 1, io_eshutdown, .pid = 7, .global_id = 2, .image = 2, .op = FL_IO_WRITE, .offset = 4096, .length = 512,
	    .result = -108);
	model_finish(model);
	assert_int_equal(processes(), 2);
	assert_ptr_equal(client_of(1)->process, client_of(2)->process);
	assert_string_equal(client_of(3)->process->vm_name, "vm2");
	assert_string_equal(client_of(3)->process->host, "compute2");
	assert_int_equal(image_of(1, 1)->failed_ios, 0);
	assert_int_equal(image_of(2, 2)->failed_ios, 1);
	assert_string_equal(image_of(2, 2)->name, "disk2");
}

static void a_pid_that_comes_back_is_another_process(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	STATE(&trace, 100, 7, 2, "vm2", "u2", 1, "disk2", "a2");
	STATE(&trace, 101, 7, 1, "vm1", "u1", 1, "disk1", "a1"); /* in a container of its own, it may still live */
	STATE(&trace, 102, 7, 3, "vm2", "u2", 2, "disk4", "a4");
	model_finish(model);
	assert_int_equal(processes(), 2);
	assert_string_equal(client_of(1)->process->vm_name, "vm1");
	assert_string_equal(client_of(2)->process->vm_name, "vm2");
	assert_ptr_equal(client_of(2)->process, client_of(3)->process);
}

static void events_before_the_first_state_find_their_names(void **state)
{
	(void)state;
	ADD(&trace, 0, io_eshutdown, .pid = 7, .global_id = 1, .image = 3, .op = FL_IO_READ, .offset = 0, .length = 4096,
	    .result = -108);
	STATE(&trace, 5, 7, 1, "vm1", "u1", 3, "disk1", "a1");
	model_finish(model);
	assert_int_equal(image_of(1, 3)->failed_ios, 1);
	assert_string_equal(image_of(1, 3)->name, "disk1");
	assert_int_equal(image_of(1, 3)->first_eshutdown.ts_ns, S(0));
	assert_string_equal(client_of(1)->process->vm_name, "vm1");
}

static void one_failed_io_is_one(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	ADD(&trace, 1, io_error, .pid = 7, .global_id = 1, .image = 1, .op = FL_IO_WRITE, .offset = 70438912, .length = 4096,
	    .result = -108);
	ADD(&trace, 1, io_eshutdown, .pid = 7, .global_id = 1, .image = 1, .op = FL_IO_WRITE, .offset = 70438912, .length = 4096,
	    .result = -108);
	ADD(&trace, 2, io_error, .pid = 7, .global_id = 1, .image = 1, .op = FL_IO_READ, .offset = 0, .length = 512,
	    .result = -5);
	model_finish(model);
	assert_int_equal(image_of(1, 1)->failed_ios, 1);
	assert_int_equal(image_of(1, 1)->failed_bytes, 4096);
	assert_int_equal(entries(image_of(1, 1), TL_IO_ESHUTDOWN), 1);
	assert_int_equal(entries(image_of(1, 1), TL_IO_ERROR), 1);
	assert_int_equal(image_of(1, 1)->entries[1].io.offset, 70438912);
	assert_int_equal(image_of(1, 1)->entries[1].io.length, 4096);
	assert_int_equal(image_of(1, 1)->entries[1].io.result, -108);
}

static void a_watch_finds_its_image_when_the_open_returns(void **state)
{
	(void)state;
	ADD(&trace, 0, watch_registered, .pid = 7, .global_id = 1, .cookie = 99, .oid = "rbd_header.a1", .pool = "rbd",
	    .nspace = "");
	ADD(&trace, 0.1, image_open, .pid = 7, .global_id = 1, .image = 1, .pool = "rbd", .nspace = "", .name = "disk1",
	    .image_id = "a1", .snap = "");
	ADD(&trace, 0.2, watch_registered, .pid = 7, .global_id = 1, .cookie = 100, .oid = "rbd_header.other", .pool = "rbd",
	    .nspace = "");
	model_finish(model);
	assert_non_null(image_of(1, 1)->watches);
	assert_null(image_of(1, 1)->watches->next);
	assert_int_equal(image_of(1, 1)->watches->cookie, 99);
	assert_int_equal(entries(image_of(1, 1), TL_WATCH_REGISTERED), 1);
	assert_int_equal(image_of(1, 0)->watches->cookie, 100);
}

static void a_cookie_that_comes_back_is_another_watch(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	ADD(&trace, 1, watch_registered, .pid = 7, .global_id = 1, .cookie = 99, .oid = "rbd_header.a1", .pool = "rbd",
	    .nspace = "");
	ADD(&trace, 2, watch_error, .pid = 7, .global_id = 1, .cookie = 99, .oid = "rbd_header.a1", .result = -107);
	ADD(&trace, 3, watch_unregistered, .pid = 7, .global_id = 1, .cookie = 99, .oid = "rbd_header.a1");
	ADD(&trace, 4, watch_registered, .pid = 7, .global_id = 1, .cookie = 99, .oid = "rbd_header.a1", .pool = "rbd",
	    .nspace = "");
	ADD(&trace, 9, ping_sent, .pid = 7, .global_id = 1, .cookie = 99, .gen = 1, .sent_ns = S(9), .osd = "10.0.0.1:6802");
	model_finish(model);
	assert_int_equal(image_of(1, 1)->watches->error, -107);
	assert_int_equal(image_of(1, 1)->watches->ping_count, 0);
	assert_non_null(image_of(1, 1)->watches->next);
	assert_int_equal(image_of(1, 1)->watches->next->registered_ns, S(4));
	assert_int_equal(image_of(1, 1)->watches->next->ping_count, 1);
}

static void a_snapshot_elsewhere_shows_in_the_timeline_of_the_vm(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	STATE(&trace, 0, 8, 2, "vm2", "u2", 1, "disk2", "a2");
	SNAP_BEGIN(1, 4711, 1, "disk1", "a1");
	SNAP_END(2, 4711, 1);
	model_finish(model);
	assert_int_equal(entries(image_of(1, 1), TL_SNAPSHOT_BEGIN), 1);
	assert_int_equal(entries(image_of(1, 1), TL_SNAPSHOT_END), 1);
	assert_int_equal(entries(image_of(2, 1), TL_SNAPSHOT_BEGIN), 0);
	assert_int_equal(model->snapshots->end_ns, S(2));
	assert_int_equal(model->orphans, 0);
}

static void what_begins_and_never_ends_is_an_orphan(void **state)
{
	(void)state;
	SNAP_BEGIN(1, 4711, 1, "disk1", "a1");
	SNAP_BEGIN(1, 4712, 1, "disk1", "a1");
	SNAP_END(2, 4712, 1);
	SNAP_END(2, 4713, 1);
	ADD(&trace, 3, lock_break_begin, .pid = 4711, .global_id = 9, .action = 2, .call = "rbd_break_lock", .locker = "client.1",
	    .cookie = "");
	model_finish(model);
	assert_int_equal(model->orphans, 3);
	assert_int_equal(model->snapshots->end_ns, 0);
	assert_int_equal(model->snapshots->next->end_ns, S(2));
}

static void a_broken_lock_shows_at_its_owner(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	STATE(&trace, 0, 8, 2, "", "", 1, "disk1", "a1");
	ADD(&trace, 1, header_op, .pid = 8, .global_id = 2, .oid = "rbd_header.a1", .pool = "rbd", .nspace = "",
	    .method = "lock.break_lock");
	ADD(&trace, 2, header_op, .pid = 8, .global_id = 2, .oid = "rbd_header.a1", .pool = "rbd", .nspace = "",
	    .method = "lock.lock");
	model_finish(model);
	assert_int_equal(entries(image_of(1, 1), TL_LOCK_BROKEN), 1);
	assert_int_equal(entries(image_of(2, 1), TL_LOCK_BROKEN), 1);
	assert_int_equal(entries(image_of(2, 1), TL_LOCK_ACQUIRED), 1);
	assert_int_equal(entries(image_of(1, 1), TL_LOCK_ACQUIRED), 0);
}

static void connects_to(uint32_t pid, uint64_t gid, const char *fsid)
{
	ADD(&trace, 0.5, client_connect, .pid = pid, .global_id = gid, .host = "", .process = "qemu", .vm_name = "",
	    .vm_uuid = "", .entity = "", .fsid = fsid, .address = "", .ceph_version = "");
}

static void a_lock_that_was_broken_in_another_cluster_is_not_its_own(void **state)
{
	(void)state;
	STATE(&trace, 0, 7, 1, "vm1", "u1", 1, "disk1", "a1");
	STATE(&trace, 0, 8, 2, "", "", 1, "disk1", "a1");
	connects_to(7, 1, "c0ffee");
	connects_to(8, 2, "deadbeef");
	ADD(&trace, 1, header_op, .pid = 8, .global_id = 2, .oid = "rbd_header.a1", .pool = "rbd", .nspace = "",
	    .method = "lock.break_lock");
	model_finish(model);
	assert_int_equal(entries(image_of(1, 1), TL_LOCK_BROKEN), 0);
}

static size_t snapshots(void)
{
	size_t count = 0;

	for (struct snapshot_call *call = model->snapshots; call; call = call->next)
		count++;
	return count;
}

/* A day of snapshots without an incident, then one with: what lies around it is kept, the rest is not. */
static void memory_is_for_incidents(void **state)
{
	(void)state;
	model_free(model);
	model = model_new(&lean);
	assert_non_null(model);
	for (int i = 0; i < 5000; i++) {
		if (i == 1000)
			add(&trace, i * 20,
			    (struct event){ .fact = FACT_audit_blocklist,
			                    .audit = { .op = "add",
			                               .target = "10.0.0.2:0/3",
			                               .from_address = "",
			                               .entity = "",
			                               .result_text = "" } });
		SNAP_BEGIN(i * 20, 4711, (uint64_t)i, "disk1", "a1");
		SNAP_END(i * 20 + 1, 4711, (uint64_t)i);
	}
	SNAP_BEGIN(200000, 4711, 7777, "disk1", "a1");
	model_finish(model);
	assert_in_range(snapshots(), 60, 2000);
	assert_int_equal(model->orphans, 1);
	for (struct snapshot_call *call = model->snapshots; call; call = call->next)
		if (call->begin_ns == S(20000))
			return;
	fail_msg("the snapshot at the time of the blocklist command is forgotten");
}

static void an_address_that_comes_back_is_the_client_that_lived_then(void **state)
{
	struct address address;

	(void)state;
	for (uint64_t gid = 1; gid <= 2; gid++)
		for (int i = 0; i < 2; i++)
			ADD(&trace, (double)gid * 1000 + 100 * i, client_connect, .pid = (uint32_t)gid, .global_id = gid,
			    .host = "", .process = "qemu", .vm_name = "", .vm_uuid = "", .entity = "", .address = "10.0.0.2:0/3",
			    .fsid = "", .ceph_version = "");
	model_finish(model);
	assert_true(address_parse("v1:10.0.0.2:0/3", &address));
	assert_int_equal(model_client_by_address(model, &address, S(1050))->global_id, 1);
	assert_int_equal(model_client_by_address(model, &address, S(2050))->global_id, 2);
	assert_int_equal(model_client_by_address(model, &address, S(9000))->global_id, 2);
	assert_true(address_parse("10.0.0.2:0/4", &address));
	assert_null(model_client_by_address(model, &address, S(1050)));
}

static void vm_says(const struct source *log, double seconds, enum vm_words what, const char *uuid)
{
	add(log, seconds,
	    (struct event){
	            .fact = FACT_vm_logged,
	            .vm = { .what = what, .name = "vm1", .uuid = uuid, .host = "", .device = "", .pool = "", .user = "" } });
}

static void two_hosts_vms_of_one_name_are_two(void **state)
{
	static const struct source here = { .path = "compute1/qemu/vm1.log", .kind = "qemu", .host = "" };
	static const struct source there = { .path = "compute2/qemu/vm1.log", .kind = "qemu", .host = "" };

	(void)state;
	vm_says(&there, 1, VM_STARTED, "uuid2");
	vm_says(&here, 2, VM_STARTED, "uuid1");
	vm_says(&here, 30, VM_ENDED, "uuid1");
	model_finish(model);
	assert_int_equal(processes(), 2);
	for (const struct process *process = model->processes; process; process = process->next)
		assert_int_equal(process->changes && process->changes->ended ? process->changes->ts_ns : 0,
		                 strcmp(process->vm_uuid, "uuid1") ? 0 : S(30));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(namesakes_of_two_traces_are_two_clients),
		TEST(several_clients_of_a_process_are_told_apart),
		TEST(a_pid_that_comes_back_is_another_process),
		TEST(events_before_the_first_state_find_their_names),
		TEST(one_failed_io_is_one),
		TEST(a_watch_finds_its_image_when_the_open_returns),
		TEST(a_cookie_that_comes_back_is_another_watch),
		TEST(a_snapshot_elsewhere_shows_in_the_timeline_of_the_vm),
		TEST(what_begins_and_never_ends_is_an_orphan),
		TEST(a_broken_lock_shows_at_its_owner),
		TEST(a_lock_that_was_broken_in_another_cluster_is_not_its_own),
		TEST(memory_is_for_incidents),
		TEST(an_address_that_comes_back_is_the_client_that_lived_then),
		TEST(two_hosts_vms_of_one_name_are_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
