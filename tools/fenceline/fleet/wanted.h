/* SPDX-License-Identifier: MIT */
/*
 * Which rows of the store a question needs: those of the processes that were fenced or nearly so, of their fencers and of their
 * successors, ten minutes before and after each; and those that show on which side pings were lost. Bounded by what happened, not
 * by the fleet.
 */
#ifndef FENCELINE_FLEET_WANTED_H
#define FENCELINE_FLEET_WANTED_H

#include "fleet/query.h"
#include "fleet/rows.h"

#define DAY_NS  (86400 * NS_PER_S)

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

void wanted_free(struct wanted *wanted);

/* Each is there once. What is empty, or 0, is not added. 0 or -ENOMEM. */
int wanted_add_text(char ***texts, size_t *count, const char *text);
int wanted_add_process(struct wanted *wanted, const char *host, int64_t pid);
int wanted_add_client(struct wanted *wanted, const char *ip, int64_t nonce, bool any_nonce);
int wanted_add_slot(struct wanted *wanted, uint32_t slot);
/* What happened then, and the ten minutes before and after it. */
int wanted_add_moment(struct wanted *wanted, int64_t ns);
int wanted_take(json_t *row, void *wanted); /* for query_rows: adds the row's host and pid to the processes */

#endif
