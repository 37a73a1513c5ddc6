/* SPDX-License-Identifier: MIT */
/* fenceline-read: what reads traces and logs. */
#include "program.h"
#include "run/commands.h"

#include <sys/resource.h>

/* A trace of a host with forty VMs is some hundred files, all open at once; the usual limit is 1024, and may be raised. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		COMMANDS_READ(COMMAND_ROW){ "save", "", "", cmd_save },
	};

	allow_many_files();
	return program_main(commands, sizeof commands / sizeof *commands, argc, argv);
}
