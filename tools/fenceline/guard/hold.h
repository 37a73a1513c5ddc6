/* SPDX-License-Identifier: MIT */
/* Stops (SIGSTOP) everything that descends from this process, and lets it go on: a command that stands still fences nobody. */
#ifndef FENCELINE_GUARD_HOLD_H
#define FENCELINE_GUARD_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From now on, processes that our children leave behind become our own children, so that they can be found. */
void hold_prepare(void);
/* Stops all descendants but `spared` (0: none), and returns how many stand still. To be repeated, since a process that is
 * forked just then is missed. */
size_t hold_all(pid_t spared);
/* Buries what has ended of it, but not `spared`: somebody else waits for that one. */
void hold_bury(pid_t spared);
void hold_release_all(void);
void hold_kill_all(void);
/* Has somebody sent this stopped process a signal that asks it to end? */
bool hold_is_asked_to_end(pid_t pid);

#endif
