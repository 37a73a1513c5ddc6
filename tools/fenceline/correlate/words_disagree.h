/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WORDS_DISAGREE_H
#define FENCELINE_CORRELATE_WORDS_DISAGREE_H

#include "correlate/findings.h"

/* A sentence for each contradiction. 0 or -ENOMEM. */
int words_contradictions(const struct findings *findings, struct incident *incident);

#endif
