/* SPDX-License-Identifier: MIT */
/* `fenceline run --record`: a command under the shim, and a recording for as long as it runs. */
#include "run/commands.h"
#include "record/output.h"
#include "record/recording.h"
#include "run/run_options.h"
#include "run/shim_path.h"
#include "run/supervise.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

static int run_recorded(struct recording_options *options, char **command)
{
	struct recording last;
	char name[64];
	int code, pending;

	if (!options->session) {
		snprintf(name, sizeof name, RECORDING_NAME "-run-%d", (int)getpid());
		options->session = name;
	}
	supervise_hold_signals();
	if (recording_start(options))
		return EXIT_FAILED;
	code = supervise_run(command);
	if (!recording_stop(options->session, &last, &pending))
		say_recorded(&last, pending);
	return code;
}

int cmd_run_recorded(int argc, char **argv)
{
	struct run_options options = { 0 };
	struct recording_options recording = { 0 };
	int profile = PROFILE_INCIDENT;

	if (argp_parse(&run_argp, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (options.profile)
		profile = profile_by_name(options.profile);
	if (profile < 0) {
		warnx("--profile is incident or full, not '%s'", options.profile);
		return EXIT_USAGE;
	}
	if (supervise_under_shim(options.command[0]))
		return EXIT_FAILED;
	if (!options.record) {
		warnx("--profile and --session do nothing without --record");
		return supervise_exec(options.command);
	}
	recording.output = options.record;
	recording.profile = profile;
	recording.session = options.session;
	return run_recorded(&recording, options.command);
}
