/* SPDX-License-Identifier: MIT */
/* Every way a line is wrapped, around a line of every family: what is told of it is the same as of the line alone. */
#include "ingest/log_form.h"
#include "ingest/log_forms.h"
#include "ingest/unwrap.h"
#include "ingest/unwrap_marks.h"
#include "log_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/test-ingest-unwrap-XXXXXX";

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return chdir("/") || rmdir(folder);
}

/* Lines of each family, and who writes such lines. */
static const struct {
	const char *program, *text;
} lines[] = {
	{ "ceph-mon[7]", "2024-03-27T12:59:18.620123+0000 mon.a (mon.0) 97 : audit [INF] from='client.24251 10.0.0.5:0/1234567' "
	                 "entity='client.x' cmd='[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": "
	                 "\"10.0.0.9:0/7654321\"}]': finished" },
	{ "ceph-mon[7]", "2018-03-04 21:23:50.450461 mon.a mon.0 10.10.10.1:6789/0 5575 : audit [INF] from='client.? "
	                 "10.10.10.2:0/2040474367' entity='client.admin' cmd=[{\"prefix\": \"osd blacklist\", \"blacklistop\": "
	                 "\"add\", \"addr\": \"10.10.10.3:0/1548601709\"}]: dispatch" },
	{ "ceph-mon[7]", "from='client.24251 10.0.0.5:0/1234567' entity='client.x' cmd='[{\"prefix\": \"osd blocklist\", "
	                 "\"blocklistop\": \"add\", \"addr\": \"10.0.0.9:0/7654321\"}]': finished" },
	{ "ceph-mon[7]",
	  "2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 log_channel(cluster) log [WRN] : Health check update: 3 slow "
	  "ops, oldest one blocked for 65 sec, daemons [osd.12,osd.22,osd.6] have slow ops. (SLOW_OPS)" },
	{ "ceph-osd[7]",
	  "2024-03-27T12:59:18.620+0000 7f1de2b0b640 -1 osd.3 18 get_health_metrics reporting 2 slow ops, oldest is "
	  "osd_op(client.1.0:1 1.1 1.e09bba91 (undecoded) e21)" },
	{ "ceph-osd[7]", "2024-03-27T12:59:18.620+0000 7f1de2b0b640 10 osd.0 pg_epoch: 17 pg[1.6(unlocked)]  -- "
	                 "Watch(139889903416784,client.4167) HandleWatchTimeout" },
	{ "rbd[7]", "2024-03-27T12:59:30.620+0000 7f1de2b0b640 -1 librbd::ImageWatcher: 0x7f1d70002a30 image watch failed: "
	            "140037054309888, (107) Transport endpoint is not connected" },
	{ "rbd[7]", "librbd::ImageWatcher: 0x7f1d70002a30 image watch failed: 140037054309888, (107) Transport endpoint is not "
	            "connected" },
	{ "qemu-kvm[7]",
	  "2026-11-27T20:57:24.594065Z qemu-kvm: rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 task.ret "
	  "-108 (Cannot send after transport endpoint shutdown)" },
	{ "qemu-kvm[7]", "2026-11-27T20:57:24.594065Z vm1 qemu-kvm: rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 "
	                 "task.ret -108 (Cannot send after transport endpoint shutdown)" },
	{ "qemu-kvm[7]",
	  "qemu-kvm: rbd request failed: cmd 1 offset 17436672 bytes 4096 flags 8 task.ret -108 (Cannot send after "
	  "transport endpoint shutdown)" },
	{ "qemu-kvm[7]", "block I/O error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)" },
	{ "kernel", "[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE) flags 0x8800 phys_seg 1 prio class 2" },
	{ "kernel", "blk_update_request: I/O error, dev vda, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0" },
	{ "bash[7]", "10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000" },
	{ "bash[7]", "cidr:10.88.0.0:0/16 2026-11-27T21:56:40.314894+0000" },
	{ "bash[7]", "blacklist 10.99.2.2:0/1489055483 expires 2020-03-15 22:20:44.052504" },
	{ "bash[7]", "client.4167  auto 139889903416784  10.99.2.2:0/1489055483" },
	{ "bash[7]", "watcher=10.99.2.2:0/1489055483 client.4167 cookie=139889903416784" },
};

