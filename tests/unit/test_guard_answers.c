/* SPDX-License-Identifier: MIT */
/* What monitors, OSDs and record daemons answer, and what people write on the command line. */
#include "guard/answers.h"
#include "guard/guarded.h"
#include "guard/image.h"
#include "guard/notify_reply.h"
#include "guard/preflight_options.h"
#include "guard/unlock_commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool fenced(const char *listing, const char *address, struct fence_entry *fence)
{
	assert_true(answer_blocklist(listing, strlen(listing), address, fence));
	return fence->listed;
}

static void the_blocklist_of_16_is_two_arrays(void **state)
{
	static const char listing[] = "\n[{\"addr\":\"10.99.2.2:0/21\",\"until\":\"2026-11-29T07:20:39.793443+0000\"}]"
	                              "[{\"range\":\"cidr:10.98.0.0:0/16\",\"until\":\"2026-11-29T08:00:00.0+0000\"}]";
	struct fence_entry fence;

	(void)state;
	assert_true(fenced(listing, "10.99.2.2:0/21", &fence));
	assert_string_equal(fence.until, "2026-11-29T07:20:39.793443+0000");
	assert_false(fenced(listing, "10.99.2.2:0/22", &fence)); /* another client of that host */
	assert_false(fenced(listing, "10.99.2.3:0/21", &fence));
	assert_true(fenced(listing, "10.98.7.1:0/5", &fence));
	assert_string_equal(fence.entry, "cidr:10.98.0.0:0/16");
}

static void the_blocklist_of_14_is_one_array(void **state)
{
	static const char listing[] = "\n[{\"addr\":\"v1:10.99.2.2:0/21\",\"until\":\"2026-11-29 07:20:39.793443\"}]";
	struct fence_entry fence;

	(void)state;
	assert_true(fenced(listing, "10.99.2.2:0/21", &fence));
	assert_false(fenced("[]", "10.99.2.2:0/21", &fence));
	assert_false(fenced("[][]", "10.99.2.2:0/21", &fence));
}

static void a_whole_host_is_listed_with_nonce_0(void **state)
{
	struct fence_entry fence;

	(void)state;
	assert_true(fenced("[{\"addr\":\"10.99.2.2:0/0\",\"until\":\"x\"}]", "10.99.2.2:0/21", &fence));
	assert_true(fenced("[{\"addr\":\"[fd00::2]:0/7\",\"until\":\"x\"}]", "[fd00::2]:0/7", &fence));
}

static void what_is_no_blocklist_tells_nothing(void **state)
{
	static const char *const texts[] = { "", "{}", "[", "listed 0 entries", "[{\"addr\":" };
	struct fence_entry fence;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(answer_blocklist(texts[i], strlen(texts[i]), "10.99.2.2:0/21", &fence));
	assert_false(answer_blocklist("[]", 2, "no address", &fence));
}

static const struct placement pg_on_1 = { "2.5", 1, "1,0" };

static void health_tells_what_bears_upon_the_group(void **state)
{
	static const char health[] =
	        "{\"status\":\"HEALTH_WARN\",\"checks\":{"
	        "\"SLOW_OPS\":{\"summary\":{\"message\":\"4 slow ops, oldest one blocked for 33 sec, daemons [osd.1,osd.12] have "
	        "slow ops.\"},"
	        "\"detail\":[]},"
	        "\"PG_DEGRADED\":{\"summary\":{\"message\":\"Degraded data\"},\"detail\":[{\"message\":\"pg 2.5 is "
	        "active+undersized+degraded\"},"
	        "{\"message\":\"pg 2.5a is active+degraded\"}]},"
	        "\"POOL_NO_REDUNDANCY\":{\"summary\":{\"message\":\"1 pool(s) have no "
	        "replicas\"},\"detail\":[{\"message\":\"pool 'volumes' "
	        "has no replicas\"}]},"
	        "\"POOL_FULL\":{\"summary\":{\"message\":\"1 pool(s) full\"},\"detail\":[{\"message\":\"pool 'volumes' is "
	        "full\"},{\"message\":"
	        "\"pool 'volumes2' is full\"}]},"
	        "\"OSDMAP_FLAGS\":{\"summary\":{\"message\":\"pauserd,pausewr flag(s) set\"},\"detail\":[]}}}";
	struct concerns concerns;

	(void)state;
	assert_true(answer_health(health, strlen(health), &pg_on_1, "volumes", &concerns));
	assert_int_equal(concerns.count, 4);
	assert_true(concerns.slow_ops);
	assert_string_equal(concerns.list[1].text, "pg 2.5 is active+undersized+degraded");
	assert_string_equal(concerns.list[2].text, "pool 'volumes' is full");
	assert_string_equal(concerns.list[3].check, "OSDMAP_FLAGS");
}

