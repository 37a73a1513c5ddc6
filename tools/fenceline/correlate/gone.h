/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_GONE_H
#define FENCELINE_CORRELATE_GONE_H

#include "correlate/findings.h"

/* Had it shut down, ended, or been started anew before the fence? STATUS_MISSING: not known. */
enum link_status findings_gone(struct findings *findings);
/* The same VM under another process of another host, not seen to end and heard of within the story's reach, where nothing ties the
 * two clocks: either may be the later. NULL: none. */
const struct client *findings_other_life(const struct findings *findings);

#endif
