/* SPDX-License-Identifier: MIT */
/*
 * Which OSD stands out by the round trips of watch pings? Round trips by OSD and VM go in, a judgement comes out. The rule, on
 * purpose a simple one:
 *
 *   A VM finds an OSD slow if the median of its round trips there is OSDS_FLOOR_NS or more, and OSDS_FACTOR times the others' or
 * more: the median of the other OSDs' medians. A lost ping counts as the longest round trip. A VM that finds every OSD slow that
 * it pings, and pings two or more, does not count: it is slow itself, or its host is. An OSD is slow if OSDS_VMS VMs or more find
 * it so. One VM alone never makes it so, and neither is there a slow one among one.
 */
#ifndef FENCELINE_OSDS_OSDS_H
#define FENCELINE_OSDS_OSDS_H

#include "fenceline/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OSDS_FLOOR_NS INT64_C(50000000)
#define OSDS_FACTOR   10
#define OSDS_VMS      2
#define OSDS_LOST_NS  INT64_MAX          /* among the round trips: never answered */
#define OSDS_BUCKETS  FL_LATENCY_BUCKETS /* bucket i: [2^i, 2^(i+1)) us */

struct osd_vm {
	const void *key; /* what tells VMs apart; not looked into */
	char *name;      /* owned; raw */
	int64_t *rtts;   /* owned; after osds_judge in order */
	size_t count, capacity;
	int64_t median_ns; /* -1: none */
	bool slow;         /* finds this OSD slow */
};

struct osd_seen {
	char address[64];   /* ip:port */
	struct osd_vm *vms; /* array owned */
	size_t vm_count, vm_capacity;
	uint64_t answered, errors, lost;
	uint64_t buckets[OSDS_BUCKETS]; /* of the answered ones */
	/* By osds_judge: */
	int64_t median_ns, p99_ns,
	        others_ns; /* -1: not known; OSDS_LOST_NS: most are lost. others: the median of the others' medians */
	size_t slow_vms;
	bool slow;
};

struct osds {
	struct osd_seen *list; /* array owned; after osds_judge the slow ones first, then by median, the largest first */
	size_t count, capacity;
	uint64_t unplaced; /* pings whose OSD is not known: connections are encrypted, or a log tells of them */
	bool added_up;     /* by a store: a sample is the median of all pings of one sender; p99 is of the buckets */
	bool by_host;      /* ... and a sender is a host, not a VM */
	bool live;         /* of status pages: a VM's sample is its last round trip; p99 is of the buckets, since the VMs began */
	int64_t begin_ns, end_ns; /* of the pings, ns since the epoch; 0: none, or not known */
	bool no_memory;
};

void osds_free(struct osds *osds);

/* A ping of the VM `key` to that OSD. rtt_ns OSDS_LOST_NS: never answered. */
void osds_add(struct osds *osds, const char *address, const void *key, const char *name, int64_t rtt_ns, int32_t result);
/* The OSD's place, made if need be. NULL: no memory. For whoever has counts instead of pings. */
struct osd_seen *osds_find(struct osds *osds, const char *address);
/* A round trip that counts for the medians alone; the rest the caller adds to the OSD itself. Takes NULL for it. */
void osds_add_sample(struct osds *osds, struct osd_seen *osd, const void *key, const char *name, int64_t rtt_ns);

/* Fills in medians and the judgement, and sorts. */
void osds_judge(struct osds *osds);
/* The bound below which `share` (0 to 1) of the counted ones lie, from buckets: the bucket's upper end. -1: none. */
int64_t osds_quantile_of_buckets(const uint64_t buckets[OSDS_BUCKETS], double share);

#endif