/* %s the line; @ its program, as syslog names it; ~ in front: the line is written as a JSON string, ^ as one of Python. */
static const char *const wraps[] = {
	"  %s",
	"\t%s",
	"> %s",
	">%s",
	"> > %s",
	"# | %s",
	"\xef\xbb\xbf%s",
	"\033[01;31m\033[K%s\033[m\033[K",
	"^[[0;33m%s^[[0m",
	"#033[31m%s#033[0m",
	"\033]0;root@mon1: ~\a%s",
	"\033(B\033[m%s\033(B\033[m",
	"\033]8;;file:///x\a%s\033]8;;\a",
	"\033[?2004h%s\033[?2004l",
	"^b'%s\\n'",
	"^u'%s',",
	"ceph.audit.log:%s",
	"/var/log/ceph/ceph.audit.log-20240327.gz:%s",
	"messages:%s",
	"ceph.log:1234:%s",
	"1234:%s",
	"ceph.log-1234-%s",
	"(standard input):%s",
	"2024-03-27T12:59:18.620500000Z %s",
	"2024-03-27T12:59:18.620500000+01:00 %s",
	"[pod/rook-ceph-mon-a-5d9f/mon] %s",
	"[pod/rook-ceph-mon-a-5d9f/mon] 2024-03-27T12:59:18.620500000Z %s",
	"[rook-ceph-mon-a-5d9f mon] %s",
	"mon-1  | %s",
	"2024-03-27T12:59:18.620500000Z stderr F %s",
	"~{\"log\":\"%s\\n\",\"stream\":\"stderr\",\"time\":\"2024-03-27T12:59:18.620500000Z\"}",
	"~{\"MESSAGE\":\"%s\",\"_HOSTNAME\":\"node1\",\"__REALTIME_TIMESTAMP\":\"1711544358620500\",\"_COMM\":\"@\"}",
	"~{\"Hostname\":\"ctl1\",\"Payload\":\"%s\",\"programname\":\"@\",\"Timestamp\":\"2024-03-27T12:59:18.620500Z\"}",
	"~{\"version\":\"1.1\",\"host\":\"node1\",\"short_message\":\"%s\",\"timestamp\":1711544358.62,\"level\":6}",
	"~{\"@timestamp\":\"2024-03-27T12:59:18.620Z\",\"host\":{\"name\":\"node1\"},\"message\":\"%s\"}",
	"~2024-03-27T12:59:18+00:00\tkube.var.log\t{\"log\":\"%s\\n\",\"kubernetes\":{\"pod_name\":\"m\",\"host\":\"node1\"}}",
	"~2024-03-27 12:59:18.620000000 +0000 kube.mon: {\"log\":\"%s\\n\",\"stream\":\"stderr\"}",
	"~data: {\"MESSAGE\":\"%s\",\"_HOSTNAME\":\"node1\"}",
	"~\t\"MESSAGE\" : \"%s\",",
	"MESSAGE=%s",
	"<134>1 2024-03-27T12:59:18.620Z node1 @ 7 - - %s",
	"<134>1 2024-03-27T12:59:18.620Z node1 @ 7 id1 [x@1 a=\"b\"][y c=\"d\"] \xef\xbb\xbf%s",
	"<134>1 - - @ - - - %s",
	"<30>Mar 27 12:59:18 node1 @: %s",
	"Mar 27 12:59:18 node1 @: %s",
	"2024-03-27T12:59:18.620123+01:00 node1 @: %s",
	"1711544358.620123 node1 @: %s",
	"Wed 2024-03-27 12:59:18 UTC node1 @: %s",
	"Wed 2024-03-27 12:59:18.620123 CET node1 @: %s",
	"Mar 27 12:59:18 node1 daemon.info @: %s",
	"2024-03-27T12:59:18.620123+01:00 node1 daemon.err @: %s",
	"2024-03-27T12:59:18.620123+01:00 node1 local0 notice @: %s",
	"2020-06-16T14:59:23.3999 info daemon @ %s",
	"2022-11-12 10:11:00 +0800 | messages | %s",
	"2021-06-22 13:49:28.922733 I | exec: %s",
	"node1: %s",
	"node-1.example.com: %s",
	"compute1: /var/log/messages.1:Mar 27 12:59:18 node1 @: %s",
	"node1: [pod/rook-ceph-mon-a-5d9f/mon] 2024-03-27T12:59:18.620500000Z <134>1 2024-03-27T12:59:18.620Z node1 @ 7 - - %s",
};

