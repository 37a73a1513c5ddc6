/* SPDX-License-Identifier: MIT */
/* What the daemon tells of the host while it runs: a textfile, HTTP, Alertmanager (metrics/). Main thread. */
#ifndef FENCELINE_DAEMON_OUTLETS_H
#define FENCELINE_DAEMON_OUTLETS_H

#include "daemon/daemon_options.h"
#include "metrics/exposition.h"
#include "metrics/host.h"

struct outlets;

/* Opens what was asked for. What cannot be opened is said, and does not keep the daemon from recording. NULL: no memory. */
struct outlets *outlets_new(const struct daemon_options *options, const struct host *host);
void outlets_free(struct outlets *outlets);

/* What only the daemon knows, to be kept up to date. */
struct recorder_state *outlets_recorder(struct outlets *outlets);

/* Once a second, after a look at the pages. */
void outlets_tick(struct outlets *outlets);

/* For the loop's poll: a descriptor to wait for, -1 if there is none, and how long at most (-1: no bound); then serve. */
int outlets_fd(const struct outlets *outlets);
int outlets_timeout_ms(const struct outlets *outlets);
void outlets_serve(struct outlets *outlets);

#endif
