/* SPDX-License-Identifier: MIT */
/*
 * The process that reads what was recorded of a case and writes the incident folders: OUTPUT/incidents/TIME-VM/ with trace/,
 * logs/, incidents.json, timeline.txt and timeline.html. A folder is made beside the others under a name with a dot and renamed:
 * it is complete or it is not there. What is known by then of the same fence (the client's address) is put together in one
 * folder.
 */
#ifndef FENCELINE_DAEMON_WORKER_H
#define FENCELINE_DAEMON_WORKER_H

#include "daemon/awaited.h"
#include "daemon/daemon_options.h"
#include "daemon/notice.h"
#include "daemon/pages.h"

#include <sys/types.h>

#define WORKER_MS 120000 /* for reading, writing and all its hooks; then it is killed */

/* A file of this name in the case's folder: all is written down, and only the hooks are left. */
#define WORKER_WRITTEN "written"

/* Its exit code if a client of this host was fenced and has not met it: once more when it has. They are in the file of this name.
 */
#define WORKER_AWAITS  3
#define WORKER_AWAITED "awaited"

struct work_order {
	const struct daemon_options *options;
	const struct pages *pages;     /* NULL: nothing is put off */
	const struct awaited *awaited; /* who is waited for so far */
	const char *folder;            /* of the case */
	const struct notice *notices;
	size_t count;
	int64_t snapshot_ns; /* when the last snapshot of the case was taken, since the epoch */
	bool left;           /* by an earlier daemon: what was gathered then is not elsewhere any more */
};

/* Forks it. Returns its pid or -errno; it ends with 0 if all that was found is written down. */
pid_t worker_start(const struct work_order *order);

/* Removes folders that a killed worker left half made. */
void worker_clear_unfinished(const char *output);

#endif
