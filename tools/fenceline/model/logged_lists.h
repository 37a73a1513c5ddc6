/* SPDX-License-Identifier: MIT */
/* What commands list. */
#ifndef FENCELINE_MODEL_LOGGED_LISTS_H
#define FENCELINE_MODEL_LOGGED_LISTS_H

#include "model/records.h"

void logged_free(struct model *model);

#endif
