/* SPDX-License-Identifier: MIT */
/* Many inputs, one stream: by time, whatever order they are named in; each once; filtered, but never so that names go. */
#include "ingest/ingest.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define HEAD "{\"schema\": \"fenceline/events/1\"}\n"
static char folder[] = "/tmp/test_ingest_merge.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const files[] = { "a", "b", "log1", "log2", "cut", "other", "none", "link" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(files[i]);
	rmdir("empty");
	return chdir("/") || rmdir(folder);
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* What was delivered, as "ts:fact:pid@host " per event. */
static int note(const struct event *event, void *arg)
{
	char *all = arg, one[128];

	snprintf(one, sizeof(one), "%lld:%d:%u@%s ", (long long)event->ts_ns, event->fact,
	         fact_is_trace(event->fact) ? event->head.pid : 0, event->source->host);
	strcat(all, one);
	return 0;
}

static const struct ingest_options everything = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };

static const char *read_all(const struct ingest_options *options, char *const paths[], size_t count)
{
	static char all[8192];
	struct ingest *ingest = ingest_open(paths, count, options);

	assert_non_null(ingest);
	*all = '\0';
	assert_int_equal(ingest_run(ingest, note, all), 0);
	ingest_close(ingest);
	return all;
}

static void events_come_by_time_whatever_the_order_of_inputs(void **state)
{
	char *const forth[] = { "a", "b", "log1" }, *const back[] = { "log1", "b", "a" };
	char expected[1024];

	(void)state;
	put("a", HEAD "{\"ts_ns\": 300, \"host\": \"h1\", \"event\": \"client_shutdown\", \"pid\": 1}\n"
	              "{\"ts_ns\": 100, \"host\": \"h1\", \"event\": \"client_shutdown\", \"pid\": 2}\n"
	              "{\"ts_ns\": 200, \"host\": \"h1\", \"event\": \"client_shutdown\", \"pid\": 3}\n");
	put("b", HEAD "{\"ts_ns\": 200, \"host\": \"h2\", \"event\": \"client_shutdown\", \"pid\": 4}\n"
	              "{\"ts_ns\": 200, \"host\": \"h2\", \"event\": \"client_shutdown\", \"pid\": 5}\n");
	put("log1", "2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : from='client.? 10.0.0.1:0/4' "
	            "entity='client.cinder' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": "
	            "\"10.0.0.2:0/3\"}]: dispatch\n");
	snprintf(expected, sizeof(expected),
	         "100:%d:2@h1 200:%d:3@h1 200:%d:4@h2 200:%d:5@h2 300:%d:1@h1 1795384974337000000:%d:0@ ", FACT_client_shutdown,
	         FACT_client_shutdown, FACT_client_shutdown, FACT_client_shutdown, FACT_client_shutdown, FACT_audit_blocklist);
	assert_string_equal(read_all(&everything, forth, 3), expected);
	assert_string_equal(read_all(&everything, back, 3), expected);
}

static void an_input_named_twice_is_read_once(void **state)
{
	char *const once[] = { "b" }, *const twice[] = { "b", "./b", "link", "b" };
	char first[1024];

	(void)state;
	assert_int_equal(symlink("b", "link"), 0);
	snprintf(first, sizeof(first), "%s", read_all(&everything, once, 1));
	assert_string_equal(read_all(&everything, twice, 4), first);
}

static void what_names_a_client_passes_the_filters(void **state)
{
	struct ingest_options options = { .since_ns = 150, .until_ns = 250, .no_io = true };
	char *const paths[] = { "a" };
	char expected[256];

	(void)state;
	put("a", HEAD "{\"ts_ns\": 100, \"event\": \"state\", \"pid\": 1}\n"
	              "{\"ts_ns\": 101, \"event\": \"client_connect\", \"pid\": 2}\n"
	              "{\"ts_ns\": 102, \"event\": \"image_open\", \"pid\": 3}\n"
	              "{\"ts_ns\": 103, \"event\": \"ping_sent\", \"pid\": 4}\n"
	              "{\"ts_ns\": 150, \"event\": \"ping_sent\", \"pid\": 5}\n"
	              "{\"ts_ns\": 200, \"event\": \"io\", \"pid\": 6}\n"
	              "{\"ts_ns\": 201, \"event\": \"io_error\", \"pid\": 7}\n"
	              "{\"ts_ns\": 250, \"event\": \"ping_sent\", \"pid\": 8}\n"
	              "{\"ts_ns\": 251, \"event\": \"ping_sent\", \"pid\": 9}\n");
	snprintf(expected, sizeof(expected), "100:%d:1@ 101:%d:2@ 102:%d:3@ 150:%d:5@ 201:%d:7@ 250:%d:8@ ", FACT_state,
	         FACT_client_connect, FACT_image_open, FACT_ping_sent, FACT_io_error, FACT_ping_sent);
	assert_string_equal(read_all(&options, paths, 1), expected);
}

