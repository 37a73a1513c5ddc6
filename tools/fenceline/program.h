/* SPDX-License-Identifier: MIT */
/* main() of the programs behind the dispatcher. */
#ifndef FENCELINE_PROGRAM_H
#define FENCELINE_PROGRAM_H

#include "run/commands.h"

/*
 * main() of a program behind the dispatcher: argv[1] names one of its `count` commands. Called by hand with another one it says
 * so. Returns the exit code.
 */
int program_main(const struct command *commands, unsigned count, int argc, char **argv);

#endif
