/* SPDX-License-Identifier: MIT */
/* Pings of a watch. */
#ifndef FENCELINE_MODEL_PING_H
#define FENCELINE_MODEL_PING_H

#include "model/records.h"

/* A ping, or its answer, as a log tells of it. */
void ping_logged(struct model *model, struct watch *watch, const struct event *event);

#endif
