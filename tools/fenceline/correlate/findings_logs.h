/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_FINDINGS_LOGS_H
#define FENCELINE_CORRELATE_FINDINGS_LOGS_H

#include "correlate/findings.h"

void findings_logs(struct findings *findings);

#endif
