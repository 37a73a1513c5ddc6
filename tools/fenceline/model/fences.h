/* SPDX-License-Identifier: MIT */
/* Blocklist commands at the end, and whom they reach. */
#ifndef FENCELINE_MODEL_FENCES_H
#define FENCELINE_MODEL_FENCES_H

#include "model/records.h"

void blocklist_finish(struct model *model);
/* Does this answer to a blocklist command say that it was not carried out? -110 does not: the sender waited no longer
 * (rados_mon_op_timeout), and the monitors may commit it all the same. */
bool blocklist_is_refusal(int32_t result);
bool blocklist_reaches(const struct blocklist_action *action, const struct client *client);
/* Does the lock breaker's own log tell of this command, and of no other sender's? */
bool blocklist_is_of_breaker(const struct model *model, const struct breaker_logged *breaker,
                             const struct blocklist_action *action);
/* While events come: has there been a command after `after` (NULL: any) that may have reached the client? */
bool blocklist_since(const struct model *model, const struct blocklist_action *after, const struct client *client);

#endif
