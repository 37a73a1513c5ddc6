/* SPDX-License-Identifier: MIT */
/*
 * While the command runs: does the owner that lived before it still answer? The OSD drops its watch osd_client_watch_timeout
 * after the last ping that it processed, and librbd fences whom it finds without a watch. An answer comes over the connection
 * that the pings take, behind them, and they are sent every 5 s: so from an answer on the watch is good for the timeout less 5 s.
 * Before that is over without another answer the command is stopped, with all that descends from it; it goes on once the owner
 * answers again.
 */
#ifndef FENCELINE_GUARD_FOLLOW_H
#define FENCELINE_GUARD_FOLLOW_H

#include "guard/asker.h"
#include "guard/verdict.h"

struct follower;

struct follow_options {
	bool never_hold; /* stop nothing, only say */
	int64_t wait_ns; /* how long the command may stand still before it is ended; at least the watch's timeout */
	pid_t command;
};
struct followed {
	bool fenced, watch_was_gone; /* seen, of the owner and the watchers of before */
	bool ended;                  /* we ended the command: it had stood still for as long as it may. The reason: */
	struct judgement verdict;
	int64_t held_ns; /* for how long it stood still, in all; without the time when something of it went on: */
	pid_t refused;   /* of the command, and may not be signalled (EPERM); 0: none was met */
};

/* Starts a thread, which has the asker to itself until follow_end. It says on stderr what changes. NULL if there is no thread to
 * be had. */
struct follower *follow_begin(struct asker *asker, struct asked *asked, const struct look *before,
                              const struct follow_options *options);
/* Ends it, once the command has ended. What stands still then of its descendants is killed. Takes NULL. */
void follow_end(struct follower *follower, struct followed *followed);

/* How long the command may run after an answer before the next one is needed. Takes the watch's timeout, 0 if not known. */
int64_t follow_trust_ns(uint32_t watch_timeout_s);

#endif
