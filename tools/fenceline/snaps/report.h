/* SPDX-License-Identifier: MIT */
/* What `fenceline snaps` prints: the account, what was simulated, and the formats. */
#ifndef FENCELINE_SNAPS_REPORT_H
#define FENCELINE_SNAPS_REPORT_H

#include "render/render.h"
#include "snaps/simulate/cost.h"
#include "snaps/numbers.h"

struct cost_point { /* how the cost grows with the number of intervals */
	uint64_t intervals;
	double us[COST_ALGORITHM_COUNT]; /* per placement group and epoch at which a snapshot was deleted */
};

#define COST_POINTS 7
enum cost_runs { RUN_10, RUN_12_CREATIONS, RUN_12, RUN_14_LUMINOUS, RUN_14, COST_RUNS };

struct pool_cost {
	struct cost_case what;
	struct cost runs[COST_RUNS];
	struct cost_point points[COST_POINTS];
	size_t point_count;
	double gain_creations; /* share of 10.2.7's set work that 12.2.10 saves if snapshots are only made */
	double gain;           /* the same with the case's deletions */
	double gain_start;     /* the same for the whole start, with the case's deletions */
};

/* Runs all algorithms on the pool's set. */
void pool_cost_run(const struct snaps_pool *pool, const struct cost_case *what, struct pool_cost *cost);

struct snaps_report {
	const struct account *account;
	const struct pool_cost *costs; /* one per pool, in their order; NULL: nothing simulated */
};

struct snaps_renderer {
	const char *format;
	int (*print)(const struct snaps_report *report, const struct render_style *style, FILE *out); /* 0 or -errno */
};

const struct snaps_renderer *snaps_renderer_find(const char *format); /* NULL: no such format */

extern const struct snaps_renderer snaps_text, snaps_json, snaps_html;

#endif
