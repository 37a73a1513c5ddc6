/* SPDX-License-Identifier: MIT */
/* --keep: which incident folders stay. */
#ifndef FENCELINE_DAEMON_KEEP_H
#define FENCELINE_DAEMON_KEEP_H

#include <stdint.h>

/* Removes the oldest folders in `incidents` until no more than `count` are left (0: no bound) and they take no more than `bytes`
 * (0: no bound), of which a file that several of them have counts once. The newest one stays. */
void keep_newest(const char *incidents, uint32_t count, uint64_t bytes);

#endif
