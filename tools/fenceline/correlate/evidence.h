/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_EVIDENCE_H
#define FENCELINE_CORRELATE_EVIDENCE_H

#include "correlate/findings.h"

int evidence_collect(const struct findings *findings, struct incident *incident);

#endif
