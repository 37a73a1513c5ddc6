/* SPDX-License-Identifier: MIT */
/* fenceline-fleet: what talks to a store of many hosts. */
#include "program.h"
#include "run/commands.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		COMMANDS_FLEET(COMMAND_ROW){ "fetch", "", "", cmd_fetch },
		{ "fetch-osds", "", "", cmd_fetch_osds },
	};

	return program_main(commands, sizeof commands / sizeof *commands, argc, argv);
}
