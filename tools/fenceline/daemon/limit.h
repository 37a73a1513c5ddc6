/* SPDX-License-Identifier: MIT */
/*
 * How often one process's page may tell of a fence. Each case takes snapshots of everybody's rings, and each snapshot takes some of what
 * they hold: a process that told of a new fence every second would leave nobody any past. Main thread.
 */
#ifndef FENCELINE_DAEMON_LIMIT_H
#define FENCELINE_DAEMON_LIMIT_H

#include "daemon/notice.h"

#define LIMIT_TOGETHER_MS 6000 /* what it tells within this time is one story */
#define LIMIT_STORIES     4    /* in a row; from then on one a minute */
#define LIMIT_EACH_MS     60000
#define LIMIT_PROCESSES   256 /* the last ones */

struct limit {
	struct limited {
		pid_t pid;
		int64_t begun_ms; /* its last story */
		int64_t paid_ms;  /* when all of its stories are a minute old, as if one had followed the other */
		bool waits;
		struct notice last; /* of those that wait: the others of these minutes are found in the rings with it */
	} list[LIMIT_PROCESSES];
};

/* Is this looked at now? If not, it waits; said of the first one. A notice without a pid is not limited. `now_ms`: monotonic. */
bool limit_allows(struct limit *limit, const struct notice *notice, int64_t now_ms);

/* One that has waited long enough, into *notice: it is allowed. */
bool limit_next(struct limit *limit, int64_t now_ms, struct notice *notice);

#endif
