/* SPDX-License-Identifier: MIT */
/*
 * Inside model/. Public records are the first member of their private ones, so that a pointer to one is a pointer to the
 * other. Out of memory is noted once in the model (`no_memory`); functions then return NULL or do nothing.
 */
#ifndef FENCELINE_MODEL_PRIVATE_H
#define FENCELINE_MODEL_PRIVATE_H

#include "model/records.h"
#include "model/times.h"

#include <inttypes.h>

#define CLIENT_BUCKETS 4096

struct process_record {
	struct process public;
	char *key_host;  /* of the source that tells of it; the public one may be filled in later; owned */
	const struct source *of; /* set: of that trace alone, another's of the same host and pid is another process */
	bool claim_noted; /* that another user's process has its name, too */
};

struct client_record {
	struct client public;
	struct client_record *bucket_next; /* clients whose (host, pid, global id) fall together */
	uint32_t pid;
	const char *key_host;           /* its process's when it was made, borrowed */
	const struct source *of;        /* as its process's */
	struct client_record *gid_next; /* clients whose global id falls together */
	const struct source *log;       /* set: known by nothing but this log (a holder of what it tells) */
	bool failed;                    /* a log tells of its failed I/O */
	bool joined;                    /* has become part of another record; goes at the end of logged_join */
};

struct watch_record {
	struct watch public;
	size_t ping_capacity, past_capacity;
	int64_t sampled_ack_ns; /* send time of the last acknowledged ping as the sampler last saw it; 0: never */
	int64_t first_look_ns;  /* when its age was first told */
	int64_t missed_ns;      /* the last tick that the sampler showed as missed */
	/* What logs say; 0: nothing. Counts where no trace says it better, at the end. */
	struct {
		int64_t registered_ns, removed_ns, error_ns;
		int32_t error;
		uint64_t linger;   /* the client's own number of the watch */
		bool address_told; /* a line named the client's address as well */
		const struct source *osd_source, *client_source;
	} logged;
};

/* Calls that have begun and not ended. */
struct open_calls {
	void **calls;
	size_t count, capacity;
};

/* Clocks of one group were seen to agree, or have been made to. */
struct tied_clock {
	char *name;
	size_t group;
	struct tied_clock *next;
};
struct log_clock {
	struct log_clock *next;
	char name[];
}; /* the path of a log that is there in pieces */

struct model_private {
	struct model_options options;
	bool no_memory;
	struct client_record *buckets[CLIENT_BUCKETS];
	struct client_record *gid_buckets[CLIENT_BUCKETS];
	struct client_record *last_client; /* of the last event: most come in runs */
	const struct source *last_source; /* whose event that was */
	struct process *process_tail;
	uint32_t an_owner;
	bool owners_differ; /* of the processes */
	struct client *client_tail;
	struct blocklist_action *blocklist_tail;
	struct tied_clock *tied; /* clocks.c */
	struct log_clock *log_clocks;
	struct {
		int64_t ns;
		const struct source *source;
	} found_fenced; /* the last line of an OSD that says so */
	struct watchers_listing *listing_tail;
	struct header_op *header_op_tail;
	struct snapshot_call *snapshot_tail;
	struct recorded_window *window_tail;
	struct lock_break_call *lock_break_tail;
	struct stall *stall_tail;
	struct lock_listed *lock_tail;
	struct seen_event *seen; /* ring of the last events that were looked at twice, see once.c */
	size_t seen_next;
	struct snaps_change *snaps_tail, *snaps_recent; /* recent: those before it are over; NULL: none looked at yet */
	struct failure_run *failure_tail;
	struct slow_run *slow_tail;
	struct fence_listed *listed_tail;
	struct breaker_logged *breaker_tail;
	struct open_calls open_snapshots, open_lock_breaks, open_failures, open_slow;
	struct {
		const struct source *source;
		int64_t offset_ns;
	} shift;                   /* of the last one shifted: most come in runs */
	struct open_calls holders; /* clients that only a log knows of, by VM or by log */
	size_t prunable;           /* records in the lists that model_prune looks at */
};

#endif
