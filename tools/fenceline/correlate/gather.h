/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_GATHER_H
#define FENCELINE_CORRELATE_GATHER_H

#include "correlate/facts.h"

int facts_gather(struct facts *facts, const struct model *model, const struct episodes *episodes, const struct episode *episode,
                 const struct correlate_options *options); /* 0 or -ENOMEM */
void facts_release(struct facts *facts);

#endif
