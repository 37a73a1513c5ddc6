/* SPDX-License-Identifier: MIT */
/* `fenceline COMMAND`: finds the command in the table of cmd.h and hands over. */
#include "cmd.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
	const char *name, *what, *args;
	int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND_ROW(name, what, args) { #name, what, args, cmd_##name },
	COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

static void print_help(FILE *out)
{
	fputs("Usage: fenceline COMMAND [OPTION...]\n"
	      "Proof, per virtual machine, of why its Ceph RBD disk died.\n\nCommands:\n",
	      out);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  %-10s %-28s %s\n", commands[i].name, commands[i].args, commands[i].what);
	fputs("\n`fenceline COMMAND --help` tells more. Exit codes: 0 done, 1 failed, 2 usage,\n"
	      "3 incident found (only with `incidents --exit-code`).\n",
	      out);
}

int main(int argc, char **argv)
{
	char name[64];

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
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(argv[1], commands[i].name)) {
			snprintf(name, sizeof name, "fenceline %s", argv[1]);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	fprintf(stderr, "fenceline: no command '%s'; `fenceline --help` lists them\n", argv[1]);
	return EXIT_USAGE;
}
