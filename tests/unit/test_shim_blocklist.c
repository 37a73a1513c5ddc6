/* SPDX-License-Identifier: MIT */
/* Is this monitor command one that blocklists, and whom; how it came in; and do two addresses name the same client. */
#include "follow/blocklist.h"
#include "base/fork.h"
#include "capture.h"
#include "follow/client.h"
#include "follow/header_op.h"
#include "follow/lock_break.h"
#include "follow/noted.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct blocklist_command parsed;

static bool parse(const char *json)
{
	return blocklist_command_parse(&parsed, json, strlen(json));
}

static void assert_parsed(const char *op, const char *target, int64_t expire_s, bool range)
{
	assert_string_equal(parsed.op, op);
	assert_string_equal(parsed.target, target);
	assert_int_equal(parsed.expire_s, expire_s);
	assert_int_equal(parsed.range, range);
}

static void librbds_own_command(void **state)
{
	(void)state;
	assert_true(parse("{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/123\"}"));
	assert_parsed("add", "10.0.0.2:0/123", -1, false);
	assert_false(parsed.old_verb);
}

static void the_old_verb(void **state)
{
	(void)state;
	assert_true(parse("{\"prefix\":\"osd blacklist\",\"blacklistop\":\"rm\",\"addr\":\"[fd00::1]:0/7\"}"));
	assert_parsed("rm", "[fd00::1]:0/7", -1, false);
	assert_true(parsed.old_verb);
}

static void any_order_and_any_space(void **state)
{
	(void)state;
	assert_true(parse(" {\t\"expire\" : 3600.0 ,\n\"addr\":\"1.2.3.4:0\\/5\", \"x\": [1, \"a\"], \"y\": true,\r\n"
	                  "\"target\": [\"mon-mgr\", \"\"], \"blocklistop\":\"add\",\"prefix\":\"osd blocklist\" } "));
	assert_parsed("add", "1.2.3.4:0/5", 3600, false);
}

static void a_range(void **state)
{
	(void)state;
	assert_true(parse(
	        "{\"prefix\": \"osd blocklist\", \"range\": \"range\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.0/24\"}"));
	assert_parsed("add", "10.0.0.0/24", -1, true);
}

static void clear_is_a_prefix_of_its_own(void **state)
{
	(void)state;
	assert_true(parse("{\"prefix\": \"osd blocklist clear\", \"target\": [\"mon-mgr\", \"\"]}"));
	assert_parsed("clear", "", -1, false);
}

static void an_escaped_address(void **state)
{
	(void)state;
	assert_true(parse("{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"1.2.3.4:0\\u002f5\"}"));
	assert_string_equal(parsed.target, "1.2.3.4:0/5");
}

