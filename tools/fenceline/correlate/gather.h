/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_GATHER_H
#define FENCELINE_CORRELATE_GATHER_H

#include "correlate/findings.h"

int findings_gather(struct findings *findings, const struct model *model, const struct episodes *episodes, const struct episode *episode,
                 const struct correlate_options *options); /* 0 or -ENOMEM */
void findings_release(struct findings *findings);

#endif
