/* SPDX-License-Identifier: MIT */
/*
 * Which cluster a log is of. No line of a daemon's log says so, but cephadm keeps the logs of each in a folder of its own:
 * /var/log/ceph/FSID/. Elsewhere whoever ships a log says it (`ship --cluster`).
 */
#ifndef FENCELINE_INGEST_CLUSTER_H
#define FENCELINE_INGEST_CLUSTER_H

#include "ingest/event.h"

#include <stdbool.h>

/* Is it an fsid, a UUID of lower-case letters? */
bool cluster_is_fsid(const char *text, size_t length);
/* The last folder of the path that is an fsid and lies in one named `ceph`; "" if there is none. */
void cluster_of_path(const char *path, char cluster[SOURCE_CLUSTER]);
/* A log's source: by its path, or else `given` (NULL: not known). A trace's events name their cluster themselves. */
void cluster_set(struct source *source, const char *given);

#endif
