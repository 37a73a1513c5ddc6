/* SPDX-License-Identifier: MIT */
/*
 * `fenceline-read save --into DIR INPUT...`, for the record daemon alone: reads the inputs once and writes, for each incident in
 * them, DIR/N/incidents.json, timeline.txt and timeline.html (N from 0). With --also-watch-error the same for each near miss of
 * a watch that failed. Prints how many folders it made.
 */
#include "render/style.h"
#include "run/commands.h"
#include "report_run.h"

#include "render/view.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_INTO = 0x200, KEY_WATCH_ERROR };

static const struct argp_option argp_options[] = {
	{ "into", KEY_INTO, "DIR", 0, "an existing folder", 0 },
	{ "also-watch-error", KEY_WATCH_ERROR, NULL, 0, "near misses of a watch that failed, too", 0 },
	{ 0 },
};

struct save_options {
	struct report_options report;
	const char *into;
	bool watch_errors;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct save_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->report;
		return 0;
	case KEY_INTO:
		options->into = arg;
		return 0;
	case KEY_WATCH_ERROR:
		options->watch_errors = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->report.inputs = state->argv + state->next;
		options->report.input_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (!options->into || !options->report.input_count)
			argp_error(state, "needs --into DIR and inputs");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int write_file(const char *folder, const char *name, const struct report *report,
                      int (*print)(const struct report *report, const struct render_style *style, FILE *out))
{
	const struct render_style plain = { .colour = false, .utf8 = true, .width = 132 };
	char path[PATH_MAX];
	FILE *file;
	int error;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	error = print(report, &plain, file);
	if (fclose(file) && !error)
		error = -errno;
	if (error)
		fprintf(stderr, "fenceline: cannot write %s: %s\n", path, strerror(-error));
	return error;
}

static int write_folder(const struct save_options *options, int number, const struct report *report)
{
	char folder[PATH_MAX - 32];
	int error;

	snprintf(folder, sizeof folder, "%s/%d", options->into, number);
	if (mkdir(folder, 0750))
		return -errno;
	error = write_file(folder, "incidents.json", report, renderer_find("json")->incidents);
	if (!error)
		error = write_file(folder, "timeline.txt", report, renderer_find("text")->timeline);
	if (!error)
		error = write_file(folder, "timeline.html", report, renderer_find("html")->timeline);
	return error;
}

/* A name or UUID that leads back to the process; NULL: it has none. */
static const char *name_of(const struct process *process)
{
	if (!process)
		return NULL;
	return process->vm_uuid && *process->vm_uuid ? process->vm_uuid : process->vm_name;
}

static int save_incidents(const struct save_options *options, struct report *report, int *count)
{
	struct view view;
	int error = view_open_verdicts(report, &view);

	for (size_t i = 0; !error && i < view.incident_count; i++) {
		const struct incident *incident = view.incidents[i];
		report->client = incident->address_text;
		report->vm = name_of(incident_process(incident));
		report->image = !report->vm && incident->image && *incident->image->id ? incident->image->id : NULL;
		error = write_folder(options, (*count)++, report);
	}
	report->image = NULL;
	for (size_t i = 0; !error && options->watch_errors && i < view.near_miss_count; i++) {
		const struct near_miss *near = view.near_misses[i];
		if (near->kind != NEAR_WATCH_ERROR)
			continue;
		report->client = "";
		report->vm = name_of(near->image->client->process);
		error = write_folder(options, (*count)++, report);
	}
	view_close(&view);
	return error;
}

int cmd_save(int argc, char **argv)
{
	struct argp_child children[] = { { &report_argp, 0, NULL, 0 }, { 0 } };
	struct argp argp = { argp_options, parse_option, "INPUT...", NULL, children, NULL, NULL };
	struct save_options options = { .report.renderer = renderer_find("json") };
	struct model_options keep = { .keep_entries = true, .keep_io = true }; /* the page shows each I/O */
	struct report_run run;
	int code = EXIT_FAILED, count = 0;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!report_run_open(&run, &options.report, &keep) && !save_incidents(&options, &run.report, &count))
		code = EXIT_DONE;
	report_run_close(&run);
	printf("%d\n", count);
	return code;
}
