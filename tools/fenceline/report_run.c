/* SPDX-License-Identifier: MIT */
#include "report_run.h"
#include "render/escape.h"
#include "render/style.h"
#include "render/text.h"
#include "render/view.h"
#include "run/commands.h"
#include "store_input.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_reversed(const struct report *report)
{
	char since[TEXT_BUF], until[TEXT_BUF];

	fprintf(stderr, "fenceline: --since (%s UTC) is later than --until (%s UTC): nothing lies between\n",
	        text_moment(report->since_ns, since), text_moment(report->until_ns, until));
}

static void say_name(const char *name, bool *first)
{
	char *escaped = escape_terminal(name, false);

	fprintf(stderr, "%s%s", *first ? "" : ", ", escaped ? escaped : "");
	*first = false;
	free(escaped);
}

static bool is_known_clock(const struct ingest *ingest, const struct clock_option *option)
{
	const struct source *const *sources;
	size_t count = ingest_sources(ingest, &sources);

	for (size_t i = 0; i < count; i++)
		if (clock_is_of(option, sources[i]))
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void say_clocks(const struct ingest *ingest)
{
	const struct source *const *sources;
	size_t count = ingest_sources(ingest, &sources);
	const char **names = calloc(count + 1, sizeof *names);
	bool first = true;

	for (size_t i = 0; names && i < count; i++)
		names[i] = *sources[i]->host ? sources[i]->host : sources[i]->path;
	if (names)
		qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0; names && i < count; i++)
		if (!i || strcmp(names[i], names[i - 1]))
			say_name(names[i], &first);
	fputs(first ? "none\n" : "\n", stderr);
	free(names);
}

/* An offset for a host that no input is of is most likely a typing error. Said as soon as every trace has named its host. */
static int check_clocks(const struct ingest *ingest, const struct report_options *options, bool all_read)
{
	const struct source *const *sources;
	size_t count = ingest_sources(ingest, &sources);

	for (size_t i = 0; i < count && !all_read; i++)
		if (!*sources[i]->host && strcmp(sources[i]->kind, "ctf") == 0)
			return 0;
	for (size_t i = 0; i < options->clock_count; i++) {
		char *host;
		if (is_known_clock(ingest, &options->clocks[i]))
			continue;
		host = escape_terminal(options->clocks[i].host, false);
		fprintf(stderr, "fenceline: --clock-offset: no input is of a host '%s'; there are: ", host ? host : "");
		free(host);
		say_clocks(ingest);
		return -EINVAL;
	}
	return 0;
}

static int show_window(struct report_run *run, uint32_t number)
{
	struct report *report = &run->report;
	char since[TEXT_BUF], until[TEXT_BUF];
	size_t count = model_window(run->model, number, &report->since_ns, &report->until_ns);
	int64_t begin_ns = 0, end_ns = 0;

	if (number <= count)
		return 0;
	fprintf(stderr, "fenceline: --window=%" PRIu32 ": the inputs hold %s%s\n", number,
	        count ? "only these" : "no snapshot window", count ? ":" : "");
	for (size_t i = 1; i <= count; i++) {
		model_window(run->model, i, &begin_ns, &end_ns);
		fprintf(stderr, "  %zu   %s to %s UTC\n", i, text_moment(begin_ns, since), text_moment(end_ns, until));
	}
	return -EINVAL;
}

/* 0, or -errno, said. */
static int open_inputs(struct report_run *run, struct report_options *options, bool single_io)
{
	const struct ingest_options ingest_options = { .tz = options->tz,
		                                       .since_ns = INT64_MIN,
		                                       .until_ns = INT64_MAX,
		                                       .no_io = !single_io,
		                                       .clocks = options->clocks,
		                                       .clock_count = options->clock_count,
		                                       .uids = options->uids,
		                                       .uid_count = options->uid_count };
	int error;

	run->clocks = options->clocks;
	run->uids = options->uids;
	run->stores = calloc(1, sizeof *run->stores);
	error = run->stores ? store_inputs_open(options, run->stores) : -ENOMEM;
	if (error)
		return error;
	run->ingest = ingest_open(options->inputs, options->input_count, &ingest_options);
	return run->ingest ? check_clocks(run->ingest, options, false) : -EINVAL;
}

/* 0, or -errno, said. */
static int read_inputs(struct report_run *run, const struct report_options *options, const struct model_options *keep)
{
	const struct correlate_options correlate_options = { options->watch_timeout_s };
	int error;

	run->model = model_new(keep);
	error = run->model ? ingest_run(run->ingest, model_add, run->model) : -ENOMEM;
	if (!error && check_clocks(run->ingest, options, true))
		return -EINVAL;
	if (!error) {
		for (size_t i = 0; i < options->clock_count; i++)
			model_clock_given(run->model, options->clocks[i].host, options->clocks[i].offset_ns);
		model_finish(run->model);
		error = correlate(run->model, &correlate_options, &run->verdicts);
	}
	if (error)
		fprintf(stderr, "fenceline: reading the inputs failed: %s\n", strerror(-error));
	return error;
}

