/* SPDX-License-Identifier: MIT */
/* The options that `timeline`, `incidents` and `osds` have in common. */
#ifndef FENCELINE_OPTIONS_H
#define FENCELINE_OPTIONS_H

#include "ingest/clocks.h"
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

/* As an argp child; its input is a struct report_options. A wrong one ends the process with
 * usage and exit code 2. */
extern const struct argp report_argp;

#endif
