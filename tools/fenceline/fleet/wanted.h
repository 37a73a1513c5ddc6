/* SPDX-License-Identifier: MIT */
/*
 * Which rows of the store a question needs: those of the processes that were fenced or came near it, of whom fenced them, and of their
 * successors, ten minutes before and after each; and what shows on which side pings were lost. Bounded by what happened, not by the
 * fleet.
 */
#ifndef FENCELINE_FLEET_WANTED_H
#define FENCELINE_FLEET_WANTED_H

#include "fleet/query.h"

struct wanted_process { char *host; int64_t pid; };
struct wanted_client { char *ip; int64_t nonce; bool any_nonce; };

struct wanted {
	int64_t since_ns, until_ns; /* asked for */
	const char *vm, *image;     /* asked for; NULL: no matter */
	struct wanted_process *processes; size_t process_count;
	struct wanted_client *clients; size_t client_count;
	char **vms; size_t vm_count; /* names */
	char **uuids; size_t uuid_count;
	char **image_ids; size_t image_id_count;
	char **ranges; size_t range_count; /* CIDRs that were fenced */
	uint32_t *slots; size_t slot_count;
	int64_t *moments; size_t moment_count; /* of what happened */
};

/* Finds them. 0 or -errno, said. */
int wanted_find(struct wanted *wanted, struct store *store);
void wanted_free(struct wanted *wanted);

/* Parts of a WHERE. Each is nonempty SQL. */
void wanted_time(const struct wanted *wanted, struct query *query);      /* days and slots of what happened */
void wanted_processes(const struct wanted *wanted, struct query *query); /* (host, pid) IN ... */
void wanted_vms(const struct wanted *wanted, struct query *query);       /* by name or UUID */
void wanted_moments(const struct wanted *wanted, struct query *query, int64_t before_ns, int64_t after_ns);

#endif
