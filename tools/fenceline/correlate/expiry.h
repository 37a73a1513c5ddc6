/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_EXPIRY_H
#define FENCELINE_CORRELATE_EXPIRY_H

#include "correlate/findings.h"

void findings_listing(struct findings *findings);
void findings_expiry(struct findings *findings);
/* The whole of the fencer's list is there, and the owner is not in it. */
bool list_lacks_owner(const struct findings *findings);
/* The last list of watchers that the blocklister read before it sent the command; of this header if oid is given. */
const struct watchers_listing *breakers_listing(const struct findings *findings, const char *oid);
/* The watch timeout that held for an object until that time, and where it was found; for near misses, too. */
uint32_t watch_timeout(const struct model *model, const struct watch *watch, const char *oid, int64_t until_ns,
                       const struct correlate_options *options, const char **from, bool *differ);
/* Is the watch known to have been gone when the fencer looked, or likely so (an assumed timeout)? */
bool watch_was_gone(const struct findings *findings);

#endif
