/* SPDX-License-Identifier: MIT */
/* The tables of line forms: each row's example is told of, in a daemon's log where it may stand there, else alone. */
#include "snaps/line_parser.h"
#include "snaps/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool take_line(struct line_parser *parser, const char *text)
{
	return line_parser_take(parser, &(const struct line){ .text = text, .length = strlen(text), .number = 1 });
}

/* Does it tell anything of a pool, or of what is read? */
static bool told_of(const struct line_form *form, const char *before)
{
	struct account account = { 0 };
	struct line_parser *parser = line_parser_new(&account, "example", NULL);
	char line[512];
	bool told;

	take_line(parser, "pool 1 'volumes' replicated size 1 flags hashpspool");
	snprintf(line, sizeof(line), "%s%s", before, form->example);
	told = take_line(parser, line) || account.recognised;
	line_parser_finish(parser);
	line_parser_free(parser);
	account_free(&account);
	return told;
}

static void every_example_is_told_of(void **state)
{
	static const struct line_form *const tables[] = { lines_osd_forms, lines_dump_forms, lines_pg_forms };

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct line_form *form = tables[i]; form->begins; form++) {
			if (!form->example || strncmp(form->example, form->begins, strlen(form->begins)))
				fail_msg("\"%s\" has no example that begins so", form->begins);
			if (!told_of(form, form->enveloped ? "2020-04-05 19:52:59.925 7fa86b863700 20 " : "\t"))
				fail_msg("nothing is told of: %s", form->example);
		}
}

static void what_stands_alone_is_no_line_of_a_daemon(void **state)
{
	(void)state;
	for (const struct line_form *form = lines_dump_forms; form->begins; form++)
		if (told_of(form, "2020-04-05 19:52:59.925 7fa86b863700 20 "))
			fail_msg("told of in a daemon's log: %s", form->example);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_is_told_of),
		cmocka_unit_test(what_stands_alone_is_no_line_of_a_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
