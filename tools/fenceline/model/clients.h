/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_MODEL_CLIENTS_H
#define FENCELINE_MODEL_CLIENTS_H

#include "model/records.h"

/* The client of that address; of several, the one that lived then or next to it. NULL: none. */
struct client *model_client_by_address(const struct model *model, const struct address *address, int64_t at_ns);
/* The same, of those that are not known to be of another cluster than that ("": any). */
struct client *model_client_in_cluster(const struct model *model, const struct address *address, int64_t at_ns, const char *fsid);
/* Both are told, and are of two clusters. */
bool fsids_differ(const char *a, const char *b);
/* Do the inputs tell of clients of more than one cluster? */
bool model_several_clusters(const struct model *model);
/* Is what this log tells of the client's cluster? Where both are known (ingest/cluster.h) that is compared: 1 or -1; else 0. */
int model_log_of_cluster(const struct source *log, const struct client *client);
/* Are both the same VM? 1: their UUIDs say so. 0: only their names do, and their hosts, where known, do not differ: VMs of two hosts
 * or of two clouds may have one name. -1: no. */
int model_same_vm(const struct process *a, const struct process *b);
/* Both are told, and differ; a host may be named with its domain or without. */
bool hosts_differ(const char *a, const char *b);
/* Was a ping of it sent and answered with 0 between the two times? client may be NULL: no. */
bool client_was_answered(const struct client *client, int64_t after_ns, int64_t before_ns);

/* Has it something to lose by a fence: an image, or I/O of which a log says that it failed? One that only ever sent monitor commands
 * (the operator's own) has not. */
bool client_has_disk(const struct client *client);

#endif
