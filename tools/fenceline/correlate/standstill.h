/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_STANDSTILL_H
#define FENCELINE_CORRELATE_STANDSTILL_H

#include "correlate/findings.h"

void findings_standstills(struct findings *findings);
/* How much of [begin, end] the client left no event in, by its holes. */
int64_t findings_unheard(const struct client *client, int64_t begin_ns, int64_t end_ns);
/* May a standstill that the fence ended have hidden the answer of what was sent then? */
bool sent_around_stall(const struct findings *findings, int64_t sent_ns);
/* Would a ping that left in the standstill have been seen? Else it may have been the sampler's thread alone that did not run. */
bool wire_shows(const struct findings *findings);
/* Were the client's stalls inside [begin, end] this long in all? `longest` may be NULL. */
int64_t stalled_between(const struct model *model, const struct client *client, int64_t begin_ns, int64_t end_ns,
                        const struct stall **longest);

#endif
