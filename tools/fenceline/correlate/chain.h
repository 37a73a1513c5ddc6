/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_CHAIN_H
#define FENCELINE_CORRELATE_CHAIN_H

#include "correlate/facts.h"

/* Was it a call that fences a lock's holder without a look at its watch? */
bool looks_at_no_watch(const struct facts *facts);
/* Did a lock breaker send the command that found the owner without a watch? */
bool is_lock_breaker(const struct facts *facts);
void chain_judge(const struct facts *facts, struct incident *incident);

#endif
