/* SPDX-License-Identifier: MIT */
/* Blocklist commands, as traces and audit logs tell them. */
#ifndef FENCELINE_MODEL_BLOCKLIST_H
#define FENCELINE_MODEL_BLOCKLIST_H

#include "model/records.h"

/* What the audit log tells of the command becomes part of what the trace tells of it. */
void blocklist_join(struct model *model, struct blocklist_action *traced, struct blocklist_action *audited);
void blocklist_free(struct blocklist_action *action);

#endif
