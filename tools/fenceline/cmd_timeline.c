/* SPDX-License-Identifier: MIT */
/* `fenceline timeline`: what happened to each VM's disks, in order of time, and the verdicts. */
#include "cmd.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

static const char doc[] =
        "What happened to each VM's disks, in order of time: pings, watch, lock, snapshots, blocklist, I/O; then the verdict "
        "with its evidence.\n\n"
        "INPUT is any mix of trace folders and logs; the kind is recognised by content. Formats: text, json "
        "(fenceline/timeline/1), ndjson (one event a line), html (one file for a browser), perfetto (for ui.perfetto.dev or "
        "trace_processor).\v"
        "Examples:\n"
        "  fenceline timeline trace/ /var/log/ceph/ceph.audit.log\n"
        "  fenceline timeline --vm vm1 --since -10m trace/\n"
        "  fenceline timeline --tz +08:00 --since 2020-03-12T23:50 ceph.audit.log\n"
        "  fenceline timeline -f html trace/ ceph.audit.log >incident.html\n"
        "  fenceline timeline -f perfetto --vm vm1 trace/ >vm1.json   # open it in ui.perfetto.dev\n"
        "  fenceline timeline -f ndjson trace/ | jq 'select(.kind==\"ping-lost\")'\n\n"
        "Exit codes: 0 done, 1 failed, 2 usage.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct report_options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = options;
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
	struct argp argp = { .parser = parse_option, .args_doc = "INPUT...", .doc = doc, .children = children };
	struct report_options options = { .renderer = renderer_find("text") };
	struct model_options keep = { .keep_entries = true };
	struct report_run run;
	int code = EXIT_FAILED;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.renderer->timeline) {
		fprintf(stderr, "fenceline: there is no timeline in format '%s'\n", options.renderer->format);
		return EXIT_USAGE;
	}
	keep.keep_io = options.renderer->wants_io;
	if (!report_run_open(&run, &options, &keep))
		code = report_run_print(&run, options.renderer->timeline);
	report_run_close(&run);
	return code;
}
