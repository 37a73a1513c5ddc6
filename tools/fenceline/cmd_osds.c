/* SPDX-License-Identifier: MIT */
/* `fenceline osds`: which OSD answers watch pings more slowly than the others? */
#include "osds/osds_json.h"
#include "osds/osds_text.h"
#include "render/style.h"
#include "run/commands.h"
#include "report_run.h"
#include "store_input.h"
#include "osds/from_pages.h"
#include "osds/from_report.h"
#include "osds/from_store.h"
#include "run/now.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <time.h>

static const char doc[] =
        "Which OSD answers watch pings more slowly than the others, by OSD: round trips, lost pings, for how many VMs, and how "
        "they are "
        "spread.\n\n"
        "INPUT is any mix of trace folders and logs, or a store (clickhouse://HOST/DB), which adds up the counts of all hosts. Without one it is this host, now, from the status pages of its processes "
        "under the "
        "shim. Formats: text, json (fenceline/osds/1).\v"
        "Every VM's watch ping is a probe of an OSD every five seconds. A VM finds an OSD slow if the median of its round trips "
        "there "
        "is 50 ms or more and ten times the others' (the median of the other OSDs' medians) or more; a lost ping counts as the "
        "longest. "
        "An OSD stands out if two VMs or more find it slow; one VM alone may have a slow host. A VM that has several OSDs and finds all of them slow does not count. In a store, hosts are compared instead of VMs, each by all pings of its VMs. With --vm, or where hosts ship no status pages, the VMs whose pings were shipped are compared.\n\n"
        "Without INPUT a VM's last round trip counts if it is at most 15 s old; if a ping waits for its answer, that ping's "
        "age counts. p99 and the chart are of all round trips since the VMs began. The chart has a column for each doubling, from below 0.3 ms to 8 s and more; each step down in height is half as many. Pings are seen on the wire, so only while something is recorded and "
        "connections "
        "are not encrypted.\n\n"
        "Examples:\n"
        "  fenceline osds\n"
        "  fenceline osds --since -15m trace/\n"
        "  fenceline osds --since -15m clickhouse://store/fenceline\n"
        "  fenceline osds -f json trace/ | jq -r '.osds[] | select(.slow).osd'\n\n"
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
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* All pings of a fleet are no input for one process: the store adds them up. It is asked alone. */
static const char *store_among(const struct report_options *options)
{
	for (size_t i = 0; i < options->input_count; i++)
		if (store_input_is(options->inputs[i]))
			return options->inputs[i];
	return NULL;
}

static int of_a_store(const char *url, struct report_options *options, struct osds_of_store *of)
{
	struct program_output output;
	int error = store_open_output(url, "fetch-osds", options, &output), code;

	if (error)
		return error;
	error = osds_of_rows(of, output.stream);
	code = program_close(&output);
	if (!code && error)
		warnx("%s: %s", url, error == -EINVAL ? "the store's answer is no row" : strerror(-error));
	return code ? -EIO : error;
}

static int of_inputs(struct report_options *options, struct osds *osds)
{
	struct model_options keep = { .keep_entries = true };
	struct report_run run;
	int error = report_run_open(&run, options, &keep); /* says what is wrong */

	if (!error) {
		error = osds_of_report(&run.report, osds);
		if (error)
			warnx("%s", strerror(-error));
	}
	report_run_close(&run);
	return error;
}

static int of_this_host(struct osds *osds)
{
	struct status_finder *finder = status_finder_new();
	struct osds_of_pages pages = { .osds = osds };
	int live = -ENOMEM;

	pages.now_ns = epoch_ns();
	osds->live = true;
	osds->begin_ns = osds->end_ns = pages.now_ns;
	if (finder)
		live = status_finder_look(finder, osds_visit, &pages);
	status_finder_free(finder);
	if (live < 0)
		warnx("/proc: %s", strerror(-live));
	else if (!pages.processes)
		warnx("no process under the shim on this host; `fenceline doctor` tells what is missing");
	if (pages.unreadable)
		warnx("%u processes are of another version of fenceline and cannot be read", pages.unreadable);
	return live < 0 ? live : 0;
}

int cmd_osds(int argc, char **argv)
{
	struct argp_child children[] = { { &report_argp, 0, NULL, 0 }, { 0 } };
	struct argp argp = { NULL, parse_option, "[INPUT...]", doc, children, NULL, NULL };
	struct report_options options = { .renderer = renderer_find("text") };
	struct osds osds = { 0 };
	struct osds_of_store of = { .osds = &osds };
	const char *store;
	int code = EXIT_FAILED;
	bool json;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	json = !strcmp(options.renderer->format, "json");
	if (!json && strcmp(options.renderer->format, "text")) {
		warnx("OSDs are told in text and json, not in '%s'", options.renderer->format);
		return EXIT_USAGE;
	}
	store = store_among(&options);
	if (store && (options.input_count > 1 || options.image)) {
		warnx("%s: a store is asked alone, by time and VM", store);
		return EXIT_USAGE;
	}
	if (!(store                 ? of_a_store(store, &options, &of)
	      : options.input_count ? of_inputs(&options, &osds)
	                            : of_this_host(&osds))) {
		osds_judge(&osds);
		report_writing();
		code = report_written(json ? osds_print_json(&osds, stdout) : osds_print_text(&osds, stdout));
	}
	osds_free(&osds);
	osds_of_store_free(&of);
	return code;
}
