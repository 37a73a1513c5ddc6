/* SPDX-License-Identifier: MIT */
/* `fenceline incidents`: one verdict per fenced client and blocklist episode, and the near misses. */
#include "render/style.h"
#include "run/commands.h"
#include "report_run.h"
#include "saved_list.h"

#include "render/view.h"

#include <stdlib.h>
#include <string.h>

#define CAUSE_MEANS(id, name, title, means) "  " name ": " means "\n"

static const char doc[] =
        "Who was fenced, by whom, why, and how sure that is: one verdict per client address and blocklist episode, then the "
        "near misses.\n\n"
        "INPUT is any mix of trace folders and logs, and of stores (clickhouse://HOST/DB); the kind is recognised by content. Logs alone give a "
        "verdict, too. Formats: "
        "text, json (fenceline/incidents/1).\n\n"
        "Causes:\n" CAUSES(CAUSE_MEANS) "\v"
                                        "Examples:\n"
                                        "  fenceline incidents trace/ /var/log/ceph/ceph.audit.log\n"
                                        "  fenceline incidents --tz +08:00 ceph.audit.log.1.gz\n"
                                        "  fenceline incidents --saved\n"
                                        "  fenceline incidents --since -1h clickhouse://store/fenceline\n"
                                        "  fenceline incidents --exit-code -f json trace/ >verdict.json || page-me\n\n"
                                        "Exit codes: 0 done, 1 failed, 2 usage, 3 incident found (only with --exit-code).";

enum { KEY_EXIT_CODE = 0x200, KEY_SAVED };

static const struct argp_option argp_options[] = {
	{ "exit-code", KEY_EXIT_CODE, NULL, 0, "Exit with 3 if there is an incident", 0 },
	{ "saved", KEY_SAVED, NULL, 0,
	  "List the folders that the record daemon left in INPUT (default: /var/lib/fenceline), newest first", 0 },
	{ 0 },
};

struct incidents_options {
	struct report_options report;
	bool exit_code, saved;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct incidents_options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->report;
		return 0;
	case KEY_EXIT_CODE:
		options->exit_code = true;
		return 0;
	case KEY_SAVED:
		options->saved = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->report.inputs = state->argv + state->next;
		options->report.input_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (!options->saved)
			argp_error(state, "no INPUT given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool found_any(const struct report_run *run)
{
	struct view view;
	bool found = !view_open_verdicts(&run->report, &view) && view.incident_count;

	view_close(&view);
	return found;
}

int cmd_incidents(int argc, char **argv)
{
	struct argp_child children[] = { { &report_argp, 0, NULL, 0 }, { 0 } };
	struct argp argp = { argp_options, parse_option, "INPUT...", doc, children, NULL, NULL };
	struct incidents_options options = { .report.renderer = renderer_find("text") };
	struct model_options keep = { 0 }; /* verdicts need no timeline entries: memory stays O(VMs + incidents) */
	struct report_run run;
	int code = EXIT_FAILED;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.report.renderer->incidents) {
		fprintf(stderr,
		        "fenceline: incidents has the formats text and json, not '%s'; `fenceline timeline -f %s` has the verdicts, too\n",
		        options.report.renderer->format, options.report.renderer->format);
		return EXIT_USAGE;
	}
	if (options.saved)
		return saved_print(&options.report, options.exit_code);
	if (!report_run_open(&run, &options.report, &keep)) {
		code = report_run_print(&run, options.report.renderer->incidents);
		if (code == EXIT_DONE && options.exit_code && found_any(&run))
			code = EXIT_INCIDENT;
	}
	report_run_close(&run);
	return code;
}
