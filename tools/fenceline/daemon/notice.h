/* SPDX-License-Identifier: MIT */
/* That a fence happened, as far as the daemon knows it before anything is read: from a status page, or from the fencers' trace.
 */
#ifndef FENCELINE_DAEMON_NOTICE_H
#define FENCELINE_DAEMON_NOTICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum notice_kind {
	NOTICE_FENCED,      /* a client of this host was told -108 */
	NOTICE_SENT,        /* a process of this host sent a blocklist command */
	NOTICE_WATCH_ERROR, /* a watch failed (--also watch-error) */
};

struct notice {
	enum notice_kind kind;
	pid_t pid;
	char address[128]; /* of the client; "" if it is not known */
	char vm[256];      /* name; "" for a process that is no VM */
	int64_t at_ns;     /* since the epoch, when it happened, as near as is known */
};

/* Told of each notice, once. */
typedef void notice_fn(const struct notice *notice, void *arg);

#endif
