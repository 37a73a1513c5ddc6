/* SPDX-License-Identifier: MIT */
/*
 * --ship URL: one `fenceline-fleet ship --follow` beside the daemon, which reads what the daemon leaves on disk (incident folders, the
 * fencers' trace, the logs of --with) and the status pages. Nothing of the store is in the daemon, whatever it does.
 */
#ifndef FENCELINE_DAEMON_SHIPPING_H
#define FENCELINE_DAEMON_SHIPPING_H

#include "daemon/daemon_options.h"

struct shipping;

/* NULL: nothing is to be shipped, or no memory. */
struct shipping *shipping_new(const struct daemon_options *options);
/* Once a second: starts it, and anew when it has ended, ever more seldom. */
void shipping_tick(struct shipping *shipping);
/* Tells it to end and waits, for a few seconds at most. */
void shipping_free(struct shipping *shipping);

#endif