static void other_commands_are_not_ours(void **state)
{
	static const char *const others[] = {
		"{\"prefix\": \"osd blocklist ls\"}",
		"{\"prefix\": \"osd blocklister\", \"blocklistop\": \"add\", \"addr\": \"1.2.3.4:0/5\"}",
		"{\"prefix\": \"config-key set\", \"key\": \"k\", \"val\": \"osd blocklist\"}",
		"{\"prefix\": \"config-key set\", \"key\": \"osd blocklist\", \"val\": \"{\\\"prefix\\\": \\\"osd "
		"blocklist\\\"}\"}",
		"{\"prefix\": \"osd blocklist\", \"blocklistop\": \"list\"}",
		"{\"prefix\": \"osd blocklist\"}",
		"{\"blocklistop\": \"add\", \"addr\": \"1.2.3.4:0/5\"}",
		"{\"key\": {\"prefix\": \"osd blocklist\"}, \"prefix\": \"osd blocklist\", \"blocklistop\": \"add\"}",
		"[\"osd blocklist\"]",
		"osd blocklist add 1.2.3.4:0/5",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (parse(others[i]))
			fail_msg("taken for ours: %s", others[i]);
}

/* Every beginning of a good command, in memory of just its size, and every single byte of it changed. */
static void a_damaged_command_is_refused_or_read_within_its_bounds(void **state)
{
	static const char good[] =
	        "{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"\\u0031\\n\", \"expire\": 1}";

	(void)state;
	for (size_t length = 0; length < sizeof good - 1; length++) {
		char *cut = malloc(length ? length : 1);
		memcpy(cut, good, length);
		assert_false(blocklist_command_parse(&parsed, cut, length));
		free(cut);
	}
	for (size_t at = 0; at < sizeof good - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			char *changed = malloc(sizeof good - 1);
			memcpy(changed, good, sizeof good - 1);
			changed[at] = (char)byte;
			if (blocklist_command_parse(&parsed, changed, sizeof good - 1))
				assert_true(strlen(parsed.target) < sizeof parsed.target && strlen(parsed.op) < sizeof parsed.op);
			free(changed);
		}
}

static void an_overlong_address_is_dropped(void **state)
{
	char json[BLOCKLIST_COMMAND_MAX + 2], address[400];

	(void)state;
	memset(address, '1', sizeof address);
	address[sizeof address - 1] = '\0';
	strcpy(json, "{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"");
	strcat(json, address);
	strcat(json, "\"}");
	assert_true(parse(json));
	assert_string_equal(parsed.target, "");
	memset(json, ' ', sizeof json);
	json[sizeof json - 1] = '\0';
	assert_false(parse(json));
	blocklist_command_add(&parsed, address, strlen(address), 7);
	assert_int_equal(strlen(parsed.target), sizeof parsed.target - 1);
}

static void a_client_is_its_ip_and_nonce(void **state)
{
	(void)state;
	assert_true(lock_break_same_client("10.0.0.2:0/123", "10.0.0.2:0/123"));
	assert_true(lock_break_same_client("v1:10.0.0.2:0/123", "10.0.0.2:3300/123"));
	assert_true(lock_break_same_client("any:[fd00::1]:0/7", "v2:[fd00::1]:0/7"));
	assert_false(lock_break_same_client("10.0.0.2:0/123", "10.0.0.2:0/124"));
	assert_false(lock_break_same_client("10.0.0.2:0/123", "10.0.0.20:0/123"));
	assert_false(lock_break_same_client("client.4123", "10.0.0.2:0/123"));
	assert_false(lock_break_same_client("10.0.0.2", "10.0.0.2"));
	assert_false(lock_break_same_client("v1:", "/"));
}

/* What rbd-mirror exports, which holds librbd statically; tests/fakes/rbd_inside.c. */
void send_blocklist(void) __asm__("_ZN6librbd12managed_lock12BreakRequestINS_8ImageCtxEE14send_blocklistEv");

static enum fl_blocklist_entry entry_of_a_command_from(const void *caller)
{
	capture_reset();
	capture_enable("all");
	blocklist_sent(&parsed, "MonClient::_send_command", NULL, caller);
	assert_int_equal(captured(FL_EV_blocklist), 1);
	return ((const struct fl_blocklist *)captured_last(FL_EV_blocklist))->entry;
}

static void a_librbd_inside_of_a_program_breaks_locks_as_one_of_its_own(void **state)
{
	(void)state;
	blocklist_command_add(&parsed, "10.0.0.2:0/123", strlen("10.0.0.2:0/123"), 0);
	assert_int_equal(entry_of_a_command_from((const void *)send_blocklist), FL_ENTRY_EXCLUSIVE_LOCK_BREAK);
	assert_int_equal(entry_of_a_command_from((const void *)strtoull), FL_ENTRY_MONITOR_COMMAND);
	strcpy(parsed.op, "rm");
	assert_int_equal(entry_of_a_command_from((const void *)send_blocklist), FL_ENTRY_MONITOR_COMMAND);
}

static void count_osd(const struct fl_status_osd *osd, void *count)
{
	*(int *)count += osd->answered == 1;
}

static struct header_op *change_the_header(void)
{
	return header_op_begin_exec(&(void *){ NULL }, &(struct std_string){ "rbd_header.10aa", 15 }, "lock", "lock");
}

static int child_has_done_nothing(void)
{
	struct fl_status head = { 0 };
	int osds = 0;

	noted_write(&head);
	if (head.fences || head.fenced_ns || head.blocklists_sent || head.blocklist_ns || head.blocklist_target[0] ||
	    head.snapshots_begun || head.snapshot_ns)
		return 1;
	if (noted_osds(count_osd, &osds) || osds)
		return 2;
	noted_ping_answered("10.0.1.1:6800", 1000000, 0);
	noted_osds(count_osd, &osds);
	if (osds != 1)
		return 3;
	if (lock_break_is_open_for("10.0.0.2:0/123"))
		return 4;
	return change_the_header() ? 0 : 5;
}

static void a_forked_child_has_fenced_nobody_and_has_nothing_under_way(void **state)
{
	static struct client client;
	struct lock_break call;
	struct header_op *under_way[200];
	size_t count = 0;
	int status;

	(void)state;
	fork_survive();
	capture_reset();
	capture_enable("all");
	noted_fenced(&client);
	noted_blocklist("10.0.0.2:0/123");
	noted_snapshot();
	noted_ping_answered("10.0.1.1:6800", 1000000, 0);
	lock_break_begin(&call, HOOK_rbd_break_lock, "rbd_break_lock", NULL, "client.4123", "auto 1");
	while ((under_way[count] = change_the_header()))
		count++;
	assert_true(count > 0 && lock_break_is_open_for("10.0.0.2:0/123"));
	pid_t child = fork();
	if (child == 0)
		_exit(child_has_done_nothing());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	while (count)
		header_op_end(under_way[--count], 0);
	lock_break_end(&call, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(librbds_own_command),
		cmocka_unit_test(the_old_verb),
		cmocka_unit_test(any_order_and_any_space),
		cmocka_unit_test(a_range),
		cmocka_unit_test(clear_is_a_prefix_of_its_own),
		cmocka_unit_test(an_escaped_address),
		cmocka_unit_test(other_commands_are_not_ours),
		cmocka_unit_test(a_damaged_command_is_refused_or_read_within_its_bounds),
		cmocka_unit_test(an_overlong_address_is_dropped),
		cmocka_unit_test(a_client_is_its_ip_and_nonce),
		cmocka_unit_test(a_librbd_inside_of_a_program_breaks_locks_as_one_of_its_own),
		cmocka_unit_test(a_forked_child_has_fenced_nobody_and_has_nothing_under_way),
	};

	capture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
