/* SPDX-License-Identifier: MIT */
/* What became of a fenced client since, as far as the inputs tell: nobody is asked to restart what runs, or what has ended. */
#ifndef FENCELINE_CORRELATE_SINCE_H
#define FENCELINE_CORRELATE_SINCE_H

#include "correlate/findings.h"
#include "correlate/incident.h"

/* Of an incident whose cause has been judged. */
struct since since_fence(const struct findings *findings, const struct incident *incident);

#endif
