/* SPDX-License-Identifier: MIT */
/*
 * A release that nobody knows, and layouts that are not what they are on those known. What is found out about a library is kept
 * for the life of a process: so each test is one of its own.
 */
#include "fakes/watch_fixture.h"
#include "base/hook.h"
#include "base/layout.h"
#include "follow/state.h"
#include "follow/watchers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rados_aio_watch(void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error,
                    void *arg);
void send_command(void *self, void *command) __asm__("_ZN9MonClient13_send_commandEPNS_10MonCommandE");

/* In a child, where an assertion is an exit code: the line that saw something else. */
#define SEES(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
			return 1; \
		} \
	} while (0)

static void notified(void *arg, uint64_t id, uint64_t cookie, uint64_t notifier, void *data, size_t length)
{
	(void)id, (void)cookie, (void)notifier, (void)data, (void)length;
	(*(unsigned *)arg)++;
}

static const char *told(void)
{
	forget_count(FL_EV_state);
	forget_not_understood();
	client_of_cluster(&cluster);
	state_emit_all();
	return last_not_understood();
}

/* ---- the release ---- */

static void a_version_is_read_from_every_text_that_releases_print(void **state)
{
	(void)state;
	assert_int_equal(release_of_text("16.2.15"), 16);
	assert_int_equal(release_of_text("ceph version 20.2.4 (abc9def) tentacle (stable)"), 20);
	assert_int_equal(release_of_text("20.3.0-4711-gdeadbee"), 20);
	assert_int_equal(release_of_text("Development"), 0);
	assert_int_equal(release_of_text(""), 0);
	assert_int_equal(release_of_text("99999999999999999999.1"), 0);
}

static int of_an_unknown_release_only_c_calls_are_recorded(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	unsigned notifies = 0, watched;
	uint64_t handle = 0, cookie = 0, passed = hook_passed();
	static const char notify[] = "\1\1\4\0\0\0\2\0\0\0";

	void *completion = begin_watch(&ioctx, OID, &handle, &ctx2);
	fake_complete(completion, 0);
	rados_aio_release(completion);
	SEES(handle && called_back == 1 && fake_watches() == 1);
	SEES(count(FL_EV_watch_registered) == 0 && hook_passed() > passed);
	fake_notify(handle, notify, sizeof notify - 1);
	fake_error(handle, -107);
	SEES(ctx2.notifies == 1 && ctx2.errors == 1 && ctx2.error == -107);
	SEES(count(FL_EV_notify) == 0 && count(FL_EV_watch_error) == 0);
	end_watch(&ioctx, handle);
	SEES(fake_watches() == 0 && count(FL_EV_watch_unregistered) == 0);

	SEES(rados_watch3(&ioctx, OID, &cookie, notified, NULL, 0, &notifies) == 0);
	SEES(count(FL_EV_watch_registered) == 1 && registered.cookie == cookie);
	fake_notify(cookie, notify, sizeof notify - 1);
	SEES(notifies == 1 && count(FL_EV_notify) == 1 && notify_event.op == 2);
	SEES(rados_unwatch2(&ioctx, cookie) == 0 && count(FL_EV_watch_unregistered) == 1);

	watched = called_back;
	rados_aio_create_completion(&called_back, callback, NULL, &completion); /* whose callback lies where nobody looks */
	SEES(rados_aio_watch(&ioctx, OID, completion, &handle, notified, NULL, &notifies) == 0);
	fake_complete(completion, 0);
	rados_aio_release(completion);
	SEES(called_back == watched + 1 && called_with == &called_back);
	SEES(rados_unwatch2(&ioctx, handle) == 0);
	return 0;
}

static int a_newer_release(void)
{
	fake_ceph_version = "21.1.0";
	SEES(of_an_unknown_release_only_c_calls_are_recorded() == 0);
	SEES(!strcmp(told(), "release 21.1.0"));
	forget_count(FL_EV_passthrough);
	state_emit_all();
	SEES(count(FL_EV_passthrough) >= 2); /* aio_watch and aio_unwatch */
	return 0;
}

static int a_release_without_a_number(void)
{
	fake_ceph_version = "Development";
	SEES(of_an_unknown_release_only_c_calls_are_recorded() == 0);
	SEES(!strcmp(told(), "release Development"));
	return 0;
}

static int a_known_release(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = live_watch(&ioctx, OID, &ctx2);

	SEES(handle && count(FL_EV_watch_registered) == 1 && registered.cookie == handle);
	end_watch(&ioctx, handle);
	SEES(!strcmp(told(), ""));
	return 0;
}

