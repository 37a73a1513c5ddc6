/* SPDX-License-Identifier: MIT */
/* Audit lines, in every envelope and every form that Ceph 10 to 20 write; then what must not be taken for one. */
#include "ingest/log_audit.h"
#include "ingest/log_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct parsed {
	int found; /* as audit_parse; -1000: no envelope */
	struct log_line line;
	struct event event;
	struct audit_blocklist audit;
};

static const struct stamp_zone zone = { .tz = "UTC" };

static struct unwrap *unwrap;
static struct event_list *list; /* keeps what is parsed */

static int begin(void **state)
{
	(void)state;
	unwrap = unwrap_new(NULL, NULL);
	list = event_list_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	unwrap_free(unwrap);
	event_list_free(list);
	return 0;
}

static struct parsed parse(const char *line)
{
	struct parsed parsed = { .found = -1000 };

	if (log_line_parse(unwrap, line, strlen(line), &zone, &parsed.line))
		parsed.found = audit_parse(parsed.line.text, &parsed.event, list);
	if (parsed.found == 1 && parsed.event.fact == FACT_audit_blocklist)
		parsed.audit = parsed.event.audit;
	return parsed;
}

#define CMD16 "[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.99.0.2:0/3992689762\"}]"
#define FROM  "from='client.? 10.99.0.1:0/4210275476' entity='client.cinder' "

static void the_lines_of_background_1_parse_as_they_stand(void **state)
{
	static const char *const lines[] = {
		"2020-03-12 23:53:11.646925 mon.0 127.0.0.1:6789/0 1565359 : audit [INF] from='client.? 127.0.0.1:0/3655019494' "
		"entity='client.cinder' cmd='[{\"prefix\": \"osd blacklist\", \"addr\": \"127.0.0.1:0/1548601709\", "
		"\"blacklistop\": \"add\"}]': finished",
		"2020-03-13 00:11:20.690720 mon.0 127.0.0.1:6789/0 1566350 : audit [INF] from='client.? 127.0.0.1:0/2040474367' "
		"entity='client.cinder' cmd='[{\"prefix\": \"osd blacklist\", \"addr\": \"127.0.0.1:0/1548601709\", "
		"\"blacklistop\": \"rm\"}]': finished",
	};
	struct parsed add = parse(lines[0]), rm = parse(lines[1]);

	(void)state;
	assert_int_equal(add.found, 1);
	assert_int_equal(add.line.stamp.ns, 1584057191646925000);
	assert_false(add.line.stamp.has_zone);
	assert_string_equal(add.line.channel, "audit");
	assert_string_equal(add.audit.op, "add");
	assert_string_equal(add.audit.target, "127.0.0.1:0/1548601709");
	assert_string_equal(add.audit.from_address, "127.0.0.1:0/3655019494");
	assert_int_equal(add.audit.from_gid, 0);
	assert_string_equal(add.audit.entity, "client.cinder");
	assert_int_equal(add.audit.phase, AUDIT_FINISHED);
	assert_int_equal(add.audit.expire_s, -1);
	assert_int_equal(rm.found, 1);
	assert_string_equal(rm.audit.op, "rm");
}

static void every_envelope_is_read(void **state)
{
	static const char *const envelopes[] = {
		"2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] ",
		"2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : ",
		"2026-11-22T22:02:54.337+0000 7fcabaffd6c0 -1 log_channel(audit) log [DBG] : ",
		"2020-03-12 23:53:11.646925 mon.0 [v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0] 9 : audit [INF] ",
		"2020-03-12 23:53:11.646925 mon.0 9 : audit [INF] ",
		"2020-03-12 23:53:11.646925 mon.a [INF] ",
	};
	char line[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(*envelopes); i++) {
		struct parsed parsed;
		snprintf(line, sizeof(line), "%s%s", envelopes[i], FROM "cmd=" CMD16 ": dispatch");
		parsed = parse(line);
		if (parsed.found != 1)
			fail_msg("not read: %s", line);
		assert_string_equal(parsed.audit.target, "10.99.0.2:0/3992689762");
	}
}

#define ENVELOPE "2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] "

static void phases_are_told_apart(void **state)
{
	struct parsed
	        dispatch = parse(ENVELOPE FROM "cmd=" CMD16 ": dispatch"),
	        finished = parse(ENVELOPE FROM "cmd='" CMD16 "': finished"),
	        denied = parse(ENVELOPE FROM "cmd=" CMD16 ":  access denied"),
	        tentacle = parse(
	                ENVELOPE FROM
	                "cmd={\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/7\"} : dispatch");

	(void)state;
	assert_int_equal(dispatch.found, 1);
	assert_int_equal(dispatch.audit.phase, AUDIT_DISPATCH);
	assert_int_equal(finished.found, 1);
	assert_int_equal(finished.audit.phase, AUDIT_FINISHED);
	assert_int_equal(denied.found, 1);
	assert_int_equal(denied.audit.phase, AUDIT_DENIED);
	assert_int_equal(tentacle.found, 1);
	assert_int_equal(tentacle.audit.phase, AUDIT_DISPATCH);
	assert_string_equal(tentacle.audit.target, "10.0.0.2:0/7");
}

