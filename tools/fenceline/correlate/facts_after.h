/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_FACTS_AFTER_H
#define FENCELINE_CORRELATE_FACTS_AFTER_H

#include "correlate/facts.h"

void facts_after(struct facts *facts);

#endif