static int every_known_release(void)
{
	fake_ceph_version = getenv("FAKE_VERSION");
	return a_known_release();
}

static void above_the_newest_known_only_what_needs_no_layout_is_recorded(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(a_newer_release), 0);
	assert_int_equal(exit_code_of_child(a_release_without_a_number), 0);
}

static void on_each_release_known_all_is_recorded(void **state)
{
	static const char *const versions[] = { "14.2.21", "16.2.15", "17.2.9", "18.2.7", "19.2.3", "20.2.4" };

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		setenv("FAKE_VERSION", versions[i], 1);
		assert_int_equal(exit_code_of_child(every_known_release), 0);
	}
}

/* ---- MonCommand ---- */

struct string {
	const char *text;
	size_t length, capacity, rest;
};

static struct string string_of(const char *text)
{
	return (struct string){ text, strlen(text), strlen(text), 0 };
}

static const char add[] = "{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/3301\"}";

/* A MonCommand whose vector of strings stands at this word. */
static void put_vector(uintptr_t *command, size_t at, const struct string *strings, size_t count)
{
	command[at - 1] = 4711 + at; /* tid */
	command[at] = (uintptr_t)strings;
	command[at + 1] = command[at + 2] = (uintptr_t)(strings + count);
}

static int shifted(void)
{
	/* as on 16, as on 20, and as on none of them, behind other strings in braces */
	static const size_t at[] = { 0x50 / 8, 0x70 / 8, 0x100 / 8 };
	struct string command = string_of(add), decoy = string_of("{\"format\": \"json\", \"addr\": \"10.0.0.9:0/9\"}");

	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		uintptr_t words[0x140 / 8] = { 0 };
		put_vector(words, 4, &decoy, 1);
		put_vector(words, at[i], &command, 1);
		forget_count(FL_EV_blocklist);
		unsigned sent = fake_commands_sent;
		send_command(&cluster, words);
		SEES(fake_commands_sent == sent + 1);
		SEES(count(FL_EV_blocklist) == 1 && !strcmp(blocklisted, "10.0.0.2:0/3301"));
	}
	SEES(!strcmp(told(), ""));
	return 0;
}

static int foreign(void)
{
	/* its strings are of another kind, which takes 40 bytes */
	struct {
		struct string string;
		size_t more;
	} strings[2] = { { string_of(add), 0 }, { string_of("{\"format\": \"json\"}"), 0 } };
	uintptr_t words[0x140 / 8] = { 0 }, good[0x140 / 8] = { 0 };
	struct string command = string_of(add);
	uint64_t passed = hook_passed();
	unsigned sent = fake_commands_sent;

	put_vector(good, 10, &command, 1);
	words[10] = (uintptr_t)strings;
	words[11] = words[12] = (uintptr_t)(strings + 2);
	for (int i = 0; i < 3; i++)
		send_command(&cluster, words);
	SEES(fake_commands_sent == sent + 3 && count(FL_EV_blocklist) == 0 && hook_passed() == passed + 3);
	SEES(!strcmp(told(), "MonCommand"));
	send_command(&cluster, good); /* nobody looks any more */
	SEES(fake_commands_sent == sent + 4 && count(FL_EV_blocklist) == 0 && hook_passed() == passed + 4);
	return 0;
}

static void a_shifted_command_is_found_and_nothing_else_is_taken_for_one(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(shifted), 0);
}

static void a_foreign_command_is_tried_three_times(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(foreign), 0);
}

/* ---- bufferlist ---- */

#define UNREADABLE UINT64_C(0x7ff123456000)

static const struct fake_part part = { NULL, "\1\1\4\0\0\0\2\0\0\0" };
static const struct fake_part part_to_nowhere = { NULL, (const char *)UNREADABLE };

static int foreign_bufferlists(void)
{
	struct fake_list good = { &part, 10 };
	/* its bytes are elsewhere, its parts are, its length is none, it is nowhere itself */
	struct fake_list no_bytes = { &part_to_nowhere, 10 }, no_part = { (const struct fake_part *)UNREADABLE, 10 };
	struct fake_list huge = { &part, 1u << 30 };
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = live_watch(&ioctx, OID, &ctx2);
	void *const lists[] = { &no_bytes, &no_part, &huge, (void *)UNREADABLE };

	for (unsigned i = 0; i < 4; i++) {
		fake_notify_list(handle, lists[i]);
		SEES(ctx2.notifies == i + 1 && count(FL_EV_notify) == i + 1 && notify_event.op == -1);
	}
	SEES(!strcmp(told(), "bufferlist"));
	fake_notify_list(handle, &good);
	SEES(ctx2.notifies == 5 && notify_event.op == -1); /* nobody looks any more */
	end_watch(&ioctx, handle);
	return 0;
}

