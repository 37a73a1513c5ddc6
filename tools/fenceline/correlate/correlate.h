/* SPDX-License-Identifier: MIT */
/*
 * The verdicts: which client was fenced, by whom, why, and how sure that is. Reads a finished model, never a source's
 * kind. Rules are in rules.c, one function each, each naming its evidence.
 */
#ifndef FENCELINE_CORRELATE_H
#define FENCELINE_CORRELATE_H

#include "correlate/incident.h"

int correlate(const struct model *model, const struct correlate_options *options, struct verdicts *verdicts); /* 0, -ENOMEM */
void verdicts_free(struct verdicts *verdicts);

#endif
