/* SPDX-License-Identifier: MIT */
/*
 * The status page of this process (fenceline/status.h). Written by the ticker's thread alone; what others note for it is in
 * noted.h.
 */
#ifndef FENCELINE_SHIM_STATUS_H
#define FENCELINE_SHIM_STATUS_H

/* Writes the page anew, and makes it if there is none. Never fails the host; a page that cannot be made is tried again a minute
 * later. */
void status_tick(void);

/* The child has no page yet. Its parent's descriptor is closed in it, if it is still that. */
void status_after_fork_child(void);

#endif
