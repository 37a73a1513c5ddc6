/* SPDX-License-Identifier: MIT */
/*
 * Times of the watch protocol and of the fence, and how far apart in time two facts of one thing may lie: all of model/,
 * correlate/, render/ and fleet/ take them from here. Each says where it is from: an option of Ceph's (src/common/options.cc until 16,
 * src/common/options/NAME.yaml.in since), a file of this project, a release on which it was seen, or "chosen" and why.
 * Nanoseconds unless the name ends in _S.
 */
#ifndef FENCELINE_MODEL_TIMES_H
#define FENCELINE_MODEL_TIMES_H

#include "ingest/event.h"

/* ---- a watch and its pings ---- */

/* A client pings each watch once a tick; answers come within milliseconds, so healthy ages peak just above one tick.
 * objecter_tick_interval, 14 to 20. */
#define WATCH_TICK_S  5
#define WATCH_TICK_NS (WATCH_TICK_S * NS_PER_S)
/* Past this age of the last acknowledged ping one is late or lost: the tick, and what a loaded host may add to it (chosen). */
#define WATCH_SLACK_NS   (2 * NS_PER_S)
#define WATCH_OVERDUE_NS (WATCH_TICK_NS + WATCH_SLACK_NS)
/* The OSD drops a watch so long after the last ping that it processed. osd_client_watch_timeout, 14 to 20. */
#define WATCH_TIMEOUT_DEFAULT_S 30
/* The sampler looks once a second (shim/follow/sampler.c): two of its times that differ by no more are of one ping. */
#define SAMPLE_NS (1 * NS_PER_S)
/* A recorded process with an open image says something every three seconds, its state if nothing else (shim/follow/state.h):
 * when it said nothing for so long, it stood still, had died, or was not recorded. */
#define UNHEARD_NS WATCH_OVERDUE_NS
/* At debug_objecter 10 and debug_ms 1 a client's log has each ping twice (seen on 16.2.15), one line shortly after the other
 * (chosen). */
#define LOGGED_TWICE_NS (500 * NS_PER_MS)
/* How much longer one ping may be on its way to the OSD than another (chosen; pings come every 5 s). */
#define WAY_DIFFERS_NS (200 * NS_PER_MS)

/* ---- a fence ---- */

/* A blocklist command that names no expiry lasts so long. mon_osd_blocklist_default_expire, before 16
 * mon_osd_blacklist_default_expire. */
#define BLOCKLIST_EXPIRE_DEFAULT_S 3600
/* The monitors fence a manager that is replaced for so long (mon_mgr_blocklist_interval, before 16
 * mon_mgr_blacklist_interval), and operators give a day. */
#define DAY_NS (86400 * NS_PER_S)
/* `finished` trails `dispatch` by 0.1 to 0.8 s (seen on 14 to 20). Where no input tells, the monitors took no longer than this
 * (chosen: slower ones have been seen, but not by much). */
#define COMMIT_TAKES_NS (15 * NS_PER_S)
/* A `finished` that comes later is another command's (chosen). */
#define COMMIT_WITHIN_NS (60 * NS_PER_S)
/* From the commit until an OSD has the map (chosen; 0.4 s were seen on 14 to 20). */
#define OSD_HAS_MAP_NS (3 * NS_PER_S)
/* From the commit until a client that pings once a tick is refused. */
#define REFUSED_WITHIN_NS (WATCH_OVERDUE_NS + OSD_HAS_MAP_NS)
/* Every OSD has the map: an answer with 0 so long after the end of the command is no straggler any more (chosen). */
#define FENCE_REACHES_ALL_NS (30 * NS_PER_S)
/* What one cause brings about at once: the -107, and the -108 to the watch taken anew (1 to 2 ms, seen on 16.2.15); an OSD's
 * "Found blocklisted watcher", and the watch's removal; the failures of all I/O in flight. A busy host adds to it. */
#define AT_ONCE_NS (100 * NS_PER_MS)
/* The watch's error, and the answer to a ping that says the same, of one client (chosen). */
#define SAME_ANSWER_NS (10 * NS_PER_MS)
/* I/O that a close cuts off fails with -108 as well, this long before the close is noted (chosen). */
#define CLOSING_NS (5 * NS_PER_S)
/* I/O of a fenced client that waits so long will wait for ever (chosen; seen on 14.2.21, where it waits for the lock). */
#define WAITING_NS (10 * NS_PER_S)
/* I/O that took longer counts as slow: the shim's threshold, FENCELINE_SLOW_MS (include/fenceline/events.h). */
#define SLOW_IO_NS (1 * NS_PER_S)

/* ---- clocks ---- */

/* Two hosts' clocks that are kept by NTP, and two logs' lines about one thing, may disagree by this much (chosen). */
#define CLOCK_SLACK_NS (1 * NS_PER_S)
/* Ceph stamps its logs with a coarse clock, up to 10 ms early (seen on 14 to 20): less than this backwards is no contradiction. */
#define COARSE_CLOCK_NS (20 * NS_PER_MS)
/* An event's own way from one host to another, which is no skew: sent and dispatched; sent and finished, with the commit in
 * between (chosen). */
#define DISPATCH_WAY_NS (1 * NS_PER_S)
#define FINISH_WAY_NS   (3 * NS_PER_S)

/* ---- what belongs together; chosen where nothing else is said ---- */

/* Two recordings of one event differ by microseconds (seen with two LTTng sessions). */
#define SAME_EVENT_NS (1 * NS_PER_MS)
/* Facts of one blocklist command lie no further apart, nor does what two inputs tell of a client that it refuses. */
#define SAME_COMMAND_NS (5 * NS_PER_S)
/* How long before its blocklist command a lock breaker may have looked at the lock and its watchers. */
#define BREAKER_LOOKBACK_NS (60 * NS_PER_S)
/* What happened so long before or after a blocklist command can be part of its story. */
#define STORY_NS (600 * NS_PER_S)
/* So far ahead of UTC are local times, at most (Kiribati's): a log that names no zone, and is taken as UTC. */
#define ZONES_NS (INT64_C(14) * 3600 * NS_PER_S)
/* Snapshot calls of one client on one image no further apart belong to one rotation. */
#define ROTATION_GAP_NS (60 * NS_PER_S)
/* A window around snapshot calls begins so long before them. */
#define SNAPS_LEAD_NS (10 * NS_PER_S)
/* So long after a snapshot call its deletion may still be at work. */
#define SNAPS_TRAIL_NS (30 * NS_PER_S)
/* A log tells when a snapshot call began, not when it ended: it waits no longer for a lock than this. */
#define LOGGED_CALL_NS (120 * NS_PER_S)
/* The placement groups of an OSD walk to a new map within this time; a trimmer that posts again this soon is still at it. */
#define SAME_CHANGE_NS (2 * NS_PER_S)
/* Like lines of failed I/O no further apart are one run. */
#define FAILURE_GAP_NS (60 * NS_PER_S)
/* An OSD repeats itself every 5 s (health metrics, seen) to 30 s (warnings, by osd_op_complaint_time) as long as it is slow. */
#define SLOW_GAP_NS (35 * NS_PER_S)

/* What one moment is by the trace's clock and by the host's wall clock; less between the two looks is a busy host. */
#define CLOCKS_APART_NS (2 * NS_PER_S)

static inline int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The earlier of two moments of which either may not be known (0). */
static inline int64_t earlier_ns(int64_t a, int64_t b)
{
	return !a ? b : !b || a < b ? a : b;
}

#endif
