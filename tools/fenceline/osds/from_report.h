/* SPDX-License-Identifier: MIT */
/* Round trips by OSD, out of what traces and logs have told. */
#ifndef FENCELINE_OSDS_FROM_REPORT_H
#define FENCELINE_OSDS_FROM_REPORT_H

#include "osds/osds.h"
#include "render/render.h"

/* Adds the pings of the report's timeline, whose model has kept its entries; after its filters. 0 or -ENOMEM. Judge afterwards.
 */
int osds_of_report(const struct report *report, struct osds *osds);

#endif
