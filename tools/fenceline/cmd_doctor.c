/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: is everything in place for recording this process? */
#include "cmd.h"
#include "record/doctor.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
	pid_t pid;
	const char *command;
};

static const struct argp_option option_table[] = {
	{ "pid", 'p', "PID", 0, "Look at this running process", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;
	long pid;

	switch (key) {
	case 'p':
		pid = strtol(arg, &end, 10);
		if (end == arg || *end || pid <= 0 || pid > 1 << 30)
			argp_error(state, "--pid takes a process id, not '%s'", arg);
		options->pid = pid;
		return 0;
	case ARGP_KEY_ARGS:
		options->command = state->argv[state->next];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (options->pid && options->command)
			argp_error(state, "either --pid PID or a command, not both");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	"[-- CMD...]",
	"Check whether everything is in place to record this host, a running process, or a command (which is not run)."
	"\vEach check is one line: ok, warn or FAIL, with what to do about it. Exit code 1 if anything failed.\n\n"
	"Examples:\n"
	"  fenceline doctor\n"
	"  fenceline doctor --pid 4711\n"
	"  fenceline doctor -- qemu-system-x86_64",
	NULL,
	NULL,
	NULL,
};

int cmd_doctor(int argc, char **argv)
{
	struct options options = { 0 };
	struct doctor doctor = { 0 };

	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	doctor_check_host(&doctor);
	if (options.pid)
		doctor_check_process(&doctor, options.pid);
	if (options.command)
		doctor_check_command(&doctor, options.command);
	return doctor.failures ? EXIT_FAILED : EXIT_DONE;
}
