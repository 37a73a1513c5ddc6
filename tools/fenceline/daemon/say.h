/* SPDX-License-Identifier: MIT */
/* What the daemon says: one line each on stderr, for the journal. */
#ifndef FENCELINE_DAEMON_SAY_H
#define FENCELINE_DAEMON_SAY_H

#include <stddef.h>

/* "fenceline: ..." and a newline. printf-like. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Before all else: where the service manager listens, if one wants to know ($NOTIFY_SOCKET). The variable goes, so that no child speaks
 * for the daemon: the session daemon of LTTng 2.16 does (seen on 2.16.0: its own STOPPING=1).
 */
void say_find_manager(void);

/* To the service manager: "READY=1", "STATUS=...". See sd_notify(3). */
void say_to_manager(const char *state);

#endif
