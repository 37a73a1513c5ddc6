/* SPDX-License-Identifier: MIT */
/*
 * The folders of rings, or of traces, below one: those with a file `metadata` in them, such as BEGUN/ust/pid/PROCESS. A second folder
 * is gone through beside it, which has, or will have, the same below it.
 */
#ifndef FENCELINE_DAEMON_RING_WALK_H
#define FENCELINE_DAEMON_RING_WALK_H

#include <stdbool.h>

bool ring_walk_is_one(const char *folder);

/* `depth`: how many folders down. Calls visit for each, in the order of the directory. */
void ring_walk(const char *folder, const char *beside, int depth, void (*visit)(const char *folder, const char *beside, void *data),
               void *data);

#endif
