/* SPDX-License-Identifier: MIT */
/* A question's failure, put into words at the place that knows it. */
#ifndef FENCELINE_GUARD_FAULT_H
#define FENCELINE_GUARD_FAULT_H

#include "guard/cluster.h"

/* Fills fault in: the words, and behind them what errno says. Returns status, or -EIO for 0. */
int fault_tell(struct fault *fault, enum fault_kind kind, int status, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The same for an operation on an OSD or a monitor: EPERM and EACCES become FAULT_CAPS with `needs`, what ends by itself
 * FAULT_CLUSTER. */
int fault_of_call(struct fault *fault, int status, const char *user, const char *what, const char *needs);

#endif
