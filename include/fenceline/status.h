/* SPDX-License-Identifier: MIT */
/*
 * The status page: what the shim tells of a process while it runs, for whoever may look into /proc/PID/fd of it (root).
 *
 * One page per process that has opened an image or registered a watch under the shim: a memfd named FL_STATUS_NAME, sealed
 * against shrinking, growing and further writers. Its only writer is the shim's sampler thread, once a second, through a mapping
 * of its own. A reader uses pread and never maps it, so it cannot be hurt by whoever owns the process; what it reads is the
 * process's own word, and nothing may be believed of it without a look at its bounds (tools/fenceline/status/ does that).
 *
 * Layout: struct fl_status, then the entries of each kind where its part says. Everything is host byte order and naturally
 * aligned. Fields are only ever appended, to the head and to each entry; `head_bytes` and a part's `entry_bytes` tell how much
 * of them the writer has, and a reader takes what both know. Another `version` is another layout: not to be read.
 *
 * Consistency: `sequence` is odd while the page is being written, and changes with each writing. A reader reads it, then the
 * page, then it again; equal and even both times: the copy is whole.
 *
 * Times: *_ns are nanoseconds since the epoch (CLOCK_REALTIME), *_mono_ns are CLOCK_MONOTONIC of the process; 0: never.
 * Strings end with a NUL and are cut if they are too long.
 *
 * A forked child holds its parent's page until it makes one of its own: a page belongs to the process whose pid (in its own
 * PID namespace, the last of NSpid in /proc/PID/status) stands in it.
 */
#ifndef FENCELINE_STATUS_H
#define FENCELINE_STATUS_H

#include "fenceline/events.h"

#include <stdint.h>

#define FL_STATUS_NAME      "fenceline-status"
#define FL_STATUS_MAGIC     UINT64_C(0x7375746174534c46) /* "FLStatus" */
#define FL_STATUS_VERSION   1
#define FL_STATUS_BYTES     (128 * 1024) /* of the memfd, allocated as a whole: a fault on it can never fail */
#define FL_STATUS_PERIOD_MS 1000         /* how often it is written; a process that stands still does not */

/* How many entries of each kind there are at most; what does not fit is counted. */
#define FL_STATUS_CLIENTS 32
#define FL_STATUS_IMAGES  64
#define FL_STATUS_WATCHES 64
#define FL_STATUS_OSDS    96

struct fl_status_part {
	uint32_t offset; /* of the first entry, from the beginning of the page */
	uint32_t count;
	uint32_t entry_bytes;
	uint32_t left_out; /* entries that did not fit */
};

/* A connected librados client. */
struct fl_status_client {
	uint64_t global_id;
	char address[128]; /* as rados_getaddrs writes it */
	char entity[64];
	char fsid[40];
	char version[32];
	int64_t fenced_ns; /* when its first -108 was noticed, by I/O, ping or watch; I/O's up to a second late */
};

/* An open image. */
struct fl_status_image {
	uint64_t global_id; /* of its client */
	uint32_t serial;    /* as `image` in the events */
	uint32_t inflight;
	char pool[128], nspace[128], name[256], id[64];
	int64_t opened_ns;
	int64_t eshutdown_ns; /* when its first -108 was noticed, up to a second late */
	uint64_t ios, errors, eshutdowns;
	uint64_t reads, writes, read_bytes, write_bytes;
	uint64_t latency[FL_LATENCY_BUCKETS]; /* of I/O that was timed, which a recording asks for; buckets as in io_summary */
};

/* A registered watch. */
struct fl_status_watch {
	uint64_t global_id, cookie;
	uint32_t image;     /* serial of the open image whose header it is on; 0: none known */
	uint32_t timeout_s; /* asked for; 0: the OSD's default */
	uint32_t tick_s;    /* the client's objecter_tick_interval; 0: not asked yet */
	int32_t error;      /* what the watch itself says: 0, -107, -108 ... */
	char oid[128];
	int64_t registered_ns;
	int64_t last_ack_sent_ns; /* when the newest acknowledged ping was sent */
	int64_t last_ack_mono_ns; /* the same, by the other clock */
	uint32_t overdue;         /* pings that should have been acknowledged since, by the acknowledged ping's age */
	/* Seen on the wire, while a recording wants pings and connections are not encrypted; else 0. */
	uint32_t unanswered;          /* sent and not answered, however young */
	int64_t oldest_unanswered_ns; /* when the first of these was sent */
	uint64_t pings_sent, pings_answered;
	uint64_t last_rtt_ns;
	char osd[64]; /* to which the newest ping went, ip:port */
	/* librbd's notifies on it: when the last one came. */
	int64_t lock_request_ns; /* a peer asks for the lock */
	int64_t snapshot_ns;     /* a peer asks for a snapshot's creation, removal, renaming, protection */
};

/* Round trips of this process's pings to one OSD. */
struct fl_status_osd {
	char address[64];
	uint64_t answered, errors; /* errors: answers with another result than 0 */
	uint64_t rtt_sum_ns, rtt_max_ns, rtt_last_ns;
	int64_t last_ns;
	uint64_t rtt[FL_LATENCY_BUCKETS]; /* bucket i: [2^i, 2^(i+1)) us, as for I/O */
};

struct fl_status {
	uint64_t magic;
	uint32_t version, head_bytes;
	uint32_t sequence;
	uint32_t used; /* bytes of the page that mean something */
	uint32_t pid;
	uint32_t writes; /* how often it was written */
	int64_t begun_ns, written_ns, written_mono_ns;
	char host[65], process[64], vm_name[256], vm_uuid[64];
	char reserved[7];
	uint64_t passed_through; /* calls passed through uninstrumented */
	int64_t stalled_ms;      /* for how long the process has stood still, in all */
	/* What outlives a client or image that has been closed. */
	uint64_t fences;          /* clients of this process that were told -108 */
	int64_t fenced_ns;        /* when the last of them was */
	uint64_t blocklists_sent; /* blocklist commands of this process */
	int64_t blocklist_ns;
	char blocklist_target[128];
	uint64_t snapshots_begun; /* snapshot calls of librbd's API */
	int64_t snapshot_ns;
	struct fl_status_part clients, images, watches, osds;
	char not_understood[128]; /* what is not recorded, for its layout is not known: "release 21.1.0"; "": nothing */
};

_Static_assert(sizeof(struct fl_status) + FL_STATUS_CLIENTS * sizeof(struct fl_status_client) +
                               FL_STATUS_IMAGES * sizeof(struct fl_status_image) +
                               FL_STATUS_WATCHES * sizeof(struct fl_status_watch) +
                               FL_STATUS_OSDS * sizeof(struct fl_status_osd) <=
                       FL_STATUS_BYTES,
               "the page holds as many of each");

#endif
