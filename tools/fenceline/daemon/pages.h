/* SPDX-License-Identifier: MIT */
/* The status pages of this host's processes, looked at once a second, and what is new in them. */
#ifndef FENCELINE_DAEMON_PAGES_H
#define FENCELINE_DAEMON_PAGES_H

#include "daemon/notice.h"
#include "metrics/host.h"
#include "status/find.h"

struct pages;

/* `host` is fed with each look; borrowed. NULL: no memory. */
struct pages *pages_new(bool watch_errors, struct host *host);
void pages_free(struct pages *pages);

/* One look. Tells what is new; what was so before the first look is not. Returns how many processes have a page, or -errno. */
int pages_look(struct pages *pages, notice_fn *tell, void *arg);

/* A live process with a page, by the pid that it calls its own. */
struct live_pid {
	uint32_t pid;
	bool stopped; /* stopped by a signal: the session daemon would wait for its answer, and everybody for the session daemon
	               */
};

/* All of them. Borrowed until the next look. */
const struct live_pid *pages_pids(const struct pages *pages, size_t *count);

/* When a peer last asked any VM for its lock or for a snapshot, or a process of this host began one; ns since the epoch, 0:
 * never; what a page dates later than now does not count. *why: who and what, in words; borrowed until the next look. */
int64_t pages_window_ns(const struct pages *pages, const char **why);

/* Is there a live client of this address (same IP and nonce) on this host, and when was it told -108 (since the epoch; 0: not
 * yet)? */
bool pages_has_client(const struct pages *pages, const char *address, int64_t *fenced_ns);

#endif
