/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_RULES_H
#define FENCELINE_CORRELATE_RULES_H

#include "correlate/facts.h"

/* Sets cause and confidence; rules.c tells how. */
void rules_apply(const struct facts *facts, struct incident *incident);

#endif
