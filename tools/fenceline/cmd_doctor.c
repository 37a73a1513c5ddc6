/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: is everything in place for recording this process? */
#include "record/doctor_deployed.h"
#include "record/doctor_host.h"
#include "record/doctor_process.h"
#include "run/commands.h"
#include "record/doctor.h"

#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	int json;
	pid_t pid;
	const char *command;
};

static const struct argp_option option_table[] = {
	{ "format", 'f', "FORMAT", 0, "text (the default) or json (fenceline/doctor/1)", 0 },
	{ "pid", 'p', "PID", 0, "Look at this running process", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;
	long pid;

	switch (key) {
	case 'f':
		if (strcmp(arg, "text") && strcmp(arg, "json"))
			argp_error(state, "--format takes text or json, not '%s'", arg);
		options->json = !strcmp(arg, "json");
		return 0;
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
	"\vEach check is one line: ok, warn, FAIL, or ? for what could not be looked at, with what to do about it. The last line "
	"counts them. Exit code 1 if anything failed.\n\n"
	"Examples:\n"
	"  fenceline doctor\n"
	"  fenceline doctor --pid 4711\n"
	"  fenceline doctor --format json | jq '.checks[] | select(.status != \"ok\")'\n"
	"  fenceline doctor -- qemu-system-x86_64",
	NULL,
	NULL,
	NULL,
};

static void print_sum(const struct doctor *doctor)
{
	if (!doctor->failures && !doctor->warnings && !doctor->unknown)
		puts("\nEverything that was checked is ok.");
	else
		printf("\n%d FAIL, %d warn, %d not looked at%s\n", doctor->failures, doctor->warnings, doctor->unknown,
		       doctor->failures ? ": begin with FAIL" : "");
}

int cmd_doctor(int argc, char **argv)
{
	struct options options = { 0 };
	struct doctor doctor = { 0 };
	json_t *json;

	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (options.json)
		doctor.lines = json_array();
	doctor_check_host(&doctor);
	doctor_check_deployed(&doctor);
	if (options.pid)
		doctor_check_process(&doctor, options.pid);
	if (options.command)
		doctor_check_command(&doctor, options.command);
	if (doctor.lines) {
		json = json_pack("{s:s, s:i, s:i, s:i, s:o}", "schema", "fenceline/doctor/1", "failures", doctor.failures,
		                 "warnings", doctor.warnings, "unknown", doctor.unknown, "checks", doctor.lines);
		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(json);
	} else {
		print_sum(&doctor);
	}
	return doctor.failures ? EXIT_FAILED : EXIT_DONE;
}
