/* SPDX-License-Identifier: MIT */
/*
 * From notices to incident folders. A case is what happened together: it is begun by a notice, takes a snapshot of the rings at
 * once, another one when its story is over (bounded). A process of its own then reads it and writes it down: a long read, or a
 * hook that hangs, does not keep the daemon from noticing the next one. Main thread.
 */
#ifndef FENCELINE_DAEMON_CASES_H
#define FENCELINE_DAEMON_CASES_H

#include "daemon/notice.h"
#include "daemon/pages.h"
#include "daemon/sessions.h"

struct cases;

/* Clears what an earlier daemon left unfinished below OUTPUT/work; a case that it could not write down is tried once more. NULL: no
 * memory. */
struct cases *cases_new(const struct daemon_options *options, struct sessions *sessions, const struct pages *pages);
void cases_free(struct cases *cases);

/* A fence was noticed. */
void cases_notice(const struct notice *notice, void *cases);

/* Once a second: takes snapshots that are due, starts workers, collects those that have ended. Returns how many cases are open.
 */
int cases_tick(struct cases *cases);

/* How many cases have been written down since the beginning. */
uint64_t cases_written(const struct cases *cases);

/* At the end: what is open is written down as it is; waits `seconds` at most. */
void cases_finish(struct cases *cases, int seconds);

#endif