static void append(char *out, const char *text, char quote)
{
	out += strlen(out);
	for (; *text; text++) {
		if (quote && (*text == quote || *text == '\\'))
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '\0';
}

static void wrap_line(char *out, const char *form, const char *program, const char *text)
{
	char quote = *form == '~' ? '"' : *form == '^' && form[1] != '[' ? '\'' : '\0';

	*out = '\0';
	for (form += !!quote; *form; form++)
		if (form[0] == '%' && form[1] == 's')
			append(out, text, (form++, quote));
		else if (form[0] == '@' && strncmp(form, "@1", 2) && strncmp(form, "@timestamp", 10))
			append(out, program, quote);
		else
			append(out, (char[]){ *form, '\0' }, '\0');
}

static char *told(const char *line)
{
	char *path = "log", *text;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fprintf(file, "%s\n", line) > 0);
	fclose(file);
	text = log_events_of(&path, 1, NULL);
	assert_non_null(text);
	unlink(path);
	return text;
}

/* Without the time: a line that has none takes its wrapper's. */
static const char *payload(const char *told)
{
	return told + strspn(told, "0123456789. ");
}

static bool is_dated(const char *told)
{
	return *told >= '0' && *told <= '9';
}

static void every_wrapper_is_taken_off_every_family(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *alone = told(lines[i].text);

		assert_true(*alone);
		for (size_t j = 0; j < sizeof(wraps) / sizeof(*wraps); j++) {
			char line[4096], *wrapped;

			wrap_line(line, wraps[j], lines[i].program, lines[i].text);
			wrapped = told(line);
			if (strcmp(payload(wrapped), payload(alone)))
				fail_msg("of: %s\ntold: %s\nnot: %s", line, wrapped, alone);
			if (is_dated(alone) && strcmp(wrapped, alone) && !strstr(lines[i].text, "2018-"))
				fail_msg("the line's own time counts: %s\ntold: %s\nnot: %s", line, wrapped, alone);
			free(wrapped);
		}
		free(alone);
	}
}

/* Two wrappers at a time, in either order, around one line. */
static void wrappers_are_taken_off_one_another(void **state)
{
	char *alone = told(lines[0].text);

	(void)state;
	for (size_t i = 0; i < sizeof(wraps) / sizeof(*wraps); i++)
		for (size_t j = 0; j < sizeof(wraps) / sizeof(*wraps); j++) {
			char inner[4096], outer[16384], *both;

			if (strstr(wraps[i], "\"MESSAGE\" : "))
				continue;
			wrap_line(inner, wraps[j], lines[0].program, lines[0].text);
			wrap_line(outer, wraps[i], lines[0].program, inner);
			both = told(outer);
			if (strcmp(both, alone))
				fail_msg("of: %s\ntold: %s", outer, both);
			free(both);
		}
	free(alone);
}

static size_t count_that_take_their_example(struct log_form *(*of)(size_t i))
{
	const struct stamp_zone zone = { .tz = "UTC" };
	struct log_form *form;
	size_t count = 0;

	for (; (form = of(count)); count++) {
		struct log_line parsed;

		if (!log_form_match(form, form->example, &zone, &parsed))
			fail_msg("%s does not take %s", form->form, form->example);
	}
	return count;
}

static void every_form_takes_its_own_example(void **state)
{
	(void)state;
	assert_true(count_that_take_their_example(unwrap_form) > 40);
	assert_true(count_that_take_their_example(log_forms_form) > 30);
}

