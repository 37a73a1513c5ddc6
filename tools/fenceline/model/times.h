/* SPDX-License-Identifier: MIT */
/*
 * Times of the watch protocol and of the fence, each with its source, and how far apart in time two facts of one thing may lie.
 * All of model/ and correlate/ take them from here. Nanoseconds unless the name ends in _S.
 */
#ifndef FENCELINE_MODEL_TIMES_H
#define FENCELINE_MODEL_TIMES_H

#include "ingest/event.h"

/* ---- Ceph 14 to 20: src/common/options (objecter_tick_interval, osd_client_watch_timeout, mon_osd_blocklist_default_expire) ---- */

/* A client pings each watch once a tick; answers come within milliseconds, so healthy ages peak just above one tick. */
#define WATCH_TICK_S  5
#define WATCH_TICK_NS (WATCH_TICK_S * NS_PER_S)
/* Past this age of the last acknowledged ping one is late or lost: the tick, and what a loaded host may add to it. */
#define WATCH_SLACK_NS   (2 * NS_PER_S)
#define WATCH_OVERDUE_NS (WATCH_TICK_NS + WATCH_SLACK_NS)
/* The OSD drops a watch so long after the last ping that it processed. */
#define WATCH_TIMEOUT_DEFAULT_S 30
/* A blocklist command that names no expiry lasts so long. */
#define BLOCKLIST_EXPIRE_DEFAULT_S 3600
/* Operators give a day, and the monitors fence a manager that is replaced for so long. */
#define DAY_NS (86400 * NS_PER_S)
/* `finished` trails `dispatch` by 0.1 to 0.8 s; a map reaches every OSD within seconds. An answer with 0 so long after the end of
 * the command is no straggler any more. */
#define FENCE_REACHES_ALL_NS (30 * NS_PER_S)
/* Ceph stamps its logs with a coarse clock, up to 10 ms early: less than this backwards is no contradiction. */
#define COARSE_CLOCK_NS (20 * NS_PER_MS)

/* ---- the shim: shim/follow/sampler.c, shim/follow/state.h ---- */

/* The sampler looks once a second: two of its times that differ by no more are of one ping. */
#define SAMPLE_NS (1 * NS_PER_S)
/* A recorded process with an open image says something every three seconds, its state if nothing else: when it said nothing for so
 * long, it stood still, had died, or was not recorded. */
#define UNHEARD_NS WATCH_OVERDUE_NS

/* ---- what belongs together ---- */

/* Two hosts' clocks that are kept by NTP, and two logs' lines about one thing, may disagree by this much. */
#define CLOCK_SLACK_NS (1 * NS_PER_S)
/* Facts of one blocklist command lie no further apart. */
#define SAME_COMMAND_NS (5 * NS_PER_S)
/* A command is committed within so long, even by monitors that are slow. */
#define COMMIT_WITHIN_NS (60 * NS_PER_S)
/* How long before its blocklist command a lock breaker may have looked at the lock and its watchers. */
#define BREAKER_LOOKBACK_NS (60 * NS_PER_S)
/* Snapshot calls of one client on one image no further apart belong to one rotation. */
#define ROTATION_GAP_NS (60 * NS_PER_S)
/* What happened so long before or after a blocklist command can be part of its story. */
#define STORY_NS (600 * NS_PER_S)
/* Two recordings of one event differ by microseconds. */
#define SAME_EVENT_NS (1 * NS_PER_MS)
/* I/O of a fenced client that waits so long will wait for ever. */
#define WAITING_NS (10 * NS_PER_S)

static inline int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
