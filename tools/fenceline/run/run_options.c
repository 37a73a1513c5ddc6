/* SPDX-License-Identifier: MIT */
/* The options of `fenceline run`. */
#include "run/run_options.h"

static const struct argp_option option_table[] = {
	{ "record", 'r', "DIR", 0, "Own a recording into DIR (new or empty) for as long as CMD runs", 0 },
	{ "profile", 'p', "P", 0, "With --record: incident (default: everything but the event per I/O) or full", 0 },
	{ "session", 's', "NAME", 0, "With --record: the LTTng session's name (default: fenceline-run-PID)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run_options *options = state->input;

	switch (key) {
	case 'r':
		options->record = arg;
		return 0;
	case 'p':
		options->profile = arg;
		return 0;
	case 's':
		options->session = arg;
		return 0;
	case ARGP_KEY_ARGS:
		options->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!options->command || !options->command[0])
			argp_error(state, "no command to run; for example: run -- qemu-system-x86_64 ...");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp run_argp = {
	option_table,
	parse_option,
	"-- CMD...",
	"Run CMD with the shim in LD_PRELOAD. Without --record fenceline becomes CMD; with it, it passes signals on, and exits "
	"with CMD's code, or 128 + N if signal N ended it."
	"\vChildren of CMD inherit the shim. Programs that are set-user-id or statically linked do not load it.\n\n"
	"Examples:\n"
	"  fenceline run -- qemu-system-x86_64 -drive file=rbd:vms/vm1,format=raw ...\n"
	"  fenceline run --record trace -- rbd snap create vms/vm1@tonight\n"
	"  fenceline run --record trace --profile full -- fio job.fio",
	NULL,
	NULL,
	NULL,
};
