/* SPDX-License-Identifier: MIT */
/*
 * What the status pages of this host's processes tell together: the watches of now, and counters that go on when a process ends.
 * One thread at a time. Feed it one look after the other:
 *
 *     host_begin(host, now_ns);
 *     status_finder_look(finder, host_visit, host);
 *     host_end(host);
 */
#ifndef FENCELINE_METRICS_HOST_H
#define FENCELINE_METRICS_HOST_H

#include "status/find.h"

#include <stdbool.h>
#include <stdint.h>

#define HOST_PING_GRACE_NS 2000000000LL /* a ping counts as unanswered this long after it was sent */
#define HOST_RTT_BUCKETS   FL_LATENCY_BUCKETS
#define HOST_OSDS          1024 /* OSDs that are told apart at most; further ones are counted together as "other" */

/* A watch, with what its client, image and process say beside it. Strings are borrowed from the host, until the next look. */
struct host_watch {
	const struct status_process *process;
	const struct status_page *page;
	const struct fl_status_client *client; /* never NULL */
	const struct fl_status_image *image;   /* NULL: the watch is on no image that is open */
	const struct fl_status_watch *watch;
	char address[128];   /* of the client, ip:port/nonce */
	unsigned unanswered; /* pings without an answer HOST_PING_GRACE_NS after they were sent, or overdue by their age */
	int64_t unanswered_since_ns; /* when the first of them was sent; 0: none */
	uint64_t lost;               /* pings that stayed unanswered, since this watch was first seen */
};

struct host_osd {
	char address[64]; /* ip:port, or "other" */
	uint64_t answered, errors, lost, rtt_sum_ns;
	uint64_t rtt[HOST_RTT_BUCKETS]; /* bucket i: [2^i, 2^(i+1)) us */
	unsigned vms;                   /* processes that have pinged it and live */
	unsigned slow;                  /* of these, those whose last round trip took OSDS_FLOOR_NS or more, or still waits */
};

struct host_totals {
	uint64_t fences, blocklists_sent, near_miss_pings, near_miss_errors;
	unsigned processes, unreadable,
	        conflicting; /* with a page; of another version or unreadable; that claim another's client */
	unsigned not_understood; /* processes whose shim does not record all of their Ceph */
	char not_understood_what[128]; /* by the first of them: "release 21.1.0" */
};

struct host;

/* `timeout_s`: osd_client_watch_timeout where a watch asked for none; 0: Ceph's default, 30, is assumed. NULL: no memory. */
struct host *host_new(unsigned timeout_s);
void host_free(struct host *host);

void host_begin(struct host *host, int64_t now_ns);
void host_visit(struct status_process *process, void *host);
void host_end(struct host *host);

/* Of the last look. The arrays are the host's. */
int64_t host_now(const struct host *host);
const struct host_watch *host_watches(const struct host *host, unsigned *count);
const struct host_osd *host_osds(const struct host *host, unsigned *count);
const struct host_totals *host_totals(const struct host *host);

/* The timeout of a watch, in s, and where it is from: "trace" (it asked for it), "option" or "assumed". */
unsigned host_timeout(const struct host *host, const struct fl_status_watch *watch, const char **source);

/* What is known of a client address: compared by IP and nonce. */
enum host_alive { HOST_UNKNOWN, HOST_ALIVE, HOST_GONE };
struct host_client {
	enum host_alive alive; /* HOST_GONE: a page had it; then its process ended, or that page, whole, had it no more */
	int64_t last_ack_ns;   /* 0: none, or not known */
	unsigned unanswered;
	bool stopped; /* the process is in state T */
	pid_t pid;
	char vm[128];
};
void host_find_client(const struct host *host, const char *address, struct host_client *found);

#endif