static int known_bufferlist_then_foreign(void)
{
	struct fake_list good = { &part, 10 }, bad = { &part_to_nowhere, 10 };
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t handle = live_watch(&ioctx, OID, &ctx2);

	fake_notify_list(handle, &good);
	SEES(notify_event.op == 2 && notify_event.payload_bytes == 10);
	fake_notify_list(handle, &bad);
	SEES(notify_event.op == -1 && ctx2.notifies == 2);
	fake_notify_list(handle, &good);
	SEES(notify_event.op == 2 && !strcmp(told(), ""));
	end_watch(&ioctx, handle);
	return 0;
}

static void a_foreign_bufferlist_is_handed_on_and_tried_three_times(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(foreign_bufferlists), 0);
}

static void a_bufferlist_that_cannot_be_read_takes_nothing_from_those_that_can(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(known_bufferlist_then_foreign), 0);
}

/* ---- the list of watchers ---- */

struct node {
	struct node *next, *prev;
	char address[256];
	int64_t id;
	uint64_t cookie;
	uint32_t timeout_s;
};
struct list {
	struct node *next, *prev;
	size_t length;
};

static void put_ring(struct list *list, struct node *nodes, size_t count)
{
	*list = (struct list){ (struct node *)list, (struct node *)list, count };
	for (size_t i = 0; i < count; i++) {
		nodes[i] = (struct node){ i + 1 < count ? &nodes[i + 1] : (struct node *)list,
			                  i ? &nodes[i - 1] : (struct node *)list,
			                  "10.0.0.2:0/3301",
			                  4123,
			                  77,
			                  30 };
		list->prev = &nodes[i];
	}
	if (count)
		list->next = nodes;
}

static bool is_told(const struct list *list, unsigned watchers)
{
	forget_count(FL_EV_watchers_listed);
	forget_count(FL_EV_watcher_listed);
	watchers_emit(1, OID, 0, list, NULL);
	return count(FL_EV_watchers_listed) == 1 && count(FL_EV_watcher_listed) == watchers;
}

static bool is_not_told(const struct list *list)
{
	return !is_told(list, 0) && count(FL_EV_watchers_listed) == 0 && count(FL_EV_watcher_listed) == 0;
}

static int known_lists(void)
{
	struct node nodes[70];
	struct list list;

	put_ring(&list, nodes, 0);
	SEES(is_told(&list, 0));
	put_ring(&list, nodes, 2);
	SEES(is_told(&list, 2));
	nodes[1].prev = (struct node *)&list; /* a list that is being changed takes nothing from those that follow */
	for (int i = 0; i < 4; i++)
		SEES(is_not_told(&list));
	put_ring(&list, nodes, 70);
	SEES(is_told(&list, 64));
	SEES(!strcmp(told(), ""));
	return 0;
}

static int foreign_lists(void)
{
	struct node nodes[3];
	struct list list;

	put_ring(&list, nodes, 2);
	list.length = 0; /* the head is another one */
	SEES(is_not_told(&list));
	put_ring(&list, nodes, 2);
	memmove(nodes[1].address + 8, nodes[1].address, 240); /* a watcher is another one: 8 bytes more in front */
	memset(nodes[1].address, 0, 8);
	SEES(is_not_told(&list));
	list = (struct list){ (struct node *)UNREADABLE, NULL, 1 };
	SEES(is_not_told(&list));
	SEES(!strcmp(told(), "list of watchers"));
	put_ring(&list, nodes, 2);
	SEES(is_not_told(&list)); /* nobody looks any more */
	return 0;
}

static void a_list_of_watchers_is_told_whole_or_not_at_all(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(known_lists), 0);
}

static void a_foreign_list_of_watchers_is_not_told(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of_child(foreign_lists), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_version_is_read_from_every_text_that_releases_print),
		TEST(above_the_newest_known_only_what_needs_no_layout_is_recorded),
		TEST(on_each_release_known_all_is_recorded),
		TEST(a_shifted_command_is_found_and_nothing_else_is_taken_for_one),
		TEST(a_foreign_command_is_tried_three_times),
		TEST(a_foreign_bufferlist_is_handed_on_and_tried_three_times),
		TEST(a_bufferlist_that_cannot_be_read_takes_nothing_from_those_that_can),
		TEST(a_list_of_watchers_is_told_whole_or_not_at_all),
		TEST(a_foreign_list_of_watchers_is_not_told),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