static void senders_are_read_as_far_as_they_are_known(void **state)
{
	static const struct {
		const char *from, *address;
		uint64_t gid;
	} senders[] = {
		{ "client.4123 10.0.0.1:0/35", "10.0.0.1:0/35", 4123 },
		{ "client.? v1:10.0.0.1:0/35", "v1:10.0.0.1:0/35", 0 },
		{ "client.? [v2:10.0.0.1:0/35,v1:10.0.0.1:0/35]", "[v2:10.0.0.1:0/35,v1:10.0.0.1:0/35]", 0 },
		{ "client.4123 ", "", 4123 },
		{ "client.4123", "", 4123 },
		{ "client.4123 -", "-", 4123 },
		{ "-", "-", 0 },
		{ "", "", 0 },
		{ "mgr.14102 10.0.0.1:0/35", "10.0.0.1:0/35", 0 },
	};
	char line[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(senders) / sizeof(*senders); i++) {
		struct parsed parsed;
		snprintf(line, sizeof(line), ENVELOPE "from='%s' entity='client.cinder' cmd=" CMD16 ": dispatch",
		         senders[i].from);
		parsed = parse(line);
		assert_int_equal(parsed.found, 1);
		assert_string_equal(parsed.audit.from_address, senders[i].address);
		assert_int_equal(parsed.audit.from_gid, senders[i].gid);
	}
}

static struct parsed parse_command(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), ENVELOPE FROM "cmd=[%s]: dispatch", command);
	return parse(line);
}

static void commands_are_read_in_full(void **state)
{
	struct parsed expire = parse_command(
	        "{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/7\", \"expire\": 600.0}");
	struct parsed range = parse_command(
	        "{\"prefix\": \"osd blocklist\", \"range\": \"range\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.0/24\"}");
	struct parsed clear = parse_command("{\"prefix\": \"osd blocklist clear\"}");

	(void)state;
	assert_int_equal(expire.found, 1);
	assert_int_equal(expire.audit.expire_s, 600);
	assert_false(expire.audit.range);
	assert_int_equal(range.found, 1);
	assert_true(range.audit.range);
	assert_string_equal(range.audit.target, "10.0.0.0/24");
	assert_int_equal(clear.found, 1);
	assert_string_equal(clear.audit.op, "clear");
}

static void what_changes_no_blocklist_is_no_event(void **state)
{
	struct parsed ls = parse_command("{\"prefix\": \"osd blocklist ls\"}");
	struct parsed other = parse_command("{\"prefix\": \"config set\", \"value\": \"osd blocklist\"}");
	struct parsed quoted =
	        parse("2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 mon.a@0(leader) e1 handle_command mon_command({\"prefix\": "
	              "\"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.2:0/7\"} v 0) v1");

	(void)state;
	assert_int_equal(ls.found, 0);
	assert_int_equal(other.found, 0);
	assert_int_equal(quoted.found, 0);
}

/* Every prefix of a good line, and every line with one byte changed: refused or read, and never a crash (run under the
 * address sanitizer). What is read must have come from the whole line. */
static void damaged_lines_are_refused(void **state)
{
	static const char line[] = ENVELOPE FROM "cmd='" CMD16 "': finished";
	char damaged[sizeof(line)];

	(void)state;
	for (size_t length = 0; length < sizeof(line) - 1; length++) {
		struct parsed parsed;
		memcpy(damaged, line, length);
		damaged[length] = '\0';
		parsed = parse(damaged);
		if (parsed.found == 1)
			fail_msg("read though cut off: %s", damaged);
	}
	for (size_t at = 0; at < sizeof(line) - 1; at++)
		for (int byte = 1; byte < 256; byte += 3) {
			memcpy(damaged, line, sizeof(line));
			damaged[at] = (char)byte;
			parse(damaged);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_of_background_1_parse_as_they_stand),
		cmocka_unit_test(every_envelope_is_read),
		cmocka_unit_test(phases_are_told_apart),
		cmocka_unit_test(senders_are_read_as_far_as_they_are_known),
		cmocka_unit_test(commands_are_read_in_full),
		cmocka_unit_test(what_changes_no_blocklist_is_no_event),
		cmocka_unit_test(damaged_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
