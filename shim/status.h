/* SPDX-License-Identifier: MIT */
/*
 * The status page of this process (fenceline/status.h). Written by the sampler thread alone; the others only note what happened,
 * in a few instructions, none of them on the way of an I/O.
 */
#ifndef FENCELINE_SHIM_STATUS_H
#define FENCELINE_SHIM_STATUS_H

#include "client.h"

#include <stdbool.h>
#include <stdint.h>

/* Writes the page anew, and makes it if there is none. Never fails the host; a page that cannot be made is tried again a minute
 * later. */
void status_tick(void);

/* The client was told -108. Only the first time counts. NULL: nothing. Any thread. */
void status_client_fenced(struct client *client);

/* A blocklist command leaves, a snapshot call begins. Any thread. */
void status_blocklist_sent(const char *target);
void status_snapshot_begun(void);

/* The OSD at this address has answered a ping. Any thread; takes a lock for a few instructions. rtt_ns 0: not known. */
void status_ping_answered(const char *osd, uint64_t rtt_ns, int32_t result);

/* The child has no page yet. Its parent's descriptor is closed in it, if it is still that. */
void status_after_fork_child(void);

#endif
