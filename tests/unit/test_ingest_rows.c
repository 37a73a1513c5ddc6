/* SPDX-License-Identifier: MIT */
/* The tables of line forms: each row's example is its own, and no other row takes it; what the values hold. */
#include "ingest/log_fill.h"
#include "ingest/log_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void every_example_is_taken_by_its_own_row(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct log_table *const *table = log_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++, count++) {
			const struct log_row *row = &(*table)->rows[i];
			size_t length = strlen(row->example);
			log_words words = log_rows_words(row->example, length);
			struct log_match match;

			if (row->word && (strlen(row->word) < LOG_SCAN_SHORTEST || !strstr(row->example, row->word)))
				fail_msg("\"%s\" is too short to be scanned for, or not in: %s", row->word, row->example);
			if (!log_rows_match((*table)->family, words, row->example, length, &match))
				fail_msg("no row takes: %s", row->example);
			if (match.row != row)
				fail_msg("taken by \"%s\" instead of \"%s\": %s", match.row->form, row->form, row->example);
		}
	assert_true(count > 50);
}

/* "Found blocklisted watcher" names no cookie: it was matched, and dropped for that. */
static void every_word_of_a_watch_is_an_event(void **state)
{
	const struct log_line line = { .text = "" };
	struct event_list *list = event_list_new();

	(void)state;
	assert_non_null(list);
	for (const struct log_table *const *table = log_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++) {
			const struct log_row *row = &(*table)->rows[i];
			struct log_match match;
			struct event event = { 0 };
			const struct log_filling fill = { &event, &match, &line, NULL, "osd.0", list };

			if (row->fact != FACT_watch_logged)
				continue;
			assert_true(log_rows_match((*table)->family, UINT64_MAX, row->example, strlen(row->example), &match));
			if (!log_fill(&fill))
				fail_msg("no event comes of: %s", row->example);
		}
	event_list_free(list);
}

/* Every example cut off anywhere, and with each of its bytes changed: taken or not, and nothing is read beyond it (run under
 * the address sanitizer). */
static void damaged_examples_do_no_harm(void **state)
{
	struct log_match match;

	(void)state;
	for (const struct log_table *const *table = log_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++) {
			const char *example = (*table)->rows[i].example;

			for (size_t length = 0; length < strlen(example); length++) {
				char *cut = malloc(length + 1);

				assert_non_null(cut);
				memcpy(cut, example, length);
				log_rows_match(FAMILY_ANY | FAMILY_LISTING, UINT64_MAX, cut, length, &match);
				cut[length ? length - 1 : 0] ^= 0x55;
				log_rows_match(FAMILY_ANY | FAMILY_LISTING, UINT64_MAX, cut, length, &match);
				free(cut);
			}
		}
}

/* A guest may write what it likes on its console: a row may not look at a place more than a few times. */
static void long_lines_take_no_longer_than_they_are(void **state)
{
	static const char begin[] = "I/O error, dev vda, sector 8 op 0x1:(WRITE)";
	const size_t length = 4 << 20;
	char *line = malloc(length);
	struct log_match match;

	(void)state;
	assert_non_null(line);
	memset(line, ' ', length);
	memcpy(line, begin, sizeof(begin) - 1);
	assert_false(log_rows_match(FAMILY_ANY, UINT64_MAX, line, length, &match));
	free(line);
}

static void a_family_is_asked_for_its_own_rows_only(void **state)
{
	static const char forged[] = "rbd request failed: cmd 1 offset 0 bytes 1 flags 8 task.ret -108 (x)";
	struct log_match match;

	(void)state;
	assert_true(log_rows_match(FAMILY_QEMU, UINT64_MAX, forged, strlen(forged), &match));
	assert_false(log_rows_match(FAMILY_KERNEL, UINT64_MAX, forged, strlen(forged), &match));
}

static struct log_span span(const char *text)
{
	return (struct log_span){ text, strlen(text) };
}

static void values_are_what_they_say(void **state)
{
	(void)state;
	assert_int_equal(log_span_number(span("139889903416784]")), 139889903416784);
	assert_int_equal(log_span_number(span("99999999999999999999999")), 0);
	assert_int_equal(log_span_number(span("")), 0);
	assert_true(log_span_ns(span("49.981746")) == INT64_C(49981746000));
	assert_true(log_span_ns(span("32")) == 32 * NS_PER_S);
	assert_true(log_span_ns(span("99999999999999999")) == 0);
	assert_int_equal(log_span_gid(span("client.4167")), 4167);
	assert_int_equal(log_span_gid(span("client.?")), 0);
	assert_int_equal(log_span_gid(span("osd.3")), 0);
	assert_int_equal(log_span_result(span("-108")), -108);
	assert_int_equal(log_span_result(span("(107)")), -107);
	assert_int_equal(log_span_result(span("osd:108")), -108);
	assert_int_equal(log_span_result(span("system:0")), 0);
	assert_int_equal(log_span_result(span("0)")), 0);
}