static int check_fields(const struct event *event, void *arg)
{
	if (event->fact == FACT_io_summary) {
		assert_int_equal(event->trace.io_summary.reads, 4000000000);
		assert_int_equal(event->trace.io_summary.latency[23], 9);
		assert_int_equal(event->trace.io_summary.latency[1], 0);
		assert_int_equal(event->line, 3);
		++*(int *)arg;
	} else if (event->fact == FACT_io_eshutdown) {
		assert_int_equal(event->trace.io_eshutdown.result, -108);
		assert_int_equal(event->trace.io_eshutdown.op, FL_IO_WRITE);
		assert_int_equal(event->trace.io_eshutdown.offset, 1099511627776);
		++*(int *)arg;
	} else if (event->fact == FACT_lost_events) {
		assert_int_equal(event->lost.count, 7);
		++*(int *)arg;
	} else {
		assert_string_equal(event->trace.state.vm_name, "");
		assert_string_equal(event->trace.state.name, "volume-\xc3\xb6");
		assert_int_equal(event->trace.state.cookie, 94211850034176);
		++*(int *)arg;
	}
	return 0;
}

static void fields_are_found_by_name_and_missing_ones_are_empty(void **state)
{
	char *const paths[] = { "a" };
	const struct source *const *sources;
	struct ingest *ingest;
	int seen = 0;

	(void)state;
	put("a", HEAD "{\"ts_ns\": 5, \"event\": \"state\", \"cookie\": 94211850034176, \"name\": \"volume-\\u00f6\", "
	              "\"no_such_field\": 1}\n"
	              "{\"ts_ns\": 6, \"event\": \"io_summary\", \"reads\": 4000000000, \"latency\": "
	              "[1,0,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,9,8]}\n"
	              "{\"ts_ns\": 7, \"event\": \"io_eshutdown\", \"op\": 1, \"offset\": 1099511627776, \"result\": -108}\n"
	              "{\"ts_ns\": 8, \"event\": \"no_such_event\"}\n"
	              "no json\n"
	              "{\"ts_ns\": 9, \"event\": \"lost_events\", \"count\": 7}\n");
	ingest = ingest_open(paths, 1, &everything);
	assert_non_null(ingest);
	assert_int_equal(ingest_run(ingest, check_fields, &seen), 0);
	assert_int_equal(seen, 4);
	assert_int_equal(ingest_sources(ingest, &sources), 1);
	assert_int_equal(sources[0]->lost_events, 7);
	assert_string_equal(sources[0]->path, "a");
	assert_int_equal(sources[0]->begin_ns, 5);
	assert_int_equal(sources[0]->end_ns, 9);
	assert_int_equal(sources[0]->events, 3);
	ingest_close(ingest);
}

static int stop_at_second(const struct event *event, void *arg)
{
	(void)event;
	return ++*(int *)arg == 2 ? -125 : 0;
}

static void the_receiver_may_stop(void **state)
{
	char *const paths[] = { "a" };
	struct ingest *ingest = ingest_open(paths, 1, &everything);
	int seen = 0;

	(void)state;
	assert_non_null(ingest);
	assert_int_equal(ingest_run(ingest, stop_at_second, &seen), -125);
	assert_int_equal(seen, 2);
	ingest_close(ingest);
}

