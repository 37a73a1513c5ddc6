/* SPDX-License-Identifier: MIT */
/* `fenceline record start|stop|status|snapshot`. */
#include "run/commands.h"
#include "record/output.h"
#include "record/recording.h"
#include "record/wait_make.h"

#include <argp.h>
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#define FULL_DISK_BYTES 1048576 /* less than a packet may need */

struct options {
	const char *verb;
	struct recording_options recording;
	struct wait_users users;
	int sized;            /* --flight-recorder has a size of its own */
	int json, start_only; /* start_only: an option was given that only `start` has */
};

enum { KEY_TO = 256, KEY_FORMAT, KEY_BUFFERS, KEY_VM_USER };

static const struct argp_option option_table[] = {
	{ "session", 's', "NAME", 0, "The recording's name, an LTTng session's (default: fenceline)", 0 },
	{ 0, 0, 0, 0, "Of start:", 1 },
	{ "output", 'o', "DIR", 0, "Folder to record into; new or empty", 1 },
	{ "profile", 'p', "P", 0, "incident (default): everything but the event per I/O; full: all", 1 },
	{ "buffers", KEY_BUFFERS, "B", 0,
	  "pid (default): each process has ring buffers of its own; uid: all of a user share theirs, and one VM can harm the "
	  "others",
	  1 },
	{ "flight-recorder", 'f', "SIZE", OPTION_ARG_OPTIONAL,
	  "Keep the last SIZE (default 4M per process, 64M per user id) in memory; `record snapshot` writes it to DIR", 1 },
	{ "vm-user", KEY_VM_USER, "USER", 0,
	  "Let sandboxed VMs of this user (name or number) be recorded, too; libvirt's and those that run one now are known", 1 },
	{ "to", KEY_TO, "RELAYD", 0, "Send the trace to the LTTng relay daemon at RELAYD, HOST[:PORT], instead of DIR", 1 },
	{ 0, 0, 0, 0, "Of status:", 2 },
	{ "format", KEY_FORMAT, "F", 0, "text (default) or json", 2 },
	{ 0 },
};

static void parse_start_option(int key, char *arg, struct argp_state *state, struct options *options)
{
	struct recording_options *recording = &options->recording;
	int profile, buffers;

	switch (key) {
	case 'o':
		recording->output = arg;
		break;
	case 'p':
		profile = profile_by_name(arg);
		if (profile < 0)
			argp_error(state, "--profile is incident or full, not '%s'", arg);
		recording->profile = profile;
		break;
	case 'f':
		options->sized = arg != NULL;
		recording->flight_bytes = PROFILE_FLIGHT_BYTES(BUFFERS_UID);
		if (arg && profile_parse_size(arg, &recording->flight_bytes))
			argp_error(state, "--flight-recorder takes a size such as 64M, not '%s'", arg);
		break;
	case KEY_BUFFERS:
		buffers = buffers_by_name(arg);
		if (buffers < 0)
			argp_error(state, "--buffers is pid or uid, not '%s'", arg);
		recording->buffers = buffers;
		break;
	case KEY_VM_USER:
		if (wait_users_add_name(&options->users, arg))
			argp_error(state, "--vm-user: there is no user '%s'", arg);
		break;
	case KEY_TO:
		recording->relayd = arg;
	}
}

