/* SPDX-License-Identifier: MIT */
/* fenceline-guard: what asks a running cluster before a lock is taken. */
#include "program.h"
#include "run/commands.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = { COMMANDS_GUARD(COMMAND_ROW) };

	return program_main(commands, sizeof commands / sizeof *commands, argc, argv);
}
