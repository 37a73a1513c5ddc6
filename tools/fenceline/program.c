/* SPDX-License-Identifier: MIT */
#include "program.h"
#include "run/commands.h"

#include <argp.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

int program_main(const struct command *commands, unsigned count, int argc, char **argv)
{
	char name[64];

	argp_err_exit_status = EXIT_USAGE;
	for (unsigned i = 0; argc > 1 && i < count; i++)
		if (!strcmp(argv[1], commands[i].name)) {
			snprintf(name, sizeof name, "fenceline %s", argv[1]);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	warnx("this is a part of fenceline, which starts it; `fenceline help` lists the commands");
	return EXIT_USAGE;
}
