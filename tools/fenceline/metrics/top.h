/* SPDX-License-Identifier: MIT */
/* One look at a host, for a person and for a program (schema fenceline/top/1). */
#ifndef FENCELINE_METRICS_TOP_H
#define FENCELINE_METRICS_TOP_H

#include "metrics/host.h"

#include <stdio.h>

/* A table, the watches that are worst off first. Colour on a terminal only, and not if NO_COLOR is set. */
void top_text(const struct host *host, FILE *out);
void top_json(const struct host *host, FILE *out);

#endif
