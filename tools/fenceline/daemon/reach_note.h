/* SPDX-License-Identifier: MIT */
/* How far the flight recorder reaches back, for `record status`: measured on each snapshot, and on one of its own now and then. */
#ifndef FENCELINE_DAEMON_REACH_NOTE_H
#define FENCELINE_DAEMON_REACH_NOTE_H

#include "daemon/sessions.h"

/* On the snapshot in `folder`, and, where there is one, on that of the window in `folder`-window. Some ms. */
void reach_note(const struct daemon_options *options, const char *folder);

/* Once a second: takes a snapshot a minute after the processes have changed, and every few hours, since each one costs a sub-buffer
 * of RING_SUBBUFFERS. */
void reach_tick(struct sessions *sessions);

#endif
