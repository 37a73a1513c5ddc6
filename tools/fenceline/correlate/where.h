/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WHERE_H
#define FENCELINE_CORRELATE_WHERE_H

#include "correlate/facts.h"

/* On which side the pings were lost; text and osd are words_chain's. */
void where_find(const struct facts *facts, struct incident *incident);

#endif
