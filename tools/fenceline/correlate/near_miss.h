/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_NEAR_MISS_H
#define FENCELINE_CORRELATE_NEAR_MISS_H

#include "correlate/findings.h"

int near_misses_find(const struct model *model, const struct episodes *episodes, const struct correlate_options *options,
                     struct verdicts *verdicts);

#endif