static void record_check(struct options *options, struct argp_state *state)
{
	struct recording_options *recording = &options->recording;

	recording->users = &options->users;
	if (recording->flight_bytes && !options->sized)
		recording->flight_bytes = PROFILE_FLIGHT_BYTES(recording->buffers);
	if (!options->verb)
		argp_error(state, "say what to do: start, stop, status, snapshot, daemon or window");
	if (options->start_only && strcmp(options->verb, "start"))
		argp_error(state, "%s takes only --session%s", options->verb,
		           strcmp(options->verb, "status") ? "" : " and --format");
	if (!strcmp(options->verb, "start") && !recording->output == !recording->relayd)
		argp_error(state, "start needs either --output DIR or --to RELAYD");
	if (!*recording->session || strchr(recording->session, '/'))
		argp_error(state, "'%s' cannot be a session's name", recording->session);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 's':
		options->recording.session = arg;
		return 0;
	case 'o':
	case 'p':
	case 'f':
	case KEY_TO:
	case KEY_BUFFERS:
	case KEY_VM_USER:
		options->start_only = 1;
		parse_start_option(key, arg, state, options);
		return 0;
	case KEY_FORMAT:
		options->json = !strcmp(arg, "json");
		if (!options->json && strcmp(arg, "text"))
			argp_error(state, "--format is text or json, not '%s'", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (options->verb)
			argp_error(state, "one of start, stop, status, snapshot; '%s' is too many", arg);
		options->verb = arg;
		return 0;
	case ARGP_KEY_END:
		record_check(options, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	"start|stop|status|snapshot",
	"Record what happens in every process on this host that runs under the shim."
	"\vstart begins, stop ends and says where the trace is; until then it can be read as it grows, up to the last second. A "
	"session "
	"daemon is started if none answers, and only such a one is ended by stop.\n\n"
	"Ring buffers lie in /dev/shm. Each process has its own (--buffers pid): its neighbours can neither read nor destroy "
	"what it records, nor end it by truncating what they share. With --buffers uid all of a user share one, which takes less "
	"memory; what a flight recorder holds of a process then outlives it. What does not fit is discarded and counted, never "
	"waited for. Measured, in MiB (LTTng 2.13):\n\n"
	"  VMs  CPUs    incident pid, uid    full pid, uid\n"
	"   10     2               7,   5         101,  23\n"
	"   10    64              57,  44         407, 324\n"
	"   50     2              36,   5         505,  23\n"
	"   50    16             136,  23        2011, 163\n"
	"   50    64             281,  44\n\n"
	"VMs of libvirt run as their own user: record as root. An unprivileged user records only processes of their own, or, as "
	"a member "
	"of the group 'tracing', through root's session daemon. AppArmor or SELinux must let QEMU use /run/lttng and "
	"/dev/shm/lttng-ust-*. A sandboxed VM is recorded only if LTTng's wait files are there, which root's start makes; "
	"`fenceline doctor --pid` says so.\n\n"
	"Examples:\n"
	"  fenceline record start --output /var/tmp/snapshots-tonight\n"
	"  fenceline record status\n"
	"  fenceline record stop\n"
	"  fenceline record start --flight-recorder=256M --output /var/tmp/ring\n"
	"  fenceline record snapshot    # what the ring holds, after the fact\n"
	"  fenceline record start --profile full --session bench --output trace\n\n"
	"Exit codes: 0 done, 1 failed, 2 usage.",
	NULL,
	NULL,
	NULL,
};

static int record_start(const struct options *options)
{
	const struct recording_options *recording = &options->recording;

	if (recording_start(recording))
		return EXIT_FAILED;
	if (recording->flight_bytes)
		warnx("flight recorder '%s' is running; `fenceline record snapshot%s%s` writes what it holds", recording->session,
		      strcmp(recording->session, RECORDING_NAME) ? " --session " : "",
		      strcmp(recording->session, RECORDING_NAME) ? recording->session : "");
	else
		warnx("recording '%s', profile %s, to %s", recording->session, profile_names[recording->profile],
		      recording->relayd ? recording->relayd : recording->output);
	return EXIT_DONE;
}

/* What the consumer could not write is in nobody's count. */
static void warn_of_full_disk(const char *folder)
{
	struct statvfs disk;

	if (*folder == '/' && statvfs(folder, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < FULL_DISK_BYTES)
		warnx("the disk of %s is full: the end of the trace may be missing, and is not counted; free some space and "
		      "record again",
		      folder);
}

static int record_stop(const struct options *options)
{
	struct recording last;
	char size[32];
	int pending;

	if (recording_stop(options->recording.session, &last, &pending))
		return EXIT_FAILED;
	if (pending)
		warnx("LTTng did not write everything within 30 s: the end of the trace may be missing");
	if (last.flight_recorder) {
		warnx("flight recorder '%s' has ended; its snapshots are in %s", last.session, last.output);
		return EXIT_DONE;
	}
	if (*last.output != '/')
		warnx("recording '%s' has ended; its trace was sent to %s", last.session, last.output);
	else if (last.bytes)
		warnx("recording '%s' has ended: %s in %s", last.session, output_size_text(last.bytes, size, sizeof size),
		      last.output);
	else
		warnx("recording '%s' has ended and is empty: no process under the shim emitted an event; is it started with "
		      "`fenceline "
		      "run`?",
		      last.session);
	warn_of_full_disk(last.output);
	warnx("%llu events discarded%s%s", (unsigned long long)last.discarded,
	      last.discarded ? ": the buffers were full, the timeline will show the gap" : "",
	      last.buffers == BUFFERS_PID ? " (LTTng's count, perhaps short for processes that ended; the timeline's is exact)"
	                                  : "");
	return EXIT_DONE;
}

static int record_snapshot(const struct options *options)
{
	if (recording_snapshot(options->recording.session))
		return EXIT_FAILED;
	warnx("snapshot written");
	return EXIT_DONE;
}

/* ---- status ---- */

static void print_reach(const struct recording *recording)
{
	const struct reach *reach = &recording->reach;
	char least[32], most[32];

	if (!reach->measured_ns || !reach->least_s)
		return;
	printf("  reaches back %s%s", reach->wrapped ? "" : "about ", reach_words(reach->least_s, least));
	if (reach->rings > 1)
		printf(" to %s in the %u rings of %s", reach_words(reach->most_s, most), reach->rings,
		       recording->buffers == BUFFERS_PID ? "as many processes" : "as many users");
	printf(", %u CPU%s written on; measured %s ago%s\n", reach->cpus, reach->cpus == 1 ? "" : "s",
	       reach_words(time(NULL) - reach->measured_ns / 1000000000, most), reach->wrapped ? "" : ", from how fast it fills");
}

static void print_text(const struct recording *list, int count, int others)
{
	char since[32], size[32];
	struct tm tm;
	time_t when;

	if (!count)
		puts("nothing is being recorded");
	else
		printf("%-20s %-9s %-20s %10s %10s  %s\n", "session", "profile", "since", "written", "discarded", "output");
	for (int i = 0; i < count; i++) {
		when = list[i].since_ns / 1000000000;
		strftime(since, sizeof since, "%F %T", localtime_r(&when, &tm));
		printf("%-20s %-9s %-20s %10s %10llu  %s%s%s\n", list[i].session, list[i].profile, since,
		       *list[i].output == '/' ? output_size_text(list[i].bytes, size, sizeof size) : "-",
		       (unsigned long long)list[i].discarded, list[i].output, list[i].flight_recorder ? " (flight recorder)" : "",
		       list[i].active ? "" : " (stopped)");
		print_reach(&list[i]);
	}
	if (others)
		printf("and %d LTTng session%s that fenceline did not start\n", others, others == 1 ? "" : "s");
}

/* Of a flight recorder that has been looked at; else null. */
static json_t *reach_json(const struct reach *reach)
{
	if (!reach->measured_ns)
		return json_null();
	return json_pack("{s:o, s:o, s:i, s:i, s:b, s:I}", "least_s", reach->least_s ? json_integer(reach->least_s) : json_null(),
	                 "most_s", reach->most_s ? json_integer(reach->most_s) : json_null(), "rings", (int)reach->rings, "cpus",
	                 (int)reach->cpus, "wrapped", reach->wrapped, "measured_ns", (json_int_t)reach->measured_ns);
}

static int print_json(const struct recording *list, int count, int others)
{
	json_t *recordings = json_array();
	json_t *root = json_pack("{s:s, s:i, s:o}", "schema", "fenceline/record-status/1", "other_sessions", others, "recordings",
	                         recordings);

	for (int i = 0; root && i < count; i++)
		json_array_append_new(recordings,
		                      json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:o}", "session", list[i].session,
		                                "profile", list[i].profile, "buffers", buffers_names[list[i].buffers], "output",
		                                list[i].output, "active", list[i].active, "flight_recorder",
		                                list[i].flight_recorder, "since_ns", (json_int_t)list[i].since_ns, "bytes",
		                                (json_int_t)list[i].bytes, "discarded", (json_int_t)list[i].discarded, "reach",
		                                reach_json(&list[i].reach)));
	if (!root || json_dumpf(root, stdout, JSON_INDENT(2))) {
		warnx("cannot print the status as JSON");
		json_decref(root);
		return EXIT_FAILED;
	}
	putchar('\n');
	json_decref(root);
	return EXIT_DONE;
}

static int record_status(const struct options *options)
{
	struct recording *list;
	int others, count = recordings_list(&list, &others), code = EXIT_DONE;

	if (count < 0)
		return EXIT_FAILED;
	if (options->json)
		code = print_json(list, count, others);
	else
		print_text(list, count, others);
	free(list);
	return code;
}

int cmd_record(int argc, char **argv)
{
	static const struct {
		const char *verb;
		int (*run)(const struct options *options);
	} verbs[] = {
		{ "start", record_start }, { "stop", record_stop }, { "status", record_status }, { "snapshot", record_snapshot }
	};
	struct options options = { .recording = { .session = RECORDING_NAME } };

	if (argc > 1 && !strcmp(argv[1], "daemon"))
		return cmd_record_daemon(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "window"))
		return cmd_record_window(argc - 1, argv + 1);
	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(options.verb, verbs[i].verb))
			return verbs[i].run(&options);
	warnx("no action '%s'; there are start, stop, status, snapshot, daemon and window", options.verb);
	return EXIT_USAGE;
}
