/* SPDX-License-Identifier: MIT */
/* What OSDs' logs say of removed snapshots. */
#ifndef FENCELINE_MODEL_SNAPS_H
#define FENCELINE_MODEL_SNAPS_H

#include "model/records.h"

void snaps_finish(struct model *model);
void snaps_change_free(struct snaps_change *change);

#endif
