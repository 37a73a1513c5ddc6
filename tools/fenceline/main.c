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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum program {
#define PROGRAM_ID(name, package) PROGRAM_##name,
	PROGRAMS(PROGRAM_ID)
#undef PROGRAM_ID
	        PROGRAM_COUNT
};

static const struct {
	const char *name, *package;
} programs[] = {
#define PROGRAM_ROW(name, package) { #name, package },
	PROGRAMS(PROGRAM_ROW)
#undef PROGRAM_ROW
};

static const struct row {
	const char *name, *what, *args;
	enum program program;
} rows[] = {
#define ROW(name, what, args) { #name, what, args, PROGRAM_record },
	COMMANDS_RECORD(ROW)
#undef ROW
#define ROW(name, what, args) { #name, what, args, PROGRAM_read },
	        COMMANDS_READ(ROW)
#undef ROW
#define ROW(name, what, args) { #name, what, args, PROGRAM_guard },
	                COMMANDS_GUARD(ROW)
#undef ROW
#define ROW(name, what, args) { #name, what, args, PROGRAM_fleet },
	                        COMMANDS_FLEET(ROW)
#undef ROW
};
#define ROWS (sizeof rows / sizeof *rows)

/* The commands that are here; then, a line for each package, those that are not. */
static void print_help(FILE *out)
{
	int there[PROGRAM_COUNT];
	char path[PATH_MAX];

	for (int i = 0; i < PROGRAM_COUNT; i++)
		there[i] = !programs_find(programs[i].name, path, sizeof path);
	fputs("Usage: fenceline COMMAND [OPTION...]\n"
	      "Proof, per virtual machine, of why its Ceph RBD disk died.\n\nCommands:\n"
	      "  run        CMD...                       run a command under the shim\n",
	      out);
	for (size_t i = 0; i < ROWS; i++)
		if (there[rows[i].program])
			fprintf(out, "  %-10s %-28s %s\n", rows[i].name, rows[i].args, rows[i].what);
	for (int p = 0; p < PROGRAM_COUNT; p++) {
		if (there[p])
			continue;
		fputs("Not installed:", out);
		for (size_t i = 0; i < ROWS; i++)
			if (rows[i].program == (enum program)p)
				fprintf(out, " %s", rows[i].name);
		fprintf(out, " (package %s)\n", programs[p].package);
	}
	fputs("\n`fenceline COMMAND --help` tells more. Exit codes: 0 done, 1 failed, 2 usage,\n"
	      "3 incident found (`incidents --exit-code`, `guard`), 4 to 7 the verdicts of `preflight` and `guard`.\n",
	      out);
}

/* Become the program that has argv[1]. Returns only if it cannot. */
static int become(enum program program, char **argv)
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

static int run(int argc, char **argv)
{
	char name[] = "fenceline run", *given = argv[1];
	int code;

	argv[1] = name;
	code = cmd_run(argc - 1, argv + 1);
	argv[1] = given;
	return code == RUN_RECORDS ? become(PROGRAM_record, argv) : code;
}

int main(int argc, char **argv)
{
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("fenceline " FENCELINE_VERSION);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "run"))
		return run(argc, argv);
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(argv[1], rows[i].name))
			return become(rows[i].program, argv);
	warnx("no command '%s'; `fenceline help` lists them", argv[1]);
	return EXIT_USAGE;
}
