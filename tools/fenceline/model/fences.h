/* SPDX-License-Identifier: MIT */
/* Blocklist commands at the end, and whom they reach. */
#ifndef FENCELINE_MODEL_FENCES_H
#define FENCELINE_MODEL_FENCES_H

#include "model/records.h"

void blocklist_finish(struct model *model);
bool blocklist_reaches(const struct blocklist_action *action, const struct client *client);

#endif
