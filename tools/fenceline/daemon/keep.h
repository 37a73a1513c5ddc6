/* SPDX-License-Identifier: MIT */
/* --keep: which incident folders stay. */
#ifndef FENCELINE_DAEMON_KEEP_H
#define FENCELINE_DAEMON_KEEP_H

#include <stdint.h>

#define KEEP_LEAST (UINT64_C(1) << 30) /* of a disk that others fill */

/* Removes the oldest folders in `incidents` until no more than `count` are left (0: no bound) and they take no more than `bytes` (0:
 * than keep_room), of which a file that several of them have counts once. The newest one stays. Says which go. */
void keep_newest(const char *incidents, uint32_t count, uint64_t bytes);

/* What folders that take `taken` may take on a disk with so much room left: half of both together, so that a night of fences on a big
 * host does not fill it, but KEEP_LEAST in any case. */
uint64_t keep_room(uint64_t taken, uint64_t available);

#endif
