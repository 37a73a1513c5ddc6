/* SPDX-License-Identifier: MIT */
/* Stops (SIGSTOP) everything that descends from this process, and lets it go on: a command that stands still fences nobody. */
#ifndef FENCELINE_GUARD_HOLD_H
#define FENCELINE_GUARD_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From now on, processes that our children leave behind become our own children, so that they can be found. */
void hold_prepare(void);
/* Would this command run with rights that keep our signals out: a set-uid program of another user, as sudo is? */
bool hold_is_outranked_by(const char *command);
/* Stops all descendants but `spared` (0: none), and returns how many stand still. To be repeated, since a process that is
 * forked just then is missed. *refused becomes one that we may not signal, 0 if there is none. */
size_t hold_all(pid_t spared, pid_t *refused);
/* Buries what has ended of it, but not `spared`: somebody else waits for that one. */
void hold_bury(pid_t spared);
void hold_release_all(void);
/* *refused as hold_all has it: it lives on. */
void hold_kill_all(pid_t *refused);
/* Has somebody sent this stopped process a signal that asks it to end? */
bool hold_is_asked_to_end(pid_t pid);

#endif