static void one_log_in_two_files_is_the_same_log(void **state)
{
	static const char line1[] = "2026-11-22T22:02:54.340990+0000 mon.a (mon.0) 85 : audit [INF] from='client.? 10.0.0.1:0/4' "
	                            "entity='client.cinder' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", "
	                            "\"addr\": \"10.0.0.2:0/3\"}]: dispatch\n";
	static const char line2[] = "2026-11-22T22:02:55.140237+0000 mon.a (mon.0) 86 : audit [INF] from='client.? 10.0.0.1:0/4' "
	                            "entity='client.cinder' cmd='[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", "
	                            "\"addr\": \"10.0.0.2:0/3\"}]': finished\n";
	char *const one[] = { "a" }, *const two[] = { "log1", "log2" };
	char text[2048], first[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", line1, line2);
	put("a", text);
	put("log1", line1);
	put("log2", line2);
	snprintf(first, sizeof(first), "%s", read_all(&everything, one, 1));
	assert_non_null(strstr(first, "1795384975140237000"));
	assert_string_equal(read_all(&everything, two, 2), first);
}

/* Both lines are of one instant: which comes first must not hang on the file's packing, and the older piece was written first. */
static void what_two_pieces_of_a_log_tell_of_one_instant_keeps_its_order(void **state)
{
	static const char line[] = HEAD "{\"ts_ns\": 200, \"event\": \"client_shutdown\", \"pid\": %d}\n";
	static char *const packings[][3] = {
		{ "x.log.10", "x.log.9", "x.log" },
		{ "x.log.10.gz", "x.log.9.xz", "x.log" },
		{ "x.log.10", "x.log.9", "x.log.gz" },
		{ "x.log-20261121.gz", "x.log-20261122", "x.log.gz" },
	};
	char text[256], expected[256];

	(void)state;
	snprintf(expected, sizeof(expected), "200:%d:0@ 200:%d:1@ 200:%d:2@ ", FACT_client_shutdown, FACT_client_shutdown,
	         FACT_client_shutdown);
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++) {
		for (int piece = 0; piece < 3; piece++) {
			snprintf(text, sizeof(text), line, piece);
			put(packings[i][piece], text);
		}
		assert_string_equal(read_all(&everything, packings[i], 3), expected);
		for (int piece = 0; piece < 3; piece++)
			unlink(packings[i][piece]);
	}
}

/* What ingest says on stderr while opening that one path; *opened tells whether it could. */
static const char *complaint(char *path, const struct ingest_options *options, bool *opened)
{
	static char text[1024];
	int saved = dup(2), file = open("other", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct ingest *ingest;
	ssize_t length;

	assert_true(saved >= 0 && file >= 0 && dup2(file, 2) == 2);
	ingest = ingest_open(&path, 1, options);
	assert_int_equal(dup2(saved, 2), 2);
	close(saved);
	length = pread(file, text, sizeof(text) - 1, 0);
	close(file);
	assert_true(length >= 0);
	text[length] = '\0';
	*opened = ingest != NULL;
	ingest_close(ingest);
	return text;
}

static void bad_input_is_named_in_one_line(void **state)
{
	static const struct {
		const char *path, *says;
		bool opened;
	} cases[] = {
		{ "nosuch", "No such file", false }, { "empty", "empty folder", false },     { "none", "is empty", false },
		{ "cut", "holds nothing", true },    { "/dev/null", "regular file", false },
	};
	struct ingest_options mars = { .tz = "Mars/Phobos", .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	bool opened;

	(void)state;
	assert_int_equal(mkdir("empty", 0700), 0);
	put("none", "");
	put("cut", "some text\nof no kind\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = complaint((char *)cases[i].path, &everything, &opened);
		if (!strstr(text, cases[i].says) || !strstr(text, cases[i].path) || strchr(text, '\n') != text + strlen(text) - 1)
			fail_msg("%s: \"%s\"", cases[i].path, text);
		assert_int_equal(opened, cases[i].opened);
	}
	assert_non_null(strstr(complaint("a", &mars, &opened), "Mars/Phobos"));
	assert_false(opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_by_time_whatever_the_order_of_inputs),
		cmocka_unit_test(an_input_named_twice_is_read_once),
		cmocka_unit_test(what_names_a_client_passes_the_filters),
		cmocka_unit_test(fields_are_found_by_name_and_missing_ones_are_empty),
		cmocka_unit_test(the_receiver_may_stop),
		cmocka_unit_test(one_log_in_two_files_is_the_same_log),
		cmocka_unit_test(what_two_pieces_of_a_log_tell_of_one_instant_keeps_its_order),
		cmocka_unit_test(bad_input_is_named_in_one_line),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
