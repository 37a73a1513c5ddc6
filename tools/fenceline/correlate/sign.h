/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_SIGN_H
#define FENCELINE_CORRELATE_SIGN_H

#include "correlate/findings.h"

void findings_sign(struct findings *findings);
/* Is the time inside the episode? A clock may be off, so what comes before the fence counts as well, if it can be of no other. */
bool findings_inside(const struct findings *findings, int64_t ts_ns);
/* The first -108 that the client got after its last sign of life and before anything that is of this fence: an earlier one had cut
 * it off. 0: none. */
int64_t cut_off_before(const struct findings *findings);
/* The fence's first sign in the log of an OSD: it refuses the client, or drops its watches. 0: none. */
int64_t sign_in_osd_log(const struct findings *findings, const struct source *log);

#endif
