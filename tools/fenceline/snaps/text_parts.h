/* SPDX-License-Identifier: MIT */
/* Sections of the text output. */
#ifndef FENCELINE_SNAPS_TEXT_PARTS_H
#define FENCELINE_SNAPS_TEXT_PARTS_H

#include "render/escape.h"
#include "render/text.h"
#include "snaps/report.h"

#define LABEL 16 /* columns of the labels on the left */

/* Begins a line with its label on the left. */
void snaps_label(const struct text *text, const char *label);
/* The same, and then words, as printf has them, wrapped to the right of the labels. */
#define snaps_tell(text, label, colour, ...) (snaps_label(text, label), text_wrapf(text, LABEL, colour, __VA_ARGS__))
/* Intervals, or snapshots in the removal queue, over the history, one line. */
void snaps_sparkline(const struct text *text, const struct snaps_pool *pool, bool queue);
/* What was simulated: a table, the gain, and how the cost grows. */
void snaps_cost(const struct text *text, const struct pool_cost *cost);
/* What made it so and what helps. */
void snaps_advice(const struct text *text, const struct account *account, const struct snaps_pool *pool, const struct numbers *n);

#endif
