/* SPDX-License-Identifier: MIT */
/*
 * The commands of `fenceline`, one file each, cmd_<name>.c, and the program that each is in. Options by argp; data on stdout,
 * everything else on stderr. `fenceline` itself is the dispatcher (main.c) and has `help` and `run`; each other program is
 * LIBEXEC/fenceline/fenceline-<program>, started by it with its own arguments, and links what its commands need.
 */
#ifndef FENCELINE_RUN_COMMANDS_H
#define FENCELINE_RUN_COMMANDS_H

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INCIDENT = 3 };

/* Program, the package that it comes in, what `fenceline help` calls its commands. */
#define PROGRAMS(P) \
	P(read, "fenceline", "Explain a fence, from traces and logs") \
	P(record, "fenceline", "Have the next one recorded") \
	P(guard, "fenceline", "Ask a running cluster, before a snapshot or after a crash") \
	P(fleet, "fenceline", "Many hosts, one store")

/* argv[0] is "fenceline <name>"; a command's function, cmd_<name>, returns an enum exit_code. */
#define COMMANDS_READ(C) \
	C(incidents, "who was fenced, by whom, why", "INPUT...") \
	C(timeline, "what happened to each VM's disks", "INPUT...") \
	C(snaps, "what deleted snapshots left in a pool", "INPUT...") \
	C(osds, "which OSD answers watch pings slowly", "[INPUT...]")
#define COMMANDS_RECORD(C) \
	C(integrate, "put the shim into libvirt, cinder, nova", "TARGET") \
	C(doctor, "is everything in place for recording?", "[--pid PID|-- CMD...]") \
	C(record, "record this host, always or by hand", "ACTION") \
	C(top, "this host's VMs, live", "")
#define COMMANDS_GUARD(C) \
	C(preflight, "would taking the lock now fence a VM?", "POOL/IMAGE...") \
	C(guard, "run CMD only while that fences nobody", "POOL/IMAGE... -- CMD...") \
	C(unlock, "is the image's lock a dead client's?", "POOL/IMAGE")
#define COMMANDS_FLEET(C) \
	C(ship, "send events into the store", "URL INPUT...") \
	C(watch, "explain the store's fences as they come", "URL")

/* Every command there is, for whoever names one. */
#define COMMANDS(C) \
	C(run, "run a command under the shim", "CMD...") COMMANDS_READ(C) COMMANDS_RECORD(C) COMMANDS_GUARD(C) COMMANDS_FLEET(C)

struct command {
	const char *name, *what, *args;
	int (*run)(int argc, char **argv);
};
#define COMMAND_ROW(name, what, args)      { #name, what, args, cmd_##name },
#define COMMAND_FUNCTION(name, what, args) int cmd_##name(int argc, char **argv);

COMMANDS_READ(COMMAND_FUNCTION)
COMMANDS_RECORD(COMMAND_FUNCTION)
COMMANDS_GUARD(COMMAND_FUNCTION)
COMMANDS_FLEET(COMMAND_FUNCTION)
int cmd_fetch_osds(int argc, char **argv);    /* likewise */
int cmd_fetch(int argc, char **argv);         /* of the fleet program, for the reading commands; not for people */
int cmd_save(int argc, char **argv);          /* the record daemon's, of the read program; not for people */
int cmd_record_daemon(int argc, char **argv); /* of `record` */
int cmd_record_window(int argc, char **argv);
int cmd_run_recorded(int argc, char **argv); /* `run` of the record program */

/* `run` of the dispatcher: becomes the command. Returns an exit code, or RUN_RECORDS if an option of recording was given. */
int cmd_run(int argc, char **argv);
#define RUN_RECORDS (-1)

#endif
