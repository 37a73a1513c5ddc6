/* SPDX-License-Identifier: MIT */
/*
 * What fenceline's own programs put into the trace, as the shim does in other processes: snapshot windows, and time that nobody
 * recorded. Main thread. Without LTTng, or with nobody who records, nothing happens.
 */
#ifndef FENCELINE_RECORD_TELL_H
#define FENCELINE_RECORD_TELL_H

#include <stdbool.h>
#include <stdint.h>

/* Opens the trace provider; makes this process one that can be recorded, for good. Waits up to 1 s for a session daemon that does
 * not answer. Returns 0 or -errno. */
int tell_open(void);

/* Does a session record these events now? After a session daemon has come anew it takes some ms until it does. */
bool tell_is_recorded(void);

/* `full`: every I/O is recorded from here on. Returns the window's number within this process. */
uint64_t tell_window_opened(bool full, const char *why);
void tell_window_closed(uint64_t window, bool full, int64_t opened_ns);

/* Nothing of this host was recorded from begin_ns (CLOCK_REALTIME) until now. */
void tell_gap(int64_t begin_ns, const char *why);

#endif
