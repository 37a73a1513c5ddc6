/* SPDX-License-Identifier: MIT */
/* Slow requests. */
#ifndef FENCELINE_MODEL_SLOW_H
#define FENCELINE_MODEL_SLOW_H

#include "model/records.h"

void slow_finish(struct model *model);
void slow_free(struct slow_run *run);

#endif
