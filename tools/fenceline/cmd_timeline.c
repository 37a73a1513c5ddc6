/* SPDX-License-Identifier: MIT */
/* `fenceline timeline`: what happened to each VM's disks, in order of time, and the verdicts. */
#include "render/formats.h"
#include "render/style.h"
#include "run/commands.h"
#include "follow.h"
#include "report_run.h"

#include <stdlib.h>
#include <string.h>

static const char doc[] =
        "What happened to each VM's disks, in order of time: pings, watch, lock, snapshots, blocklist, I/O; then the verdict "
        "with its evidence.\n\n"
        "INPUT is any mix of trace folders and logs; the kind is recognised by content.\n\n"
        "Formats:\n" FORMATS(
                FORMAT_ABOUT) "\v"
                              "Examples:\n"
                              "  fenceline timeline trace/ /var/log/ceph/ceph.audit.log\n"
                              "  fenceline timeline --vm vm1 --since -10m trace/\n"
                              "  fenceline timeline --window 1 trace/  # the first snapshot window\n"
                              "  fenceline timeline --vm vm1 --since -1h clickhouse://store/fenceline\n"
                              "  fenceline timeline --tz +08:00 --since 2020-03-12T23:50 ceph.audit.log\n"
                              "  fenceline timeline -f html trace/ ceph.audit.log >incident.html\n"
                              "  fenceline timeline -f perfetto trace/ >trace.json  # ui.perfetto.dev\n"
                              "  fenceline timeline -f ndjson trace/ | jq 'select(.kind==\"ping-lost\")'\n"
                              "  fenceline timeline -f ndjson --follow --since now trace/ | your-alarm\n\n"
                              "--follow prints an event one to two seconds after it happened: LTTng hands its events on once a second, and --follow "
                              "looks twice a "
                              "second. Some things are shown later. A ping counts as lost after 7 s without an answer; an answer that still comes is shown, too. A "
                              "blocklist command that only a log tells of comes after 6 s. The events of a client are held back until it has said "
                              "who it is, 8 s at most. The lines of one look are in order of time. The skew between hosts is not estimated; "
                              "--clock-offset is taken. It ends with 0 "
                              "at INT or TERM, when the recording that writes into the inputs is stopped on this host, or when --until has passed.\n\n"
                              "Exit codes: 0 done, 1 failed, 2 usage.";

enum { KEY_FOLLOW = 0x200, KEY_WINDOW };

static const struct argp_option argp_options[] = {
	{ "follow", KEY_FOLLOW, NULL, 0,
	  "ndjson only: go on with what is added to the inputs, until INT, TERM or the end of the recording", 0 },
	{ "window", KEY_WINDOW, "N", 0,
	  "Only the Nth snapshot window, from 1: as `record window` or the record daemon opened it, else the snapshot calls with "
	  "10 s before and 30 s after",
	  0 },
	{ 0 }
};

struct timeline_options {
	struct report_options report;
	bool follow;
};

static uint32_t parse_window(const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long number = strtoul(arg, &end, 10);

	if (*arg < '1' || *arg > '9' || *end || number > UINT32_MAX)
		argp_error(state, "--window=%s: give the number of a window, from 1", arg);
	return (uint32_t)number;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct timeline_options *timeline = state->input;
	struct report_options *options = &timeline->report;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = options;
		return 0;
	case KEY_FOLLOW:
		timeline->follow = true;
		return 0;
	case KEY_WINDOW:
		options->window = parse_window(arg, state);
		return 0;
	case ARGP_KEY_ARGS:
		options->inputs = state->argv + state->next;
		options->input_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no INPUT given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_timeline(int argc, char **argv)
{
	struct argp_child children[] = { { &report_argp, 0, NULL, 0 }, { 0 } };
	struct argp argp = { argp_options, parse_option, "INPUT...", doc, children, NULL, NULL };
	struct timeline_options options = { .report.renderer = renderer_find("text") };
	struct model_options keep = { .keep_entries = true };
	struct report_run run;
	int code = EXIT_FAILED;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.report.renderer->timeline) {
		fprintf(stderr, "fenceline: there is no timeline in format '%s'\n", options.report.renderer->format);
		return EXIT_USAGE;
	}
	if (options.follow && strcmp(options.report.renderer->format, "ndjson")) {
		fputs("fenceline: --follow goes with --format ndjson alone: other formats have an end\n", stderr);
		return EXIT_USAGE;
	}
	if (options.report.window && (options.follow || options.report.since.kind || options.report.until.kind)) {
		fputs("fenceline: --window is a time of its own: it does not go with --since, --until or --follow\n", stderr);
		return EXIT_USAGE;
	}
	if (options.follow) {
		code = follow_timeline(&options.report);
		free(options.report.clocks);
		free(options.report.uids);
		return code;
	}
	keep.keep_io = options.report.renderer->wants_io;
	if (!report_run_open(&run, &options.report, &keep))
		code = report_run_print(&run, options.report.renderer->timeline);
	report_run_close(&run);
	return code;
}
