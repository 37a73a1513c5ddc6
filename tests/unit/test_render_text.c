/* SPDX-License-Identifier: MIT */
/* What reaches a terminal: hostile names, widths, words for times and sizes. */
#include "render/escape.h"
#include "render/style.h"
#include "render/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void becomes(const char *text, bool utf8, const char *expected)
{
	char *escaped = escape_terminal(text, utf8);

	assert_string_equal(escaped, expected);
	free(escaped);
}

static void no_escape_sequence_reaches_the_terminal(void **state)
{
	(void)state;
	becomes("vm\033[31mred", true, "vm\\x1b[31mred");
	becomes("a\r\nb\tc\x7f", true, "a\\x0d\\x0ab\\x09c\\x7f");
	becomes("\xc2\x9b"
	        "31m",
	        true, "\\x9b31m"); /* C1 CSI, well-formed UTF-8 */
	becomes("plain name-1_2.3", true, "plain name-1_2.3");
}

static void bidi_and_invisible_characters_are_shown(void **state)
{
	(void)state;
	becomes("a\u202eb\u2066c\u200bd\ufeff", true, "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}");
}

static void malformed_bytes_are_shown(void **state)
{
	(void)state;
	becomes("a\xff\xc3", true, "a\\xff\\xc3");
	becomes("\xc0\xaf", true, "\\xc0\\xaf");          /* overlong */
	becomes("\xed\xa0\x80", true, "\\xed\\xa0\\x80"); /* a surrogate */
	becomes("\xf4\x90\x80\x80", true, "\\xf4\\x90\\x80\\x80");
}

static void letters_of_any_language_stay_where_the_terminal_can_show_them(void **state)
{
	(void)state;
	becomes("名前é", true, "名前é");
	becomes("é", false, "\\u{e9}");
}

static void json_replaces_malformed_bytes(void **state)
{
	char *clean = escape_malformed("a\xff"
	                               "b\033");

	(void)state;
	assert_string_equal(clean, "a\ufffdb\033"); /* jansson writes the escape as \u001b */
	free(clean);
}

static void columns_count_what_is_seen(void **state)
{
	(void)state;
	assert_int_equal(text_columns("abc", 3), 3);
	assert_int_equal(text_columns("×–", strlen("×–")), 2);
	assert_int_equal(text_columns("名前", strlen("名前")), 4);
	assert_int_equal(text_columns("e\u0301", strlen("e\u0301")), 1);
}

static void wraps_to(int width, const char *words, const char *expected)
{
	struct render_style style = { .utf8 = true, .width = width };
	char *written;
	size_t size;
	struct text text = { open_memstream(&written, &size), &style };

	text_wrap(&text, 4, INK_PLAIN, words);
	fclose(text.out);
	assert_string_equal(written, expected);
	free(written);
}

static void long_lines_wrap_at_spaces_and_long_words_stay_whole(void **state)
{
	(void)state;
	wraps_to(40, "one two three four five six seven eight", "one two three four five six seven\n    eight\n");
	wraps_to(40, "short", "short\n");
	wraps_to(40, "", "\n");
	wraps_to(40, "a 0123456789012345678901234567890123456789012345 b",
	         "a\n    0123456789012345678901234567890123456789012345\n    b\n");
}

static void times_read_as_people_write_them(void **state)
{
	char buf[TEXT_BUF];

	(void)state;
	assert_string_equal(text_clock(1795383667123456789, buf), "21:41:07.123");
	assert_string_equal(text_moment(1795383667123456789, buf), "2026-11-22 21:41:07");
	assert_string_equal(text_relative(-12400000000, buf), "-12.400s");
	assert_string_equal(text_relative(3723000000000, buf), "+1h02m03s");
	assert_string_equal(text_span(540000, buf), "0.5 ms");
	assert_string_equal(text_span(5000000000, buf), "5.0 s");
	assert_string_equal(text_span(3600 * NS_PER_S, buf), "1 h");
}

static void sizes_read_as_people_write_them(void **state)
{
	char buf[TEXT_BUF];

	(void)state;
	assert_string_equal(text_bytes(0, buf), "0 bytes");
	assert_string_equal(text_bytes(4096, buf), "4 KiB");
	assert_string_equal(text_bytes(94208, buf), "92 KiB");
	assert_string_equal(text_bytes(4404019, buf), "4.2 MiB");
}

static void colour_is_for_terminals_only(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	setenv("TERM", "xterm-256color", 1);
	unsetenv("NO_COLOR");
	assert_false(render_style_of(file).colour);
	fclose(file);
}

static void the_locale_decides_over_utf8_and_its_absence_does_not(void **state)
{
	(void)state;
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	unsetenv("LANG");
	assert_true(render_style_of(stdout).utf8);
	setenv("LANG", "C", 1);
	assert_false(render_style_of(stdout).utf8);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_true(render_style_of(stdout).utf8);
}

static void every_format_has_a_name_and_a_timeline(void **state)
{
	(void)state;
	for (size_t i = 0; renderers[i].format; i++) {
		assert_ptr_equal(renderer_find(renderers[i].format), &renderers[i]);
		assert_non_null(renderers[i].timeline);
	}
	assert_null(renderer_find("xml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_escape_sequence_reaches_the_terminal),
		cmocka_unit_test(bidi_and_invisible_characters_are_shown),
		cmocka_unit_test(malformed_bytes_are_shown),
		cmocka_unit_test(letters_of_any_language_stay_where_the_terminal_can_show_them),
		cmocka_unit_test(json_replaces_malformed_bytes),
		cmocka_unit_test(columns_count_what_is_seen),
		cmocka_unit_test(long_lines_wrap_at_spaces_and_long_words_stay_whole),
		cmocka_unit_test(times_read_as_people_write_them),
		cmocka_unit_test(sizes_read_as_people_write_them),
		cmocka_unit_test(colour_is_for_terminals_only),
		cmocka_unit_test(the_locale_decides_over_utf8_and_its_absence_does_not),
		cmocka_unit_test(every_format_has_a_name_and_a_timeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
