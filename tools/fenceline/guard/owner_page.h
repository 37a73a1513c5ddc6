/* SPDX-License-Identifier: MIT */
/* The status pages of this host's processes under the shim. */
#ifndef FENCELINE_GUARD_OWNER_PAGE_H
#define FENCELINE_GUARD_OWNER_PAGE_H

#include "guard/owner.h"

/* The page of the process that has this client address, and its watch with that cookie. False if none has: then nothing is said.
 */
bool owner_by_status_page(const char *address, uint64_t cookie, struct owner_process *owner);

/* The processes whose status page names all of their clients, and is being written; the list is the caller's to free. */
struct page_pids {
	pid_t *list;
	size_t count;
};
void owner_whole_pages(struct page_pids *pids);

#endif
