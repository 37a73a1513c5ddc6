/* SPDX-License-Identifier: MIT */
/* What became of a fenced client: nobody is asked to restart what runs, or what has ended. */
#include "story.h"

static void a_vm_is_fenced(struct story *story)
{
	a_vm_is_there(story);
	pings(story, 5, 25, true);
	command(story, 25.1, "add", ADDRESS, false, "client.admin");
	write_fails(story, 26);
}

static void is_since(struct story *story, enum since_kind kind, double t)
{
	struct since since = only_incident(story, 0)->since;

	assert_int_equal(since.kind, kind);
	assert_int_equal(since.ns, t ? at(t) : 0);
}

static void a_vm_that_is_cut_off_is_to_be_restarted(void **state)
{
	a_vm_is_fenced(*state);
	is_since(*state, SINCE_NOT_KNOWN, 0);
}

static void one_whose_fence_was_lifted_and_that_is_answered_again_is_not(void **state)
{
	a_vm_is_fenced(*state);
	command(*state, 60, "rm", ADDRESS, false, "client.admin");
	watch_asked_for(*state, 65, COOKIE + 1, 0);
	ping_of(*state, 70, COOKIE + 1, true);
	is_since(*state, SINCE_ANSWERED, 65);
}

static void one_that_has_shut_down_is_not(void **state)
{
	a_vm_is_fenced(*state);
	shuts_down(*state, 40);
	is_since(*state, SINCE_SHUT_DOWN, 40);
}

/* vm1 again, at another address: another client of the same process, or another process. */
static void another_client(struct story *story, uint32_t pid, double t, const char *image_id)
{
	qemu_connects(story, &source, t, pid, 4200, "uuid1", "10.99.0.2:0/77");
	qemu_opens(story, &source, t, pid, 4200, image_id);
}

static void refused_io(struct story *story, uint32_t pid, double t)
{
	struct event event = event_at(t, FACT_io_eshutdown);

	event.trace.io_eshutdown = (struct fl_io_eshutdown){
		.pid = pid, .global_id = 4200, .image = 9, .op = 1, .offset = 4096, .length = 4096, .result = -ESHUTDOWN
	};
	add(story, &event);
}

static void a_vm_that_was_started_again_is_not(void **state)
{
	a_vm_is_fenced(*state);
	another_client(*state, 4800, 50, "1022");
	is_since(*state, SINCE_RUNS_AGAIN, 50);
}

static void a_disk_that_was_attached_again_is_not(void **state)
{
	a_vm_is_fenced(*state);
	another_client(*state, 4711, 50, "1022");
	is_since(*state, SINCE_ATTACHED, 50);
}

/* Inside a range that is fenced still. */
static void a_start_that_was_refused_does_not_run(void **state)
{
	a_vm_is_fenced(*state);
	another_client(*state, 4800, 50, "1022");
	refused_io(*state, 4800, 51);
	assert_int_equal(judge(*state, 0)->incidents[0].since.kind, SINCE_NOT_KNOWN);
}

static void another_disk_that_is_attached_is_no_help(void **state)
{
	a_vm_is_fenced(*state);
	another_client(*state, 4711, 50, "2044");
	is_since(*state, SINCE_NOT_KNOWN, 0);
}

static void its_log_says(struct story *story, double t, enum vm_words what, const char *host)
{
	static const struct source logs[] = { { .path = "a/libvirt/qemu/vm1.log", .kind = "libvirt", .host = "" },
		                              { .path = "b/libvirt/qemu/vm1.log", .kind = "libvirt", .host = "" } };
	struct event event = event_at(t, FACT_vm_logged);

	event.source = &logs[!strcmp(host, "compute2")];
	event.vm = (struct vm_logged){ .what = what,
		                       .name = "vm1",
		                       .uuid = "uuid1",
		                       .host = what == VM_STARTED ? host : "",
		                       .device = "",
		                       .pool = "",
		                       .namespace = "",
		                       .image = "",
		                       .user = "" };
	add(story, &event);
}

static void its_log_says_that_it_ended(void **state)
{
	its_log_says(*state, 0.5, VM_STARTED, "compute1");
	a_vm_is_fenced(*state);
	its_log_says(*state, 45, VM_ENDED, "compute1");
	is_since(*state, SINCE_ENDED, 45);
}

static void its_log_says_that_it_was_started_again(void **state)
{
	its_log_says(*state, 0.5, VM_STARTED, "compute1");
	a_vm_is_fenced(*state);
	its_log_says(*state, 45, VM_ENDED, "compute1");
	its_log_says(*state, 50, VM_STARTED, "compute1");
	is_since(*state, SINCE_STARTED, 50);
}

/* It came by migration, and its former host's log ends after the fence: it runs, and is fenced. */
static void the_end_of_a_migrated_vm_is_no_end(void **state)
{
	its_log_says(*state, 0.2, VM_STARTED, "compute2");
	its_log_says(*state, 0.5, VM_STARTED, "compute1");
	a_vm_is_fenced(*state);
	its_log_says(*state, 27, VM_ENDED, "compute2");
	is_since(*state, SINCE_NOT_KNOWN, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_vm_that_is_cut_off_is_to_be_restarted),
		TEST(one_whose_fence_was_lifted_and_that_is_answered_again_is_not),
		TEST(one_that_has_shut_down_is_not),
		TEST(a_vm_that_was_started_again_is_not),
		TEST(a_disk_that_was_attached_again_is_not),
		TEST(a_start_that_was_refused_does_not_run),
		TEST(another_disk_that_is_attached_is_no_help),
		TEST(its_log_says_that_it_ended),
		TEST(its_log_says_that_it_was_started_again),
		TEST(the_end_of_a_migrated_vm_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
