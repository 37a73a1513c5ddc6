/* SPDX-License-Identifier: MIT */
/* Round trips by OSD, out of the status pages of this host's processes, as they are now. */
#ifndef FENCELINE_OSDS_FROM_PAGES_H
#define FENCELINE_OSDS_FROM_PAGES_H

#include "osds/osds.h"
#include "status/find.h"

/* A last answer older than this is no news any more: the process has left the OSD. */
#define OSDS_RECENT_NS INT64_C(15000000000)
/* A ping that waits for its answer counts with its age, from here on. */
#define OSDS_WAITS_NS INT64_C(2000000000)

/* A process's own word for now: its last round trip to that OSD, or the age of a ping that has waited for OSDS_WAITS_NS.
 * -1: neither, in OSDS_RECENT_NS. */
int64_t osds_page_sample(const struct status_page *page, const struct fl_status_osd *osd, int64_t now_ns);

/* For status_finder_look: adds what the page tells; arg is a struct osds_of_pages. Judge afterwards. */
struct osds_of_pages {
	struct osds *osds;
	int64_t now_ns;
	unsigned processes, unreadable;
};
void osds_visit(struct status_process *process, void *arg);

#endif
