/* SPDX-License-Identifier: MIT */
/* What goes to the store and waits for it: URLs, events as text and back, the spool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fleet/due.h"
#include "fleet/rows.h"
#include "fleet/spool.h"
#include "fleet/url.h"
#include "ingest/cluster.h"
#include "ingest/event_text.h"
#include "ingest/fact_fields.h"

static void urls_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *host, *db, *user;
		unsigned port;
		int tls;
	} good[] = {
		{ "clickhouse://store/fl", "store", "fl", "", 8123, 0 },
		{ "clickhouse://me@store:9/fl_2", "store", "fl_2", "me", 9, 0 },
		{ "clickhouse://[fd00::1]/fl?tls=1", "[fd00::1]", "fl", "", 8443, 1 },
		{ "clickhouse://[fd00::1]:77/fl?tls=0", "[fd00::1]", "fl", "", 77, 0 },
		{ "clickhouse://store/fl?ca=/etc/ca.pem&tls=1", "store", "fl", "", 8443, 1 },
	};
	static const char *const bad[] = { "http://store/fl",
		                           "clickhouse://store",
		                           "clickhouse:///fl",
		                           "clickhouse://store/",
		                           "clickhouse://store:0/fl",
		                           "clickhouse://store:x/fl",
		                           "clickhouse://store:70000/fl",
		                           "clickhouse://[fd00::1/fl",
		                           "clickhouse://store/fl; DROP TABLE x",
		                           "clickhouse://store/fl.x",
		                           "clickhouse://store/fl?tls=2",
		                           "clickhouse://store/fl?password=secret",
		                           "clickhouse://store/fl?password-file=/nonexistent" };
	struct store_url url;
	char why[256];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(store_url_parse(good[i].text, &url, why, sizeof why), 0);
		assert_string_equal(url.host, good[i].host);
		assert_string_equal(url.db, good[i].db);
		assert_string_equal(url.user, good[i].user);
		assert_int_equal(url.port, good[i].port);
		assert_int_equal(url.tls, good[i].tls);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_true(store_url_parse(bad[i], &url, why, sizeof why) < 0);
}

/* ---- events as text ---- */

static uint64_t dice = 1;

static uint64_t roll(void)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return dice >> 16;
}

/* Any bytes but 0: UTF-8, half of it, control characters, the characters that stand for raw bytes. */
static const char *a_text(char *text)
{
	static const char *const pieces[] = { "vm1",
		                              "\"",
		                              "\\",
		                              "\n",
		                              "\x01",
		                              "\x80",
		                              "\xff",
		                              "\xc3\xa9",
		                              "\xf4\x8f\xbe\x80",
		                              "\xf4\x8f\xbf\xbf",
		                              "\xe2\x82",
		                              "\xed\xa0\x80",
		                              "\xf0\x9f\x98\x80",
		                              "'" };
	size_t count = roll() % 5;

	*text = '\0';
	while (count--)
		strcat(text, pieces[roll() % (sizeof pieces / sizeof *pieces)]);
	return text;
}

static void fill(struct event *event, char texts[][64])
{
	const struct event_row *rows = fact_row(event->fact);

	for (size_t i = 0; i < rows->count; i++) {
		const struct field_row *row = &rows->fields[i];
		void *to = fact_field(event, row);
		switch (row->type) {
		case FIELD_STR:
			*(const char **)to = a_text(texts[i]);
			break;
		case FIELD_LAT:
			((uint32_t *)to)[roll() % FL_LATENCY_BUCKETS] = (uint32_t)roll();
			break;
		default:
			field_put_number(row, to, roll() % 3 ? roll() << (roll() % 32) : UINT64_MAX);
		}
	}
}

static void assert_same(const struct event *a, const struct event *b)
{
	const struct event_row *rows = fact_row(a->fact);

	for (size_t i = 0; i < rows->count; i++) {
		const void *left = fact_field(a, &rows->fields[i]), *right = fact_field(b, &rows->fields[i]);
		static const size_t sizes[] = { [FIELD_U8] = 1,  [FIELD_U32] = 4, [FIELD_I32] = 4,
			                        [FIELD_U64] = 8, [FIELD_I64] = 8, [FIELD_LAT] = 4 * FL_LATENCY_BUCKETS };
		if (rows->fields[i].type == FIELD_STR)
			assert_string_equal(*(const char *const *)left, *(const char *const *)right);
		else
			assert_memory_equal(left, right, sizes[rows->fields[i].type]);
	}
}

