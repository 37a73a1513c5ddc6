/* SPDX-License-Identifier: MIT */
/* What the record daemon is asked for. */
#ifndef FENCELINE_DAEMON_OPTIONS_H
#define FENCELINE_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAEMON_LOGS 64 /* of --with, at most */

struct daemon_options {      /* strings borrowed; those of a reread file live as long as the process */
	const char *output;  /* absolute, without links */
	uint64_t ring_bytes; /* of one process's ring (buffers per pid) or one user's, all CPUs together */
	bool per_uid;        /* --buffers uid */
	uint32_t keep_count; /* incident folders that stay; 0: no bound by number */
	uint64_t keep_bytes; /* likewise by size; 0: no bound */
	const char *logs[DAEMON_LOGS];
	size_t log_count;
	const char *on_incident;  /* a shell command; NULL: none */
	uint32_t watch_timeout_s; /* 0: not given */
	bool also_watch_error;
	const char *textfile, *listen, *alertmanager, *ship; /* NULL: not asked for */
};

#define DAEMON_RING_BYTES (4ULL << 20)
#define DAEMON_KEEP       50

#endif
