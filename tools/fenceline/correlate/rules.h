/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_RULES_H
#define FENCELINE_CORRELATE_RULES_H

#include "correlate/findings.h"

/* Sets cause and confidence; rules.c tells how. */
void rules_apply(const struct findings *findings, struct incident *incident);

#endif
