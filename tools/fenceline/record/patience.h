/* SPDX-License-Identifier: MIT */
/*
 * A bound for liblttng-ctl, which waits without end for the answer of a session daemon that stands still: from its side the
 * connection is then shut, and the call fails. Main thread; SIGALRM and the interval timer are taken meanwhile.
 */
#ifndef FENCELINE_RECORD_PATIENCE_H
#define FENCELINE_RECORD_PATIENCE_H

#include <stdbool.h>

/* For a look at what it has. It may wait 30 s for a process that stands still (sessiond.c). */
#define PATIENCE_LOOK_MS 35000

/* From here on calls of liblttng-ctl take `ms` at most, all together. */
void patience_begin(int ms);

/* False: it was over, and what was called meanwhile has failed, or may have. The session daemon still does what it had read. */
bool patience_end(void);

#endif
