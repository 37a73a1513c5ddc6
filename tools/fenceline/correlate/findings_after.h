/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_FINDINGS_AFTER_H
#define FENCELINE_CORRELATE_FINDINGS_AFTER_H

#include "correlate/findings.h"

void findings_after(struct findings *findings);

#endif