/* Every kind of fact, with whatever in its fields, comes back as it was. */
static void every_fact_comes_back(void **state)
{
	(void)state;
	for (int n = 0; n < 50 * (int)FACT_COUNT; n++) {
		static char texts[64][64];
		struct event event = { .ts_ns = 1 }, back = { .ts_ns = 1 };
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);
		json_t *fields;

		fact_clear(&event, (enum fact)(n % (int)FACT_COUNT));
		fill(&event, texts);
		event_text_fields(out, &event);
		fclose(out);
		assert_null(strchr(text, '\n'));
		fields = json_loadb(text, size, 0, NULL);
		assert_non_null(fields);
		fact_clear(&back, event.fact);
		event_text_read(&back, fields);
		assert_same(&event, &back);
		assert_int_equal(fact_by_name(fact_row(event.fact)->name), event.fact);
		json_decref(fields);
		free(text);
	}
}

static char *row_for(const char *path, const char *host, uint64_t line, enum fact fact)
{
	struct source source = { .path = path, .kind = "x", .host = host, .tz = "UTC", .tz_from = "log" };
	struct event event = { .ts_ns = 1795383660000000000, .source = &source };
	struct rows *rows = rows_new("h");
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *row;
	char *id = NULL;

	fact_clear(&event, fact);
	event.line = line;
	rows_write(rows, &event, out);
	fclose(out);
	row = json_loadb(text, size, JSON_DECODE_INT_AS_REAL, NULL);
	assert_non_null(row);
	json_decref(row);
	assert_int_equal(asprintf(&id, "%.24s", strstr(text, "\"id\":")), 24);
	free(text);
	rows_free(rows);
	return id;
}

static void a_copy_has_the_same_id(void **state)
{
	char *a = row_for("/a/trace", "c1", 0, FACT_ping_sent), *b = row_for("/copy/of/trace", "c1", 0, FACT_ping_sent);
	char *c = row_for("/a/trace", "c2", 0, FACT_ping_sent), *d = row_for("/log", "", 1, FACT_io_failure);
	char *e = row_for("/log", "", 2, FACT_io_failure), *f = row_for("/log", "", 1, FACT_io_failure);

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c); /* another host */
	assert_string_not_equal(d, e); /* another line of the same words */
	assert_string_equal(d, f);
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
	free(f);
}

/* ---- whose log it is ---- */

#define FSID "5c5a50ae-272a-455d-99e9-32c6a013e694"

static void a_log_in_its_clusters_folder(void **state)
{
	static const struct {
		const char *path, *cluster;
	} paths[] = {
		{ "/var/log/ceph/" FSID "/ceph-osd.3.log", FSID },
		{ "h1:/var/log/ceph/" FSID "/ceph.audit.log", FSID },
		{ "ceph/" FSID "/ceph.log", FSID },
		{ "/var/log/ceph/ceph-osd.3.log", "" },
		{ "/var/log/ceph/" FSID, "" },                          /* a file of that name */
		{ "/var/lib/nova/instances/" FSID "/console.log", "" }, /* a VM's */
		{ "/var/log/myceph/" FSID "/ceph.log", "" },
		{ "/var/log/ceph/5C5A50AE-272a-455d-99e9-32c6a013e694/ceph.log", "" },
		{ "/var/log/ceph/" FSID "0/ceph.log", "" },
	};
	char cluster[SOURCE_CLUSTER];

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		cluster_of_path(paths[i].path, cluster);
		assert_string_equal(cluster, paths[i].cluster);
	}
}

/* ---- the spool ---- */