static void slow_ops_of_another_osd_are_no_concern(void **state)
{
	static const char health[] =
	        "{\"status\":\"HEALTH_WARN\",\"checks\":{\"SLOW_OPS\":{\"summary\":{\"message\":\"4 slow ops, daemons "
	        "[osd.10,osd.12] have slow ops.\"},\"detail\":[]}}}";
	struct concerns concerns;

	(void)state;
	assert_true(answer_health(health, strlen(health), &pg_on_1, "volumes", &concerns));
	assert_int_equal(concerns.count, 0);
	assert_false(concerns.slow_ops);
}

static void maps_and_groups(void **state)
{
	static const char map[] =
	        "{\"epoch\":9,\"pool\":\"volumes\",\"pgid\":\"1.7\",\"up\":[2,0],\"acting\":[2,0],\"acting_primary\":2}";
	static const char nowhere[] = "{\"pgid\":\"1.7\",\"acting\":[],\"acting_primary\":-1}";
	static const char groups[] =
	        "{\"pg_ready\":true,\"pg_stats\":[{\"pgid\":\"1.6\",\"state\":\"peering\"},{\"pgid\":\"1.7\",\"state\":"
	        "\"active+clean+snaptrim\",\"snaptrimq_len\":12}]}";
	struct placement placement;
	struct group_state group = { "", -1 };

	(void)state;
	assert_true(answer_osd_map(map, strlen(map), &placement));
	assert_int_equal(placement.osd, 2);
	assert_string_equal(placement.acting, "2,0");
	assert_true(answer_osd_map(nowhere, strlen(nowhere), &placement));
	assert_int_equal(placement.osd, -1);
	assert_false(answer_osd_map("{}", 2, &placement));
	assert_true(answer_pg_list(groups, strlen(groups), "1.7", &group));
	assert_string_equal(group.state, "active+clean+snaptrim");
	assert_int_equal(group.snaptrim_queue, 12);
	assert_false(answer_pg_list(groups, strlen(groups), "1.8", &group));
}

static void seconds_bare_and_quoted(void **state)
{
	double seconds;

	(void)state;
	assert_true(answer_seconds("30\n", 3, &seconds) && seconds == 30);
	assert_true(answer_seconds("8.000000", 8, &seconds) && seconds == 8);
	assert_true(answer_seconds("\"20\"", 4, &seconds) && seconds == 20);
	assert_false(answer_seconds("", 0, &seconds));
	assert_false(answer_seconds("no such", 7, &seconds));
}

static void what_the_record_daemon_knows(void **state)
{
	static const char whole[] =
	        "{\"last_ack_ns\":1000,\"unanswered\":2,\"alive\":true,\"pid\":7,\"vm\":\"vm1\",\"now_ns\":9000}";
	static const char gone[] = "{\"alive\":false,\"last_ack_ns\":null}";
	struct client_answer client;

	(void)state;
	assert_true(answer_client(whole, strlen(whole), &client));
	assert_true(client.alive && client.last_ack_ns == 1000 && client.unanswered == 2 && client.pid == 7);
	assert_true(answer_client(gone, strlen(gone), &client));
	assert_false(client.alive);
	assert_false(answer_client("{\"last_ack_ns\":1}", 17, &client)); /* does not say whether it lives */
	assert_false(answer_client("<html>", 6, &client));
}

/* acks: {gid 7, cookie 9} with a payload of 3 bytes; timeouts: {gid 8, cookie 10} */
static const char reply[] = "\1\0\0\0\7\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\3\0\0\0abc"
                            "\1\0\0\0\10\0\0\0\0\0\0\0\12\0\0\0\0\0\0\0";

static void who_answered_a_notify(void **state)
{
	size_t size = sizeof reply - 1;

	(void)state;
	assert_int_equal(notify_reply_of(reply, size, 7, 9), NOTIFY_ANSWERED);
	assert_int_equal(notify_reply_of(reply, size, 8, 10), NOTIFY_MUTE);
	assert_int_equal(notify_reply_of(reply, size, 7, 10), NOTIFY_ABSENT);
	assert_int_equal(notify_reply_of(NULL, 0, 7, 9), NOTIFY_MALFORMED);
}

