/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of `fenceline`: one file each, cmd_<name>.c. Options by argp; data on stdout, everything else on stderr.
 */
#ifndef FENCELINE_CMD_H
#define FENCELINE_CMD_H

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INCIDENT = 3 };

/* argv[0] is "fenceline <name>"; returns an enum exit_code. */
#define COMMANDS(C) \
	C(run, "run a command under the shim", "CMD...") \
	C(record, "start, stop or show a recording", "start|stop|status|snapshot") \
	C(timeline, "what happened, per VM", "INPUT...") \
	C(incidents, "verdicts: who was fenced, by whom, why", "INPUT...") \
	C(snaps, "what snapshot churn has done to a pool", "INPUT...") \
	C(doctor, "is everything in place for recording", "[--pid PID|-- CMD...]")
#define COMMAND_FUNCTION(name, what, args) int cmd_##name(int argc, char **argv);
COMMANDS(COMMAND_FUNCTION)
#undef COMMAND_FUNCTION

#endif
