/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_FACTS_LOGS_H
#define FENCELINE_CORRELATE_FACTS_LOGS_H

#include "correlate/facts.h"

void facts_logs(struct facts *facts);

#endif
