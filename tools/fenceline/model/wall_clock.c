/* SPDX-License-Identifier: MIT */
#include "model/wall_clock.h"

#include <stdlib.h>

bool wall_clock_was_set(const struct process *process)
{
	return process && process->clock_set.ts_ns;
}

bool wall_clock_compare(struct process *process, const struct event *event, int64_t wall_ns)
{
	int64_t ahead_ns = event->ts_ns - wall_ns;
	bool apart = llabs(ahead_ns) > CLOCKS_APART_NS, clear;

	if (!process || !wall_ns || process->clock_set.ts_ns)
		return false;
	clear = apart && process->clock_set.once;
	process->clock_set.agreed |= !apart;
	process->clock_set.once = apart; /* a thread that is stopped between two looks is so once */
	if (!clear)
		return false;
	process->clock_set.ts_ns = event->ts_ns;
	process->clock_set.ahead_ns = ahead_ns;
	process->clock_set.source = event->source;
	return true;
}

int64_t wall_clock_convert(const struct process *process, const struct watch *watch, int64_t wall_ns, const struct event *event)
{
	if (!wall_clock_was_set(process) || !wall_ns)
		return wall_ns;
	for (size_t i = watch->ping_count; i-- > 0;)
		if (watch->pings[i].wall_ns && llabs(watch->pings[i].wall_ns - wall_ns) <= SAMPLE_NS)
			return watch->pings[i].sent_ns;
	/* It is from before the clock was set, where the two agreed. */
	if (process->clock_set.agreed && wall_ns <= event->ts_ns &&
	    wall_ns + process->clock_set.ahead_ns < process->clock_set.ts_ns - 3 * WATCH_TICK_NS)
		return wall_ns;
	return earlier_ns(wall_ns + process->clock_set.ahead_ns, event->ts_ns);
}
