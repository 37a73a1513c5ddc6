/* SPDX-License-Identifier: MIT */
/*
 * Whose process writes to a ring, where each has one of its own. What it registered with at LTTng is its own word: name, pid and
 * uid. But it writes through a mapping of the ring's files, and /proc/PID/maps is the kernel's word, across pid namespaces, too:
 * the user is that of the process that has the ring mapped. Another one's claim to a VM's pid leads nowhere.
 *
 * A note (fenceline/user_note.h) is left beside the ring's second name, and from there beside each trace that is made of the
 * ring.
 */
#ifndef FENCELINE_DAEMON_RING_USERS_H
#define FENCELINE_DAEMON_RING_USERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Leaves notes in `kept` for rings in `live` that have none. LTTng's consumer, which maps them all, is left out. A ring that
 * processes of two users have mapped, as after a fork, gets none; nor does one whose process is not found within a minute after
 * its beginning, unless `old`: these are looked for, too. Walks through /proc if there is something to look for.
 */
void ring_users_look(const char *live, const char *kept, pid_t consumer, bool old);

/* What is noted of the rings in `kept` comes beside their traces in `folder`: BEGUN/ust/pid/PROCESS there, .../ust/pid/PROCESS
 * here. */
void ring_users_hand_on(const char *kept, const char *folder);

/* The same for one ring and the one trace of it. */
void ring_users_hand_on_one(const char *ring, const char *trace);

/* What is noted of this ring goes. */
void ring_users_forget(const char *ring);

#endif
