/* SPDX-License-Identifier: MIT */
/* At the end, all that hosts with another clock tell is moved to the monitors' time. */
#ifndef FENCELINE_MODEL_CLOCKS_H
#define FENCELINE_MODEL_CLOCKS_H

#include "model/records.h"

void clocks_finish(struct model *model);
/* May times of the two be compared: of one clock, or of clocks that events seen by both tie, some of them shifted? */
bool model_clocks_tied(const struct model *model, const struct source *a, const struct source *b);
/* --clock-offset: the ingest has added it to that host's times already; this is to be told, and not to be estimated. */
void model_clock_given(struct model *model, const char *host, int64_t offset_ns);

#endif