/* What a page, a word processor or Markdown did to a line. */
static void what_was_typeset_is_undone(void **state)
{
	static const char *const cases[][2] = {
		{ "from=\xe2\x80\x98x\xe2\x80\x99 {\xe2\x80\x9cprefix\xe2\x80\x9d: 1}", "from='x' {\"prefix\": 1}" },
		{ "from=&#39;x&apos; {&quot;a&quot;} &lt;&amp;lt;", "from='x' {\"a\"} <&lt;" },
		{ "\\[INF\\] osd\\_op \\{\\}", "[INF] osd_op {}" },
		{ "cmd=&#91;&#x7b;&#x7D;&#93;&#160;x &#8203; &#; &#1", "cmd=[{}] x &#8203; &#; &#1" },
		{ "\xc2\xab"
		  "a\xc2\xbb \xe2\x94\x82 b \xe2\x80\xa2",
		  "\"a\" | b *" },
		{ "a\tb", "a b" },
		{ "<pre>a <span class=\"x\">b</span></td><td>c", "a b c" },
		{ "a < b > c <7> <a", "a < b > c <7> <a" },
		{ "[01;31m[Kosd[m[K 0=[] [mon.a] [1~3m] [0mx", "osd 0=[] [mon.a] [1~3m] x" },
		{ "{\"a\": \"\\\"\\n\"} & \\", "{\"a\": \"\\\"\\n\"} & \\" }, /* JSON's own stay */
		{ "\xe2\x80", "\xe2\x80" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = strdup(cases[i][0]); /* of its own size, so that a byte too far shows */
		size_t length = strlen(cases[i][0]);

		assert_non_null(text);
		assert_int_equal(unwrap_straighten(text, &length), strcmp(cases[i][0], cases[i][1]) != 0);
		assert_int_equal(length, strlen(cases[i][1]));
		assert_string_equal(text, cases[i][1]);
		free(text);
	}
}

static void wrappers_name_host_and_file(void **state)
{
	static const struct {
		const char *line, *host, *file, *text;
	} cases[] = {
		{ "compute1: /var/log/messages:Mar 27 12:59:18 node1 ceph-mon[7]: from=", "node1", "/var/log/messages", "from=" },
		{ "node1: debug 2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 x", "node1", "",
		  "2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 x" },
		{ "[pod/rook-ceph-mon-a-5d9f/mon] 2024-03-27T12:59:18.620500000Z from='x", "", "", "from='x" },
		{ "rook-ceph-mon-a-5d9f mon 2024-03-27T12:59:18.620+0000 mon.a (mon.0) 97 : x", "", "",
		  "2024-03-27T12:59:18.620+0000 mon.a (mon.0) 97 : x" },
		{ "{\"log\":\"x y\\n\",\"kubernetes\":{\"host\":\"n2\",\"container_name\":\"mon\"}}", "n2", "", "x y" },
		{ "{\"MESSAGE\":[120,27,91,49,109,121],\"_HOSTNAME\":\"n3\"}", "n3", "", "xy" },
		{ "{\"log\":\"cut o", "", "", "cut o" },
	};
	const struct stamp_zone zone = { .tz = "UTC" };
	struct unwrap *unwrap = unwrap_new(NULL, NULL);

	(void)state;
	assert_non_null(unwrap);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct log_line inner;
		char said[256];

		if (!unwrap_line(unwrap, cases[i].line, strlen(cases[i].line), &zone, &inner))
			fail_msg("nothing is taken off %s", cases[i].line);
		snprintf(said, sizeof(said), "%.*s|%.*s|%.*s", (int)inner.host.length, inner.host.at ?: "",
		         (int)inner.file.length, inner.file.at ?: "", (int)inner.length, inner.text);
		if (strncmp(said, cases[i].host, strlen(cases[i].host)) || !strstr(said, cases[i].file) ||
		    strcmp(strrchr(said, '|') + 1, cases[i].text))
			fail_msg("of %s: %s", cases[i].line, said);
	}
	unwrap_free(unwrap);
}

static void prompts_are_known(void **state)
{
	static const char *const prompts[] = {
		"root@mon1:~# ceph osd blocklist ls",  "[root@mon1 ~]# ceph", "$ ceph -s", "# ceph -s", "user@host:/var/log$ ls",
		"[ceph: root@node1 /]# ceph osd dump", "host:~ # rbd"
	};
	static const char *const others[] = { "2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 x", "10.0.0.9:0/111 2024-07-10",
		                              "[INF] from='client", "listed 3 entries", "watcher=10.99.2.2:0/1 client.4" };

	(void)state;
	for (size_t i = 0; i < sizeof(prompts) / sizeof(*prompts); i++)
		if (!unwrap_prompt(prompts[i], strlen(prompts[i])))
			fail_msg("no prompt: %s", prompts[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (unwrap_prompt(others[i], strlen(others[i])))
			fail_msg("a prompt: %s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wrapper_is_taken_off_every_family),
		cmocka_unit_test(wrappers_are_taken_off_one_another),
		cmocka_unit_test(every_form_takes_its_own_example),
		cmocka_unit_test(what_was_typeset_is_undone),
		cmocka_unit_test(wrappers_name_host_and_file),
		cmocka_unit_test(prompts_are_known),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
