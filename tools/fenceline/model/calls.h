/* SPDX-License-Identifier: MIT */
/* Snapshots and lock breaks. */
#ifndef FENCELINE_MODEL_CALLS_H
#define FENCELINE_MODEL_CALLS_H

#include "model/records.h"

void calls_finish(struct model *model);

#endif
