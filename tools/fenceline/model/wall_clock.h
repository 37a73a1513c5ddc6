/* SPDX-License-Identifier: MIT */
/*
 * LTTng dates events by a clock that nobody sets: the monotonic one, moved by what the wall clock was ahead of it when the session
 * began (lttng-regenerate(1)). The shim dates pings by the wall clock. Where that is set while a recording runs, or was wrong when
 * it began, the two differ from then on, and what the shim tells of the past is converted. Internal to model/.
 */
#ifndef FENCELINE_MODEL_WALL_CLOCK_H
#define FENCELINE_MODEL_WALL_CLOCK_H

#include "model/private.h"

/* Is it clear by now that the process's wall clock and its trace's differ? NULL: no. */
bool wall_clock_was_set(const struct process *process);
/* The event's own moment by the process's wall clock. True: by this event it is clear that the clocks differ. */
bool wall_clock_compare(struct process *process, const struct event *event, int64_t wall_ns);
/* A time of the past, by the wall clock of that moment, as the trace dates it: that of a ping which is known, else by what the clocks
 * differ now. */
int64_t wall_clock_convert(const struct process *process, const struct watch *watch, int64_t wall_ns, const struct event *event);

#endif
