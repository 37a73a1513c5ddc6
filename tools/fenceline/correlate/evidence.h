/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_EVIDENCE_H
#define FENCELINE_CORRELATE_EVIDENCE_H

#include "correlate/facts.h"

int evidence_collect(const struct facts *facts, struct incident *incident);

#endif
