/* SPDX-License-Identifier: MIT */
/* fenceline-record: what records, and what looks after recording. `run` comes here if it has to record. */
#include "program.h"
#include "run/commands.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		COMMANDS_RECORD(COMMAND_ROW){ "run", "run a command under the shim", "CMD...", cmd_run_recorded },
	};

	return program_main(commands, sizeof commands / sizeof *commands, argc, argv);
}
