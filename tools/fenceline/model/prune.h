/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_MODEL_PRUNE_H
#define FENCELINE_MODEL_PRUNE_H

#include "model/records.h"

/* Forgets what can matter to no incident, once the lists have grown long; nothing if entries are kept. */
void model_prune(struct model *model);

#endif
