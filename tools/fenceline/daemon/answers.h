/* SPDX-License-Identifier: MIT */
/*
 * Does the session daemon answer? One that stands still (stopped, starved, caught in a lock) must not hold the record daemon: its
 * calls are bounded, and from the first one that was not answered in time a process of its own waits for the answer. Until that
 * has come, LTTng is asked for nothing. Main thread.
 */
#ifndef FENCELINE_DAEMON_ANSWERS_H
#define FENCELINE_DAEMON_ANSWERS_H

#include <stdbool.h>

/* Asks it, unless it is known to be silent. One that is not there does answer: what is asked fails at once. Up to 3 s. */
bool answers_ask(void);

/* It is known to be silent, and has not answered since. */
bool answers_is_silent(void);

/* Around what is asked of it: false, it does not answer; else answers_end follows. `ms`: for how long, all together. */
bool answers_begin(int ms);
/* False: it has fallen silent meanwhile. */
bool answers_end(void);

#endif
