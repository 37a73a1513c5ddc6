/* SPDX-License-Identifier: MIT */
/* fenceline-read: what reads traces and logs. */
#include "run/commands.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		COMMANDS_READ(COMMAND_ROW){ "save", "", "", cmd_save },
	};

	return program_main(commands, sizeof commands / sizeof *commands, argc, argv);
}
