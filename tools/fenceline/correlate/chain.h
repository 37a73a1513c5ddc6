/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_CHAIN_H
#define FENCELINE_CORRELATE_CHAIN_H

#include "correlate/findings.h"

/* Was it a call that fences a lock's holder without a look at its watch? */
bool looks_at_no_watch(const struct findings *findings);
/* Did a lock breaker send the command that found the owner without a watch? */
bool is_lock_breaker(const struct findings *findings);
void chain_judge(const struct findings *findings, struct incident *incident);

#endif
