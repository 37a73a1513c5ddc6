/* SPDX-License-Identifier: MIT */
/*
 * Every output behind one struct of functions; the commands know no format. Renderers get a finished report and never
 * see where an event came from beyond its source's path. Names in it are hostile: each renderer escapes for its medium.
 */
#ifndef FENCELINE_RENDER_H
#define FENCELINE_RENDER_H

#include "correlate/correlate.h"

#include <stdio.h>

struct report {
	const struct model *model;
	const struct verdicts *verdicts;
	const struct source *const *sources; size_t source_count;
	const char *vm, *image;    /* filters of --vm and --image; NULL: all */
	const char *client;        /* only the incidents of this address, as an incident's address_text has it; NULL: all */
	int64_t since_ns, until_ns;
};

struct render_style {
	bool colour;   /* a terminal, and NO_COLOR is not set */
	bool utf8;     /* box drawing and × allowed */
	int width;     /* columns */
};

struct renderer {
	const char *format; /* as named by --format */
	bool wants_io;      /* shows every single I/O; the others make do with the summaries of a second each */
	int (*timeline)(const struct report *report, const struct render_style *style, FILE *out);  /* 0 or -errno; NULL: not offered */
	int (*incidents)(const struct report *report, const struct render_style *style, FILE *out);
};

#endif
