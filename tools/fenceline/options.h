/* SPDX-License-Identifier: MIT */
/* What `timeline` and `incidents` have in common: their options, and the way from inputs to a report. */
#ifndef FENCELINE_OPTIONS_H
#define FENCELINE_OPTIONS_H

#include "ingest/clocks.h"
#include "ingest/ingest.h"
#include "render/render.h"

#include <argp.h>

struct when { /* --since, --until */
	enum {
		WHEN_UNBOUNDED,
		WHEN_ABSOLUTE,    /* ns since the epoch */
		WHEN_BEFORE_END,  /* ns before the end of the inputs */
		WHEN_AFTER_BEGIN, /* ns after --since; of --since itself: after the beginning of the inputs */
		WHEN_CLOCK,       /* a time of day, as written in `clock` */
	} kind;
	int64_t ns;
	const char *clock, *tz; /* borrowed from argv */
};

struct report_options { /* strings borrowed from argv */
	const char *vm, *image, *tz;
	const struct renderer *renderer;
	struct when since, until;
	uint32_t window;           /* only the Nth snapshot window, from 1; 0: all */
	uint32_t watch_timeout_s;
	uint32_t *uids; size_t uid_count; /* --uid; owned, freed with the clocks */
	struct clock_option *clocks; size_t clock_count; /* owned, freed by report_run_close; hosts borrowed */
	char **inputs;
	size_t input_count;
};

/* Options of both commands, as an argp child; its input is a struct report_options. A wrong one ends the process with
 * usage and exit code 2. */
extern const struct argp report_argp;

/* "2026-11-22T21:41:07.5Z", "2026-11-22 21:41", "1700000000.5", "-10m" (before the end of the inputs), "-90" (seconds), "+5m",
 * "21:41" (a time of day). Without a zone the time is in tz (NULL: UTC). False if it is none of these. */
bool when_parse(const char *text, const char *tz, struct when *when);
/* The moment that is meant in inputs from begin_ns to end_ns; INT64_MIN and INT64_MAX if none. A time of day is the last such moment before
 * the end of the inputs; of an --until (since_ns: what --since came to, INT64_MIN if not given) the first one after --since. */
int64_t since_resolve(const struct when *when, int64_t begin_ns, int64_t end_ns);
int64_t until_resolve(const struct when *when, int64_t since_ns, int64_t begin_ns, int64_t end_ns);

struct store_inputs;

/* Everything that a report borrows from, to be closed in one go. */
struct report_run {
	struct clock_option *clocks; /* owned */
	uint32_t *uids; /* owned */
	struct store_inputs *stores; /* owned */
	struct ingest *ingest;
	struct model *model;
	struct verdicts verdicts;
	struct report report;
};
/* Reads the inputs; of a store (store_input.h) the options' inputs and times are fixed first. 0, or -errno after one line on stderr; close
 * in either case. */
int report_run_open(struct report_run *run, struct report_options *options, const struct model_options *keep);
/* Prints with one of the renderer's functions to stdout; an enum exit_code. A closed pipe is no failure. */
int report_run_print(const struct report_run *run, int (*print)(const struct report *report, const struct render_style *style, FILE *out));
void report_run_close(struct report_run *run);

/* For another report on stdout: before it, and after it with its 0 or -errno (-EIO: what errno tells). An enum exit_code, the reason said. A
 * closed pipe is no failure. */
void report_writing(void);
int report_written(int error);

#endif
