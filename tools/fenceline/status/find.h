/* SPDX-License-Identifier: MIT */
/*
 * The processes of this host that have a status page, found in /proc/PID/fd. Root sees all of them, others their own.
 *
 * A finder is for looking again and again (the record daemon, top): a process without the shim is looked at ever more seldom,
 * one with it each time. One thread at a time.
 */
#ifndef FENCELINE_STATUS_FIND_H
#define FENCELINE_STATUS_FIND_H

#include "status/page.h"

#include <stdbool.h>
#include <sys/types.h>

struct status_process {
	pid_t pid;                      /* as we see it */
	uint64_t start;                 /* when it started, clock ticks since boot: with the pid it is unique */
	uid_t uid;                      /* its effective one */
	char state;                     /* as in /proc/PID/stat: T is stopped; 0: has ended */
	bool shim;                      /* libfenceline.so is in it, or in what it preloads */
	const struct status_page *page; /* the newest that could be read; NULL: none yet; borrowed for the call */
	int page_error;                 /* 0, or why this time there is none: -EAGAIN, -EPROTO (another version) */
	void *pages_user;               /* the record daemon's, likewise */
	void *user, *other;             /* the callers', NULL at first; kept as long as the process lives */
};

struct status_finder;

/* NULL: no memory. */
struct status_finder *status_finder_new(void);
void status_finder_free(struct status_finder *finder);

/*
 * One look: `visit` for each process that has, or had, a page, those that have ended since the last look included (once, with
 * state 0 and their last page). Returns how many live ones have a page, or -errno if /proc cannot be read.
 */
int status_finder_look(struct status_finder *finder, void (*visit)(struct status_process *process, void *arg), void *arg);

#endif
