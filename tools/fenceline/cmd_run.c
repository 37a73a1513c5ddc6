/* SPDX-License-Identifier: MIT */
/* `fenceline run`: a command under the shim, and if asked a recording for as long as it runs. */
#include "cmd.h"
#include "record/output.h"
#include "record/recording.h"
#include "record/shim_path.h"
#include "record/supervise.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct recording_options recording;
	char **command; /* borrowed from argv */
};

static const struct argp_option option_table[] = {
	{ "record", 'r', "DIR", 0, "Own a recording into DIR (new or empty) for as long as CMD runs", 0 },
	{ "profile", 'p', "P", 0, "With --record: incident (default: everything but the event per I/O) or full", 0 },
	{ "session", 's', "NAME", 0, "With --record: the LTTng session's name (default: fenceline-run-PID)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	int profile;

	switch (key) {
	case 'r':
		options->recording.output = arg;
		return 0;
	case 'p':
		profile = profile_by_name(arg);
		if (profile < 0)
			argp_error(state, "--profile is incident or full, not '%s'", arg);
		options->recording.profile = profile;
		return 0;
	case 's':
		options->recording.session = arg;
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

static const struct argp parser = {
	option_table,
	parse_option,
	"-- CMD...",
	"Run CMD with the shim in LD_PRELOAD. Without --record fenceline becomes CMD; with it, it passes signals on, and exits "
	"with "
	"CMD's code, or 128 + N if signal N ended it."
	"\vChildren of CMD inherit the shim. Programs that are set-user-id or statically linked do not load it.\n\n"
	"Examples:\n"
	"  fenceline run -- qemu-system-x86_64 -drive file=rbd:vms/vm1,format=raw ...\n"
	"  fenceline run --record trace -- rbd snap create vms/vm1@tonight\n"
	"  fenceline run --record trace --profile full -- fio job.fio",
	NULL,
	NULL,
	NULL,
};

static void say_recorded(const struct recording *last, int pending)
{
	char size[32];

	if (!last->bytes)
		warnx("nothing recorded: no process under the shim emitted an event");
	else
		warnx("recorded %s into %s, %llu events discarded%s", output_size_text(last->bytes, size, sizeof size),
		      last->output, (unsigned long long)last->discarded,
		      pending ? "; the end is missing: LTTng did not write it in time" : "");
}

static int run_recorded(struct options *options)
{
	struct recording last;
	char name[64];
	int code, pending;

	if (!options->recording.session) {
		snprintf(name, sizeof name, RECORDING_NAME "-run-%d", (int)getpid());
		options->recording.session = name;
	}
	supervise_hold_signals();
	if (recording_start(&options->recording))
		return EXIT_FAILED;
	code = supervise_run(options->command);
	if (!recording_stop(options->recording.session, &last, &pending))
		say_recorded(&last, pending);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct options options = { 0 };
	char shim[PATH_MAX * 4];
	int status;

	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	status = shim_path_find_self(shim, sizeof shim);
	if (status == -ENOENT)
		errx(EXIT_FAILED, "the shim is missing; looked for %s", shim);
	if (status)
		errx(EXIT_FAILED, "cannot tell where the shim is: %s", strerror(-status));
	if (!options.recording.output && (options.recording.session || options.recording.profile))
		warnx("--profile and --session do nothing without --record");
	if (options.recording.output)
		return supervise_environment(options.command[0], shim) ? EXIT_FAILED : run_recorded(&options);
	if (supervise_environment(options.command[0], shim))
		return EXIT_FAILED;
	return supervise_exec(options.command);
}
