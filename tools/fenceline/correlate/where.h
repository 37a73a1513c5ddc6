/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WHERE_H
#define FENCELINE_CORRELATE_WHERE_H

#include "correlate/findings.h"

/* On which side the pings were lost; text and osd are words_chain's. */
void where_find(const struct findings *findings, struct incident *incident);

/* What the OSD that lost the pings (its address or its name; NULL: not known) complained of itself; NULL: of nothing that is
 * about them. */
const struct slow_run *where_complaint(const struct findings *findings, const char *osd);

/* The OSD that answered other hosts while this host's pings to it and to `osd`, or to that one and others, were lost: the host's
 * side lost them. NULL: no input shows that. */
const char *where_answered_others(const struct findings *findings, const char *osd);

#endif