int report_run_open(struct report_run *run, struct report_options *options, const struct model_options *keep)
{
	struct report *report = &run->report;
	int error;

	memset(run, 0, sizeof *run);
	error = open_inputs(run, options, keep->keep_io);
	if (!error)
		error = read_inputs(run, options, keep);
	if (error)
		return error;
	*report = (struct report){ .model = run->model, .verdicts = &run->verdicts, .vm = options->vm, .image = options->image };
	report->since_ns = since_resolve(&options->since, run->model->first_ns, run->model->last_ns);
	report->until_ns = until_resolve(&options->until, report->since_ns, run->model->first_ns, run->model->last_ns);
	if (options->window && show_window(run, options->window))
		return -EINVAL;
	if (report->since_ns > report->until_ns) {
		say_reversed(report);
		return -EINVAL;
	}
	report->source_count = ingest_sources(run->ingest, &report->sources);
	return 0;
}

static bool vm_said_before(const struct model *model, const struct process *process)
{
	for (const struct process *each = model->processes; each != process; each = each->next)
		if (each->vm_name && !strcmp(each->vm_name, process->vm_name))
			return true;
	return false;
}

static void say_vms(const struct model *model)
{
	bool first = true;

	for (const struct process *process = model->processes; process; process = process->next)
		if (process->vm_name && !vm_said_before(model, process))
			say_name(process->vm_name, &first);
	fputs(first ? "none\n" : "\n", stderr);
}

static bool image_said_before(const struct model *model, const struct image *image)
{
	for (const struct client *client = model->clients; client; client = client->next)
		for (const struct image *each = client->images; each; each = each->next) {
			if (each == image)
				return false;
			if (image_same(each, image))
				return true;
		}
	return false;
}

static void say_images(const struct model *model)
{
	bool first = true;

	for (const struct client *client = model->clients; client; client = client->next)
		for (const struct image *image = client->images; image; image = image->next)
			if (*image->name && !image_said_before(model, image))
				say_name(image->name, &first);
	fputs(first ? "none\n" : "\n", stderr);
}

/* Nothing to show, and not because all was well. */
static void say_outside(const struct report *report)
{
	const struct model *model = report->model;
	char asked[TEXT_BUF], held[TEXT_BUF];

	if (!model->first_ns)
		return;
	if (report->since_ns > model->last_ns)
		fprintf(stderr, "fenceline: --since (%s UTC) is after the end of the inputs (%s UTC)\n",
		        text_moment(report->since_ns, asked), text_moment(model->last_ns, held));
	else if (report->until_ns < model->first_ns)
		fprintf(stderr, "fenceline: --until (%s UTC) is before the beginning of the inputs (%s UTC)\n",
		        text_moment(report->until_ns, asked), text_moment(model->first_ns, held));
}

/* A filter that nothing fits is most likely a typing error. */
static void say_unknown(const struct report_run *run)
{
	const struct report *report = &run->report;
	bool vm = !report->vm, image = !report->image;

	for (const struct client *client = run->model->clients; client; client = client->next) {
		vm |= process_matches(client->process, report->vm);
		for (const struct image *each = client->images; each && report->image; each = each->next)
			image |= image_matches(each, report->image);
	}
	if (!vm) {
		fprintf(stderr, "fenceline: the inputs know no VM '%s'; they know: ", report->vm);
		say_vms(run->model);
	}
	if (!image) {
		fprintf(stderr, "fenceline: the inputs know no image '%s'; they know: ", report->image);
		say_images(run->model);
	}
}

int report_written(int error)
{
	if (error == -EIO && errno)
		error = -errno;
	if (!error && fflush(stdout))
		error = -errno;
	if (!error || error == -EPIPE)
		return EXIT_DONE;
	fprintf(stderr, "fenceline: writing the report failed: %s\n", strerror(-error));
	return EXIT_FAILED;
}

void report_writing(void)
{
	signal(SIGPIPE, SIG_IGN); /* `| head` ends early, and that is no failure */
	errno = 0;
}

int report_run_print(const struct report_run *run,
                     int (*print)(const struct report *report, const struct render_style *style, FILE *out))
{
	struct render_style style = render_style_of(stdout);

	say_unknown(run);
	say_outside(&run->report);
	report_writing();
	return report_written(print(&run->report, &style, stdout));
}

void report_run_close(struct report_run *run)
{
	verdicts_free(&run->verdicts);
	if (run->model)
		model_free(run->model);
	if (run->ingest)
		ingest_close(run->ingest);
	if (run->stores)
		store_inputs_close(run->stores);
	free(run->stores);
	free(run->clocks);
	free(run->uids);
}
