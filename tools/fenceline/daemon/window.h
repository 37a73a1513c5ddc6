/* SPDX-License-Identifier: MIT */
/*
 * Snapshot windows: while one is open the profile is full, in a session of its own. It opens by itself when a peer asks a VM for
 * its lock or a snapshot, or when a process of this host begins a snapshot. `record window` opens one by a locked file in
 * WINDOW_REQUESTS.
 */
#ifndef FENCELINE_DAEMON_WINDOW_H
#define FENCELINE_DAEMON_WINDOW_H

#include "daemon/sessions.h"

#define WINDOW_REQUESTS "/run/fenceline-windows"
#define WINDOW_AFTER_S  60   /* how long a window that opened by itself stays open after the last sign */
#define WINDOW_MOST_S   3600 /* and no longer than this at a stretch */

struct window;

/* NULL: no memory. */
struct window *window_new(struct sessions *sessions, const struct daemon_options *options);
void window_free(struct window *window);

/* Once a second. signs_ns: when the last sign was seen, since the epoch; 0: never; why: which one that was. */
void window_tick(struct window *window, int64_t signs_ns, const char *why, bool recording);

/* It is over, if one is open: the daemon ends. */
void window_end(struct window *window);

#endif
