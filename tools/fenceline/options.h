/* SPDX-License-Identifier: MIT */
/* What `timeline` and `incidents` have in common: their options, and the way from inputs to a report. */
#ifndef FENCELINE_OPTIONS_H
#define FENCELINE_OPTIONS_H

#include "ingest/clocks.h"
#include "ingest/ingest.h"
#include "render/render.h"
#include "when.h"

#include <argp.h>

struct report_options { /* strings borrowed from argv */
	const char *vm, *image, *tz;
	const struct renderer *renderer;
	struct when since, until;
	uint32_t window; /* only the Nth snapshot window, from 1; 0: all */
	uint32_t watch_timeout_s;
	uint32_t *uids;
	size_t uid_count; /* --uid; owned, freed with the clocks */
	struct clock_option *clocks;
	size_t clock_count; /* owned, freed by report_run_close; hosts borrowed */
	char **inputs;
	size_t input_count;
};

/* Options of both commands, as an argp child; its input is a struct report_options. A wrong one ends the process with
 * usage and exit code 2. */
extern const struct argp report_argp;

struct store_inputs;

/* Everything that a report borrows from, to be closed in one go. */
struct report_run {
	struct clock_option *clocks; /* owned */
	uint32_t *uids;              /* owned */
	struct store_inputs *stores; /* owned */
	struct ingest *ingest;
	struct model *model;
	struct verdicts verdicts;
	struct report report;
};
/* Reads the inputs; of a store (store_input.h) the options' inputs and times are fixed first. 0, or -errno after one line on
 * stderr; close in either case. */
int report_run_open(struct report_run *run, struct report_options *options, const struct model_options *keep);
/* Prints with one of the renderer's functions to stdout; an enum exit_code. A closed pipe is no failure. */
int report_run_print(const struct report_run *run,
                     int (*print)(const struct report *report, const struct render_style *style, FILE *out));
void report_run_close(struct report_run *run);

/* For another report on stdout: before it, and after it with its 0 or -errno (-EIO: what errno tells). An enum exit_code, the
 * reason said. A closed pipe is no failure. */
void report_writing(void);
int report_written(int error);

#endif