static void the_spool_keeps_what_is_rare(void **state)
{
	char folder[] = "/tmp/fenceline-spool-XXXXXX", command[64], *rows, batch[1001];
	struct spool *spool, *other;
	size_t size;
	bool rare;

	(void)state;
	assert_non_null(mkdtemp(folder));
	memset(batch, 'x', sizeof batch);
	memcpy(batch, "{\"ts_ns\":1795383660000000000}", 29);
	batch[999] = '\n';
	batch[1000] = '\0';
	assert_int_equal(spool_open(folder, 5000, &spool), 0);
	assert_int_equal(spool_open(folder, 5000, &other), -EWOULDBLOCK);
	assert_int_equal(spool_add(spool, true, batch, 1000), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(spool_add(spool, false, batch, 1000), 0);
	assert_true(spool_bytes(spool) <= 5000);
	assert_int_equal(spool_lost(spool).rows, 4);
	assert_int_equal(spool_lost(spool).begin_ns, 1795383660000000000);
	for (int i = 0; i < 8; i++)
		assert_int_equal(spool_add(spool, true, batch, 1000), 0);
	assert_int_equal(spool_lost(spool).rows, 4 + 8); /* the four routine ones first, then the oldest rare ones */
	assert_int_equal(spool_add(spool, false, batch, 1000), -ENOSPC);
	spool_close(spool);
	/* The next one finds the batches, and what is to be told. */
	assert_int_equal(spool_open(folder, 5000, &spool), 0);
	assert_int_equal(spool_lost(spool).rows, 13);
	for (int i = 0; i < 5; i++) {
		assert_true(spool_first(spool, &rare, &rows, &size));
		assert_true(rare);
		assert_int_equal(size, 1000);
		free(rows);
		spool_drop_first(spool);
	}
	assert_false(spool_first(spool, &rare, &rows, &size));
	assert_int_equal(spool_bytes(spool), 0);
	spool_forget_lost(spool);
	spool_close(spool);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void a_batch_larger_than_the_spool_keeps_its_newest_rows(void **state)
{
	char folder[] = "/tmp/fenceline-spool-XXXXXX", command[64], batch[12000], *rows;
	struct spool *spool;
	size_t size, kept = 0;
	bool rare;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof batch; i += 100) {
		memset(batch + i, 'x', 100);
		batch[i + 99] = '\n';
		memcpy(batch + i + 90, i < 8000 ? "old" : "new", 3);
	}
	assert_int_equal(spool_open(folder, 5000, &spool), 0);
	spool_add(spool, false, batch, sizeof batch);
	while (spool_first(spool, &rare, &rows, &size)) {
		kept += size / 100;
		assert_int_equal(size % 100, 0);
		assert_memory_equal(rows + size - 10, "new", 3);
		free(rows);
		spool_drop_first(spool);
	}
	assert_in_range(kept, 30, 50);
	assert_int_equal(spool_lost(spool).rows, 120 - kept);
	spool_close(spool);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* ---- what a watcher explains, and when ---- */

#define MINUTE INT64_C(60000000000)

static bool due_at(struct due *due, int64_t now_ms, int64_t begin_ns, int64_t end_ns)
{
	int64_t begin = 0, end = 0;

	return due_take(due, now_ms, &begin, &end) && begin == begin_ns && end == end_ns;
}

static void news_is_explained_at_once_and_again(void **state)
{
	static const int64_t looks_ms[] = { 0, 4000, 8000, 12000, 16000, 20000, 60000, 180000 };
	static struct due due;

	(void)state;
	due_add(&due, 5, 7, 1000);
	for (size_t i = 0; i < sizeof looks_ms / sizeof *looks_ms; i++) {
		assert_false(looks_ms[i] && due_at(&due, 1000 + looks_ms[i] - 1, 5, 7));
		assert_true(due_at(&due, 1000 + looks_ms[i], 5, 7));
		due_done(&due, 1000 + looks_ms[i]);
	}
	assert_int_equal(due.count, 0);
}

static void news_of_far_apart_times_is_explained_apart(void **state)
{
	static struct due due;

	(void)state;
	due_add(&due, 100 * MINUTE, 101 * MINUTE, 0);
	due_add(&due, 1 * MINUTE, 2 * MINUTE, 0);
	due_add(&due, 105 * MINUTE, 106 * MINUTE, 0);
	assert_true(due_at(&due, 0, 100 * MINUTE, 106 * MINUTE));
	due_done(&due, 0);
	assert_true(due_at(&due, 0, 1 * MINUTE, 2 * MINUTE));
	due_done(&due, 0);
	assert_false(due_at(&due, 3999, 1 * MINUTE, 2 * MINUTE));
}

static void what_could_not_be_explained_begins_anew(void **state)
{
	static struct due due;

	(void)state;
	due_add(&due, 5, 7, 0);
	assert_true(due_at(&due, 0, 5, 7));
	due_failed(&due, 70000); /* a shard was away */
	assert_true(due_at(&due, 70000, 5, 7));
	due_done(&due, 70000);
	assert_true(due_at(&due, 74000, 5, 7));
}

static void more_news_than_there_is_room_for_loses_none(void **state)
{
	static struct due due;

	(void)state;
	for (int64_t i = 0; i < 3 * DUE_MOST; i++)
		due_add(&due, i, i + 1, 0);
	assert_true(due_at(&due, 0, 0, 3 * DUE_MOST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(every_fact_comes_back),
		cmocka_unit_test(a_copy_has_the_same_id),
		cmocka_unit_test(a_log_in_its_clusters_folder),
		cmocka_unit_test(the_spool_keeps_what_is_rare),
		cmocka_unit_test(a_batch_larger_than_the_spool_keeps_its_newest_rows),
		cmocka_unit_test(news_is_explained_at_once_and_again),
		cmocka_unit_test(news_of_far_apart_times_is_explained_apart),
		cmocka_unit_test(what_could_not_be_explained_begins_anew),
		cmocka_unit_test(more_news_than_there_is_room_for_loses_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
