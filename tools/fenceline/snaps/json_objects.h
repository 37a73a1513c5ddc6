/* SPDX-License-Identifier: MIT */
/* What an object was, once it is at its end and all its members are known. */
#ifndef FENCELINE_SNAPS_JSON_OBJECTS_H
#define FENCELINE_SNAPS_JSON_OBJECTS_H

#include "snaps/json_scan.h"
#include "snaps/maps.h"

/* The members that tell something: K(name, how its value is kept (json_read.c), where in the frame). */
#define KEYS(K) \
	K(pool, POOL_ID, pool) \
	K(pool_id, POOL_ID, pool) \
	K(pool_name, TEXT, name) \
	K(name, TEXT, name) \
	K(snap_seq, NUMBER, snap_seq) \
	K(snap_mode, MODE, mode) \
	K(removed_snaps, LONG_TEXT, removed) \
	K(snapid, NUMBER, snapid) \
	K(crush_ruleset, SEEN, seen) \
	K(pg_autoscale_mode, SEEN, seen) \
	K(read_balance, SEEN, seen) \
	K(epoch, NUMBER_IF_ANY, epoch) \
	K(modified, TEXT, modified) \
	K(fsid, FSID, seen) \
	K(require_osd_release, TEXT, release) \
	K(new_require_osd_release, TEXT, release) \
	K(flags, TEXT, flags) \
	K(pools, SEEN, seen) \
	K(new_pools, SEEN, seen) \
	K(new_pool_names, SEEN, seen) \
	K(removed_snaps_queue, SEEN, seen) \
	K(new_removed_snaps, SEEN, seen) \
	K(new_purged_snaps, SEEN, seen) \
	K(snaps, SEEN, seen) \
	K(begin, NUMBER, begin) \
	K(start, NUMBER, begin) \
	K(length, NUMBER, length) \
	K(pgid, PGID, pgid) \
	K(state, STATE, state) \
	K(snaptrimq_len, NUMBER, queued) \
	K(snap_trimq, SET, intervals) /* of a placement group, as text (10.2) */ \
	K(snap_trimq_len, NUMBER, queued) \
	K(purged_snaps, SET, purged) \
	K(stats, SEEN, seen) \
	K(info, SEEN, seen) \
	K(peer_info, SEEN, seen) \
	K(message, MESSAGE, seen) \
	K(state_name, STATE, state) \
	K(count, NUMBER_IF_ANY, count)
#define KEY_NUMBER(name, how, where) KEY_##name,
enum key { KEY_none, KEYS(KEY_NUMBER) };
#undef KEY_NUMBER

struct frame { /* an object or array that is open, and what its members have said so far */
	bool array;
	enum key key;  /* under which it stands */
	uint64_t seen; /* members, one bit each */
	size_t map;    /* its number in maps, from 1; 0: it is none yet */
	/* of a pool */
	int64_t pool;         /* -1: not said */
	bool refused;         /* its id is no number */
	char *name, *removed; /* owned */
	uint64_t snap_seq;
	enum snap_mode mode;
	struct interval_set pool_snaps;
	/* of a map */
	uint64_t epoch;
	char *modified, *release, *flags; /* owned */
	int least, most;                  /* releases that its pools' members speak of; 0: none */
	/* of an entry of a queue, of a placement group: intervals under snaps or purged_snaps */
	struct interval_set intervals;
	uint64_t begin, length; /* of one interval; length 0 is told */
	uint64_t snapid;
	/* of a placement group, of pgs_by_state */
	char pgid[24], state[128];
	uint64_t queued, count;
	struct interval_set purged;
};

struct json_read {
	struct maps *maps;
	struct account *account;
	struct place place; /* the line that is read */
	bool (*message)(void *arg, const char *text, size_t length); /* json_message_fn */
	void *message_arg;
	struct json_scan scan;
	struct frame frames[JSON_SCAN_DEPTH + 1]; /* the first is the document */
	size_t depth;
	bool implied;
	bool members;      /* the document has shown one: it is no other text that begins with a brace */
	bool doubtful;     /* it is such a text */
	char named_pg[24]; /* by the command line; "" none */
	uint64_t told;
};

static inline bool json_has(const struct frame *frame, enum key key)
{
	return frame->seen >> key & 1;
}

/* The frame at `depth` is at its end: what it said goes where it belongs. */
void json_finish(struct json_read *read, size_t depth);
/* The document is at its end: the pools of an array that no object is around. */
void json_finish_document(struct json_read *read);

#endif