static void requests_are_read_as_each_release_writes_them(void **state)
{
	static const struct {
		const char *text, *object;
		uint64_t gid, cookie;
	} requests[] = {
		{ "osd_op(client.4167.0:16 1.6 1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784 gen "
		  "1] x",
		  "rbd_header.102cdd587203", 4167, 139889903416784 },
		{ "osd_op(client.8079633.0:30 rbd_header.301027238e1f29 [watch ping cookie 139996606507840 gen 1] 0.a5bd3cee e1)",
		  "rbd_header.301027238e1f29", 8079633, 139996606507840 },
		{ "osd_op(client.4534.0:1 1.1 1.e09bba91 (undecoded) ondisk+read e21)", "", 4534, 0 },
		{ "osd_op(client.1.0:2 3.1f 3:f8:ns:key:rbd_data.5.10226b8b4567.0000000000000000:4 [write 0~4096] x",
		  "rbd_data.5.10226b8b4567.0000000000000000", 1, 0 },
		{ "osd_op(unknown.0.0:16 1.6 1:6686f444:::rbd_header.1:head [watch unwatch cookie 5] x", "rbd_header.1", 0, 5 },
		{ "osd_repop(client.4167.0:16 1.6 e5/3 1:6686f444:::rbd_header.1:head v 5'7)", "", 0, 0 },
		{ "osd_op(client.1", "", 1, 0 },
		{ "", "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct log_span values[VALUES] = { 0 }, *object = &values[VALUE_object];

		log_request_parse(span(requests[i].text), values);
		assert_int_equal(log_span_gid(values[VALUE_client]), requests[i].gid);
		assert_int_equal(log_span_number(values[VALUE_cookie]), requests[i].cookie);
		assert_int_equal(object->length, strlen(requests[i].object));
		assert_memory_equal(object->length ? object->at : "", requests[i].object, object->length);
	}
}

static void an_object_names_its_image(void **state)
{
	static const char *const objects[][2] = { { "rbd_data.102cdd587203.0000000000000004", "102cdd587203" },
		                                  { "rbd_data.5.10226b8b4567.0000000000000000", "10226b8b4567" },
		                                  { "rbd_header.102cdd587203", "102cdd587203" },
		                                  { "rbd_object_map.102cdd587203", "102cdd587203" },
		                                  { "rbd_directory", "" },
		                                  { "rbd_data.", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		struct log_span id = log_request_image_id(span(objects[i][0]));

		assert_int_equal(id.length, strlen(objects[i][1]));
		assert_memory_equal(id.length ? id.at : "", objects[i][1], id.length);
	}
}

static const char *const scanned[] = { "slow request ", "blocklist",       "HandleWatchTimeout", "O error in device '",
	                               "aaaaaaaa",      "client watched ", "from='client" };
#define SCANNED (sizeof(scanned) / sizeof(*scanned))

/* Text full of near misses, in lines. */
static size_t fill_with_near_misses(char *text, size_t size, unsigned int *seed)
{
	size_t length = (size_t)(rand_r(seed) % (int)size);

	for (size_t i = 0; i < length; i++)
		text[i] = "abcktlioersw W'\n"[rand_r(seed) % 16];
	for (int i = rand_r(seed) % 3; i > 0; i--) {
		const char *word = scanned[rand_r(seed) % (int)SCANNED];
		size_t put = length ? (size_t)rand_r(seed) % length : 0;

		memcpy(text + put, word, strlen(word) < length - put ? strlen(word) : length - put);
	}
	return length;
}

static size_t line_of(const char *text, const char *at)
{
	size_t line = 0;

	for (const char *newline = text; (newline = memchr(newline, '\n', (size_t)(at - newline))); newline++)
		line++;
	return line;
}

/* The scan against the plain way. */
static void the_scan_finds_what_a_plain_search_finds(void **state)
{
	struct log_scan *scan = log_scan_new();
	unsigned int seed = 20260101;

	(void)state;
	assert_non_null(scan);
	for (size_t i = 0; i < SCANNED; i++)
		assert_true(log_scan_add(scan, scanned[i]) == (log_words)1 << i);
	assert_true(log_scan_add(scan, "blocklist") == 2);
	assert_int_equal(log_scan_add(scan, "short"), 0);
	for (int round = 0; round < 20000; round++) {
		char text[240];
		size_t length = fill_with_near_misses(text, sizeof(text), &seed);
		const char *first = NULL, *found;
		log_words bits = 0;
		bool begins = false;

		found = log_scan_find(scan, text, length);
		for (size_t i = 0; i < SCANNED; i++) {
			const char *at = memmem(text, length, scanned[i], strlen(scanned[i]));

			bits |= at ? (log_words)1 << i : 0;
			if (at && (!first || at < first))
				first = at;
			begins |=
			        found && found == memmem(found, (size_t)(text + length - found), scanned[i], strlen(scanned[i]));
		}
		/* of two words either may be told first if they are on one line */
		assert_true(!first == !found);
		if (found)
			assert_true(begins && line_of(text, found) == line_of(text, first));
		assert_true(log_scan_words(scan, text, length) == bits);
	}
	free(scan);
}

/* The tables' words and those of log_line.c filled 64 bits: with one row more, libvirt's logs were not known any longer. */
static void a_scan_has_room_for_a_hundred_words(void **state)
{
	char words[100][16];
	log_words all = 0;
	struct log_scan *scan = log_scan_new();

	(void)state;
	for (unsigned char i = 0; i < 100; i++) {
		snprintf(words[i], sizeof(words[i]), "word %03d of it", i);
		log_words bit = log_scan_add(scan, words[i]);
		assert_true(bit && !(all & bit));
		all |= bit;
	}
	for (size_t i = 0; i < 100; i++)
		assert_true(log_scan_words(scan, words[i], strlen(words[i])) == (log_words)1 << i);
	free(scan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_is_taken_by_its_own_row),
		cmocka_unit_test(every_word_of_a_watch_is_an_event),
		cmocka_unit_test(damaged_examples_do_no_harm),
		cmocka_unit_test(long_lines_take_no_longer_than_they_are),
		cmocka_unit_test(a_family_is_asked_for_its_own_rows_only),
		cmocka_unit_test(values_are_what_they_say),
		cmocka_unit_test(requests_are_read_as_each_release_writes_them),
		cmocka_unit_test(an_object_names_its_image),
		cmocka_unit_test(the_scan_finds_what_a_plain_search_finds),
		cmocka_unit_test(a_scan_has_room_for_a_hundred_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
