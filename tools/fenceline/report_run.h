/* SPDX-License-Identifier: MIT */
/* The way from the inputs that the options name to a report that is printed. */
#ifndef FENCELINE_REPORT_RUN_H
#define FENCELINE_REPORT_RUN_H

#include "ingest/ingest.h"
#include "options.h"
#include "render/render.h"

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
