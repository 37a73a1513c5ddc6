/* SPDX-License-Identifier: MIT */
/* Edits of `fenceline integrate`: what they make of a file, and that they are undone to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "integrate/edit.h"

static int names_lttng(const char *line, size_t length)
{
	return memmem(line, length, "lttng", 5) != NULL;
}

static struct edit an_edit(enum edit_kind kind)
{
	return (struct edit){ .kind = kind,
		              .target = "libvirt",
		              .path = "/etc/x",
		              .text = kind == EDIT_FILE ? "# Written by `fenceline integrate libvirt`; folders made: 0\nx\n"
		                                        : "  a r,\n",
		              .matches = names_lttng };
}

static char *result(enum edit_kind kind, enum edit_way way, const char *old)
{
	struct edit edit = an_edit(kind);
	char *new;

	assert_int_equal(edit_result(&edit, way, old, &new), 0);
	return new;
}

/* Somebody's files: without a last newline, empty, with lines that look like ours. */
static const char *const files[] = { NULL,
	                             "",
	                             "\n",
	                             "no newline",
	                             "  deny lttng r,",
	                             "a\n\n  deny lttng-1 r,\n  deny lttng-2 r,\nb\n",
	                             "# end fenceline\n",
	                             "lttng\n#fencelin\n" };

static void doing_and_undoing_leaves_every_byte_as_it_was(void **state)
{
	(void)state;
	for (int kind = EDIT_BLOCK; kind <= EDIT_LINES; kind++)
		for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
			char *done = result(kind, EDIT_DO, files[i]), *undone = result(kind, EDIT_UNDO, done);

			if (files[i])
				assert_string_equal(undone, files[i]);
			else
				assert_null(undone);
			free(done);
			free(undone);
		}
}

static void doing_it_twice_is_doing_it_once(void **state)
{
	(void)state;
	for (int kind = EDIT_FILE; kind <= EDIT_LINES; kind++) {
		char *once = result(kind, EDIT_DO, kind == EDIT_LINES ? "  deny lttng r,\n" : NULL),
		     *twice = result(kind, EDIT_DO, once);

		assert_string_equal(once, twice);
		free(once);
		free(twice);
	}
}

static char *below(const char *above, char *text)
{
	char *both;

	assert_true(asprintf(&both, "%s%s", above, text) > 0);
	free(text);
	return both;
}

static void a_line_that_others_put_above_the_block_stays_and_hides_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char *done = below("  /srv/** r,\n", result(EDIT_BLOCK, EDIT_DO, files[i])),
		     *again = result(EDIT_BLOCK, EDIT_DO, done), *undone = result(EDIT_BLOCK, EDIT_UNDO, done),
		     *wanted = below("  /srv/** r,\n", strdup(files[i] ?: ""));

		assert_string_equal(again, done);
		assert_string_equal(undone, wanted);
		free(done);
		free(again);
		free(undone);
		free(wanted);
	}
}

static void undoing_what_was_not_done_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof files / sizeof *files; i++)
		for (int kind = EDIT_FILE; kind <= EDIT_LINES; kind++) {
			char *undone = result(kind, EDIT_UNDO, files[i]);

			assert_string_equal(undone, files[i]);
			free(undone);
		}
}

static void somebody_elses_file_of_the_same_name_is_not_written_over(void **state)
{
	struct edit edit = an_edit(EDIT_FILE);
	char *new;

	(void)state;
	assert_int_equal(edit_result(&edit, EDIT_DO, "[Service]\n", &new), -EEXIST);
	assert_null(new);
}

static void only_lines_that_match_are_commented_out(void **state)
{
	char *done = result(EDIT_LINES, EDIT_DO, "a\n  deny lttng r,\nb");

	(void)state;
	assert_string_equal(done, "a\n#fenceline#  deny lttng r,\nb");
	free(done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doing_and_undoing_leaves_every_byte_as_it_was),
		cmocka_unit_test(doing_it_twice_is_doing_it_once),
		cmocka_unit_test(a_line_that_others_put_above_the_block_stays_and_hides_nothing),
		cmocka_unit_test(undoing_what_was_not_done_changes_nothing),
		cmocka_unit_test(somebody_elses_file_of_the_same_name_is_not_written_over),
		cmocka_unit_test(only_lines_that_match_are_commented_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
