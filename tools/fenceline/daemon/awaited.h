/* SPDX-License-Identifier: MIT */
/*
 * Clients of this host that were fenced and have not met it: a process that stands still is told -108 when it goes on. The folder
 * of such a fence waits for that, for a while, so that it holds what the fence cost.
 */
#ifndef FENCELINE_DAEMON_AWAITED_H
#define FENCELINE_DAEMON_AWAITED_H

#include "daemon/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AWAITED           256
#define AWAITED_MS        45000      /* for how long one is waited for; it may stand still for ever */
#define AWAITED_SETTLE_NS 1000000000 /* from a client's -108 until what it tells of it is in its ring, all the more */

struct awaited {
	struct {
		char address[64];
		int64_t until_ms; /* CLOCK_MONOTONIC */
	} list[AWAITED];
	size_t count;
};

/* The worker's part: it notes into a file whose folder waits, and has the list of when it was forked. 0 or -errno. */
int awaited_note(const char *path, const char *address);
/* This one has been waited for long enough. */
bool awaited_is_overdue(const struct awaited *awaited, const char *address);

/* From now on the clients in the file are waited for, and no others. One that was waited for before keeps its time limit. */
void awaited_take(struct awaited *awaited, const char *path);

/* Has one of them met its fence, or ended, or been waited for long enough? Also true if there is none. */
bool awaited_is_news(const struct awaited *awaited, const struct pages *pages);

#endif
