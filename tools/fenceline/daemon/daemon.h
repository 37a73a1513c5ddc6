/* SPDX-License-Identifier: MIT */
/* The record daemon: its one entry. */
#ifndef FENCELINE_DAEMON_H
#define FENCELINE_DAEMON_H

#include "daemon/daemon_options.h"

/*
 * Runs until SIGTERM or SIGINT. `reread` is called at SIGHUP to fill in the options anew; what cannot change under way (output,
 * ring, buffers) stays as it is. Returns an exit code. Main thread; owns this process's signals and children.
 */
int daemon_run(struct daemon_options *options, int (*reread)(struct daemon_options *options));

#endif
