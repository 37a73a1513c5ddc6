/* SPDX-License-Identifier: MIT */
/* What two inputs tell of one event is counted once. */
#ifndef FENCELINE_MODEL_ONCE_H
#define FENCELINE_MODEL_ONCE_H

#include "model/records.h"

/* Two recordings of one host, overlapping rotated logs and copies tell one thing twice. Did another source tell the same thing
 * (`hash`) within SAME_EVENT_NS? A source that itself repeats it tells of so many. */
bool told_twice(struct model *model, const struct event *event, uint64_t hash);
uint64_t hash_number(uint64_t hash, uint64_t number);
uint64_t hash_text(uint64_t hash, const char *text);

#endif
