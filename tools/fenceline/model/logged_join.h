/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_MODEL_LOGGED_JOIN_H
#define FENCELINE_MODEL_LOGGED_JOIN_H

#include "model/records.h"

/* At the end: records of one client become one. */
void logged_join(struct model *model);

#endif
