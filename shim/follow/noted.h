/* SPDX-License-Identifier: MIT */
/*
 * What the status page tells of the process as a whole: noted where it happens, in a few instructions, none of them on the way
 * of an I/O; read by the ticker's thread when it writes the page.
 */
#ifndef FENCELINE_SHIM_NOTED_H
#define FENCELINE_SHIM_NOTED_H

#include "client.h"

#include "fenceline/status.h"

/* The client was told -108. Only the first time counts. NULL: nothing. Any thread. */
void noted_fenced(struct client *client);

/* A blocklist command leaves, a snapshot call begins. Any thread. */
void noted_blocklist(const char *target);
void noted_snapshot(void);

/* The OSD at this address has answered a ping. Any thread; takes a lock for a few instructions. rtt_ns 0: not known. */
void noted_ping_answered(const char *osd, uint64_t rtt_ns, int32_t result);

/* For the page: what its head tells, and each OSD; how many of them found no place is returned. */
void noted_write(struct fl_status *head);
uint32_t noted_osds(void (*visit)(const struct fl_status_osd *osd, void *arg), void *arg);

/* In a forked child: it has done nothing yet. */
void noted_after_fork_child(void);

#endif