static void a_reply_cut_anywhere_is_not_read_beyond(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof reply - 1; size++) {
		char *cut = malloc(size ? size : 1); /* so that a sanitizer sees a byte too far */
		memcpy(cut, reply, size);
		assert_int_equal(notify_reply_of(cut, size, 8, 10), NOTIFY_MALFORMED);
		free(cut);
	}
	assert_int_equal(notify_reply_of("\377\377\377\377", 4, 8, 10), NOTIFY_MALFORMED);
}

static void images_on_the_command_line(void **state)
{
	static const char *const wrong[] = { "vm1", "", "/", "/vm1", "volumes/", "a/b/", "a//b", "a/b/c/d", "a/b@s" };
	struct image_spec spec;
	char text[IMAGE_SPEC];
	const char *why;

	(void)state;
	assert_true(image_spec_parse("volumes/vm1", &spec, &why));
	assert_string_equal(image_spec_text(&spec, text), "volumes/vm1");
	assert_true(image_spec_parse("volumes/ns/vm1", &spec, &why));
	assert_string_equal(spec.nspace, "ns");
	assert_string_equal(image_spec_text(&spec, text), "volumes/ns/vm1");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(image_spec_parse(wrong[i], &spec, &why));
}

static void an_image_of_any_length(void **state)
{
	char text[3 * IMAGE_NAME];
	struct image_spec spec;
	const char *why;

	(void)state;
	for (size_t length = 1; length < sizeof text - 3; length++) {
		memset(text, 'x', sizeof text);
		text[1] = '/';
		text[2 + length] = '\0';
		assert_int_equal(image_spec_parse(text, &spec, &why), length < IMAGE_NAME);
	}
}

static void durations(void **state)
{
	static const char *const wrong[] = { "", "s", "5x", "-1s", "nan", "inf", "1e99", "5 s" };
	int64_t ns;

	(void)state;
	assert_true(duration_parse("500ms", &ns) && ns == 500000000);
	assert_true(duration_parse("5", &ns) && ns == 5000000000);
	assert_true(duration_parse("1.5m", &ns) && ns == 90000000000);
	assert_true(duration_parse("1h", &ns) && ns == 3600000000000);
	assert_true(duration_parse("0", &ns) && ns == 0);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(duration_parse(wrong[i], &ns));
}

static void braces_are_the_image(void **state)
{
	char *command[] = { "rbd", "snap", "create", "{}@daily-{}", "{", "", NULL };
	char **made = command_for(command, "volumes/vm1");

	(void)state;
	assert_string_equal(made[0], "rbd");
	assert_string_equal(made[3], "volumes/vm1@daily-volumes/vm1");
	assert_string_equal(made[4], "{");
	assert_string_equal(made[5], "");
	assert_null(made[6]);
	command_free(made);
}

/* Who may make an image chooses its name: it must not become a second command in somebody's shell. */
static void printed_commands_are_quoted(void **state)
{
	struct look look = { .lock_state = LOCK_OWNED, .lock = { .count = 1, .shown = 1 } };
	json_t *commands;

	(void)state;
	strcpy(look.spec.pool, "volumes");
	strcpy(look.spec.name, "a'; reboot; '");
	strcpy(look.lock.lockers[0].cookie, "auto 140");
	strcpy(look.lock.lockers[0].client, "client.4166");
	commands = unlock_commands(&look, UNLOCK_BREAK);
	assert_string_equal(json_string_value(json_object_get(json_array_get(commands, 1), "command")),
	                    "rbd lock rm 'volumes/a'\\''; reboot; '\\''' 'auto 140' client.4166");
	json_decref(commands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_blocklist_of_16_is_two_arrays),
		cmocka_unit_test(the_blocklist_of_14_is_one_array),
		cmocka_unit_test(a_whole_host_is_listed_with_nonce_0),
		cmocka_unit_test(what_is_no_blocklist_tells_nothing),
		cmocka_unit_test(health_tells_what_bears_upon_the_group),
		cmocka_unit_test(slow_ops_of_another_osd_are_no_concern),
		cmocka_unit_test(maps_and_groups),
		cmocka_unit_test(seconds_bare_and_quoted),
		cmocka_unit_test(what_the_record_daemon_knows),
		cmocka_unit_test(who_answered_a_notify),
		cmocka_unit_test(a_reply_cut_anywhere_is_not_read_beyond),
		cmocka_unit_test(images_on_the_command_line),
		cmocka_unit_test(an_image_of_any_length),
		cmocka_unit_test(durations),
		cmocka_unit_test(braces_are_the_image),
		cmocka_unit_test(printed_commands_are_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
