/* SPDX-License-Identifier: MIT */
/* What the daemon says: one line each on stderr, for the journal. */
#ifndef FENCELINE_DAEMON_SAY_H
#define FENCELINE_DAEMON_SAY_H

#include <stddef.h>

/* "fenceline: ..." and a newline. printf-like. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* To the service manager, if one wants to know ($NOTIFY_SOCKET): "READY=1", "STATUS=...". See sd_notify(3). */
void say_to_manager(const char *state);

#endif
