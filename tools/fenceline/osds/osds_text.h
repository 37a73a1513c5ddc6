/* SPDX-License-Identifier: MIT */
/* OSDs by the round trips of watch pings, for a person. After osds_judge. */
#ifndef FENCELINE_OSDS_OSDS_TEXT_H
#define FENCELINE_OSDS_OSDS_TEXT_H

#include "osds/osds.h"

#include <stdio.h>

/* A table, a small chart in each row (how the round trips are spread), the slow ones first; then what to do. 0 or -errno. */
int osds_print_text(const struct osds *osds, FILE *out);

#endif
