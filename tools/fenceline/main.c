/* SPDX-License-Identifier: MIT */
/*
 * `fenceline COMMAND`: the dispatcher. It has `help` and `run`, and becomes the program that has the command. It links nothing
 * but libc, since it is started before every VM.
 */
#include "run/commands.h"
#include "run/programs.h"

#include <argp.h>
#include <err.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum program {
#define PROGRAM_ID(name, package, heading) PROGRAM_##name,
	PROGRAMS(PROGRAM_ID)
#undef PROGRAM_ID
	        PROGRAM_COUNT
};

static const struct {
	const char *name, *package, *heading;
} programs[] = {
#define PROGRAM_ROW(name, package, heading) { #name, package, heading },
	PROGRAMS(PROGRAM_ROW)
#undef PROGRAM_ROW
};

static const struct row {
	const char *name, *what, *args;
	enum program program;
} rows[] = {
#define ROW(name, what, args) { #name, what, args, PROGRAM_read },
	COMMANDS_READ(ROW)
#undef ROW
	        { "run", "run CMD under the shim", "[--record DIR] -- CMD...", PROGRAM_record },
#define ROW(name, what, args) { #name, what, args, PROGRAM_record },
	COMMANDS_RECORD(ROW)
#undef ROW
#define ROW(name, what, args) { #name, what, args, PROGRAM_guard },
	        COMMANDS_GUARD(ROW)
#undef ROW
#define ROW(name, what, args) { #name, what, args, PROGRAM_fleet },
	                COMMANDS_FLEET(ROW)
#undef ROW
};
#define ROWS (sizeof rows / sizeof *rows)

/* `run` without --record is the dispatcher's own, so it is always here. */
static bool is_here(const struct row *row, const int there[])
{
	return there[row->program] || !strcmp(row->name, "run");
}

static void print_commands(FILE *out, const int there[], enum program program)
{
	bool first = true;

	for (const struct row *row = rows; row < rows + ROWS; row++) {
		if (row->program != program || !is_here(row, there))
			continue;
		if (first)
			fprintf(out, "\n%s:\n", programs[program].heading);
		fprintf(out, "  %-10s %-24s %s\n", row->name, row->args, row->what);
		first = false;
	}
}

/* The commands that are here; then, a line for each package, those that are not. */
static void print_help(FILE *out)
{
	int there[PROGRAM_COUNT];
	char path[PATH_MAX];

	for (int p = 0; p < PROGRAM_COUNT; p++)
		there[p] = !programs_find(programs[p].name, path, sizeof path);
	fputs("Usage: fenceline COMMAND [OPTION...]\n"
	      "Proof, per virtual machine, of why its Ceph RBD disk died.\n",
	      out);
	for (int p = 0; p < PROGRAM_COUNT; p++)
		print_commands(out, there, p);
	fputc('\n', out);
	for (int p = 0; p < PROGRAM_COUNT; p++) {
		if (there[p])
			continue;
		fputs("Not installed:", out);
		for (const struct row *row = rows; row < rows + ROWS; row++)
			if (row->program == (enum program)p && !is_here(row, there))
				fprintf(out, " %s", row->name);
		fprintf(out, " (package %s)\n", programs[p].package);
	}
	fputs("`fenceline help COMMAND` tells more, and so does `man fenceline-COMMAND`.\n"
	      "Exit codes: 0 done, 1 failed, 2 usage, 3 incident found (`incidents\n"
	      "--exit-code`, `guard`), 4 to 7 the verdicts of `preflight`, `guard`, `unlock`.\n",
	      out);
}

/* Become the program that has argv[1]. Returns only if it cannot. */
static int dispatch_become(enum program program, char **argv)
{
	char path[PATH_MAX];

	if (programs_find(programs[program].name, path, sizeof path)) {
		warnx("`%s` is in the program fenceline-%s, which is not installed (looked for %s); install the package %s",
		      argv[1], programs[program].name, path, programs[program].package);
		return EXIT_FAILED;
	}
	execv(path, argv);
	warn("cannot run %s", path);
	return EXIT_FAILED;
}

static int dispatch_run(int argc, char **argv)
{
	char name[] = "fenceline run", *given = argv[1];
	int code;

	argv[1] = name;
	code = cmd_run(argc - 1, argv + 1);
	argv[1] = given;
	return code == RUN_RECORDS ? dispatch_become(PROGRAM_record, argv) : code;
}

/* The letters that must be changed, added or dropped to make the one of the other; `far` at most. */
static size_t letters_apart(const char *a, const char *b, size_t far)
{
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	a += same;
	b += same;
	if (!*a || !*b)
		return strlen(a) + strlen(b) < far ? strlen(a) + strlen(b) : far;
	if (!far)
		return 0;
	size_t least = letters_apart(a + 1, b + 1, far - 1), dropped = letters_apart(a + 1, b, far - 1);
	size_t added = letters_apart(a, b + 1, far - 1);

	least = dropped < least ? dropped : least;
	return 1 + (added < least ? added : least);
}

/* What may have been meant: a command that begins so, or is written nearly so; NULL: none. */
static const char *nearest_command(const char *given)
{
	const char *nearest = NULL;
	size_t least = 3;

	for (size_t i = 0; i < ROWS && *given; i++) {
		size_t apart = strncmp(rows[i].name, given, strlen(given)) ? letters_apart(given, rows[i].name, least) : 0;

		if (apart >= least || apart >= strlen(rows[i].name) - 1)
			continue;
		least = apart;
		nearest = rows[i].name;
	}
	return nearest;
}

static int dispatch(int argc, char **argv)
{
	const char *nearest;

	if (!strcmp(argv[1], "run"))
		return dispatch_run(argc, argv);
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(argv[1], rows[i].name))
			return dispatch_become(rows[i].program, argv);
	nearest = nearest_command(argv[1]);
	warnx("no command '%s'; %s%s%s`fenceline help` lists them", argv[1], nearest ? "did you mean `" : "",
	      nearest ? nearest : "", nearest ? "`? " : "");
	return EXIT_USAGE;
}

/* `fenceline help COMMAND` is `fenceline COMMAND --help`; `fenceline help record daemon`, too. */
static int help_of(int argc, char **argv)
{
	static char option[] = "--help";

	memmove(argv + 1, argv + 2, (size_t)(argc - 2) * sizeof *argv);
	argv[argc - 1] = option;
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	return dispatch(argc, argv);
}

/*
 * argp knows no -h. It is taken where no command could mean something else by it: as the first option. And argp has a note under
 * each list of options that tells nobody anything; only its own environment variable leaves it out, and only help may have that.
 */
static void take_help(int argc, char **argv)
{
	static char option[] = "--help";
	int at = argc > 3 && !strcmp(argv[1], "record") && *argv[2] != '-' ? 3 : 2;

	if (argc > at && !strcmp(argv[at], "-h"))
		argv[at] = option;
	if (argc > at && !strcmp(argv[at], option))
		setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
}

int main(int argc, char **argv)
{
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") && argc > 2 && strcmp(argv[2], "help") != 0)
		return help_of(argc, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		puts("fenceline " FENCELINE_VERSION);
		return EXIT_DONE;
	}
	take_help(argc, argv);
	return dispatch(argc, argv);
}
