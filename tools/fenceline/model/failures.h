/* SPDX-License-Identifier: MIT */
/* I/O that failed, as logs tell. */
#ifndef FENCELINE_MODEL_FAILURES_H
#define FENCELINE_MODEL_FAILURES_H

#include "model/records.h"

void failures_finish(struct model *model);
void failure_free(struct failure_run *run);

#endif
