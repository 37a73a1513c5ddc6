/* SPDX-License-Identifier: MIT */
/*
 * What to do next: first what brings the VM back, then what keeps it from happening again, the safe things first. Names
 * only commands that this build has.
 */
#ifndef FENCELINE_RENDER_REMEDIES_H
#define FENCELINE_RENDER_REMEDIES_H

#include "render/text.h"

void text_remedies(const struct text *text, const struct report *report, const struct incident *incident);

#endif
