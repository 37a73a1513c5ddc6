/* SPDX-License-Identifier: MIT */
/*
 * What this host's status pages say, every few seconds: a `state` row for each watched image, whoever else records or does not, and the sums
 * of answered and lost watch pings by OSD since the last time (table `osd_sums`).
 */
#ifndef FENCELINE_FLEET_PAGES_H
#define FENCELINE_FLEET_PAGES_H

#include "fleet/shipper.h"

struct fleet_pages;

/* NULL: no memory. */
struct fleet_pages *fleet_pages_new(void);
void fleet_pages_free(struct fleet_pages *pages);
/* When it is time: looks, and hands the shipper what there is. 0 or -ENOMEM. */
int fleet_pages_tick(struct fleet_pages *pages, struct shipper *shipper);

#endif
