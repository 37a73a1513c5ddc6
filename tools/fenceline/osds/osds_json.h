/* SPDX-License-Identifier: MIT */
/* OSDs by the round trips of watch pings, for a program: schema fenceline/osds/1. After osds_judge. */
#ifndef FENCELINE_OSDS_OSDS_JSON_H
#define FENCELINE_OSDS_OSDS_JSON_H

#include "osds/osds.h"

#include <stdio.h>

int osds_print_json(const struct osds *osds, FILE *out);

#endif
