/* SPDX-License-Identifier: MIT */
/*
 * One fact with a time, wherever it came from: a trace event or a log line. ingest/ makes them, model/ consumes them.
 *
 * Units: *_ns are nanoseconds, times since the epoch in UTC. Results are 0, a count, or -errno.
 * Strings are borrowed: valid until the callback that got the event returns. NULL never occurs; "" is "not known".
 */
#ifndef FENCELINE_INGEST_EVENT_H
#define FENCELINE_INGEST_EVENT_H

#include "fenceline/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* What only logs tell, L(fact, member of the event's payload); fact_fields.c has the fields of each. */
#define LOGGED_FACTS(L) \
	L(audit_blocklist, audit)                 /* a monitor's audit line */ \
	L(lost_events, lost)                      /* the tracer discarded events */ \
	L(slow_request, slow)                     /* an OSD or a monitor complains of slow requests */ \
	L(snaptrim, snaps)                        /* an OSD begins to trim removed snapshots */ \
	L(removed_snaps, snaps)                   /* an OSD took over a set of removed snapshots */ \
	L(watch_logged, watch)                    /* what a log or a list of watchers says of one watch */ \
	L(io_failure, failure)                    /* I/O that failed, as QEMU, the guest, librbd or the OSD tell it */ \
	L(blocklist_entry, entry)                 /* `osd blocklist ls`, `osd dump` */ \
	L(lock_logged, lock)                      /* an image's lock, as `rbd lock ls` or a lock breaker's log tell it */ \
	L(snapshot_logged, snapshot)              /* a snapshot call in the log of the client that makes it */ \
	L(osd_latency, latency)                   /* `osd perf` */ \
	L(watch_timeout, timeout)                 /* osd_client_watch_timeout, where a log or a configuration dump holds it */ \
	L(cluster_paused, paused)                 /* clients send no watch pings while the cluster is paused */ \
	L(vm_logged, vm)                          /* a VM's start, drives and end, as libvirt's or QEMU's log tell them */

/* What kind of fact. The first part are the trace's own events, FACT_<event> with payload `.trace.<event>`. */
#define FACT_OF_EVENT(event, level, when) FACT_##event,
#define FACT_OF_LOG(fact, payload)        FACT_##fact,
enum fact { FL_EVENTS(FACT_OF_EVENT) LOGGED_FACTS(FACT_OF_LOG) FACT_COUNT };
#undef FACT_OF_EVENT
#undef FACT_OF_LOG

/* A blocklist command in the audit log (also in the cluster log and the monitor's own). */
struct audit_blocklist {
	const char *op;           /* add, rm, clear */
	bool range;               /* target is a CIDR */
	const char *target;       /* the address or CIDR as written */
	int64_t expire_s;         /* -1: none named */
	const char *from_address; /* as written, may be "" or "-" */
	uint64_t from_gid;        /* 0: not known (client.?) */
	const char *entity;       /* client.cinder */
	enum audit_phase { AUDIT_DISPATCH, AUDIT_FINISHED, AUDIT_DENIED } phase;
	const char *result_text; /* after the phase, "" mostly */
};

struct slow_request {
	const char *osd;    /* "osd.3"; "" if not known (the monitors' summary) */
	uint64_t count;     /* how many; 0: the line tells of one request */
	int64_t blocked_ns; /* the oldest's, or its own, age; 0: not known */
	uint64_t gid;       /* whose request; 0: not known */
	uint64_t cookie;    /* of the watch, if the request is a watch operation; else 0 */
	const char *object; /* such as rbd_header.ID; "" if not known */
	const char *text;   /* the line's own words */
};

struct snaps_logged {
	const char *osd;       /* "osd.3", "" if not known */
	const char *pg;        /* "1.4" */
	uint64_t pool;         /* the pool's number, from the PG; UINT64_MAX: not known */
	const char *intervals; /* text as Ceph writes it, "[1~3,8~1]", hexadecimal; "" if not told */
	const char *removed;   /* what was new in it, the same way; "" if not told */
};

/* Which of the two names (gid, cookie) is known depends on the line; a cookie is unique enough to join them. A client's log may
 * tell of one ping twice, by the objecter (linger) and by the messenger (cookie). */
struct watch_logged {
	enum watch_words {
		WATCH_NAMED,      /* an OSD's line that names watch, client and object */
		WATCH_REGISTERED, /* the OSD took it on */
		WATCH_PINGED,     /* the OSD processed a ping of it */
		WATCH_EXPIRED,    /* HandleWatchTimeout */
		WATCH_REMOVED,
		WATCH_FAILED,    /* the client's handle_error */
		WATCH_PING_SENT, /* the client's own log */
		WATCH_PING_REPLY,
		WATCH_LISTED,       /* rbd status, an object_info dump */
		WATCH_CONNECTED,    /* the OSD: the client's session carries it again */
		WATCH_DISCONNECTED, /* the OSD: the session is gone, the timeout runs */
		WATCH_FENCED,       /* the OSD drops the watches of a blocklisted client; no cookie */
	} what;
	uint64_t cookie;     /* 0: not known */
	uint64_t gid;        /* 0: not known */
	const char *address; /* of the client; "" if not known */
	const char *object;  /* rbd_header.ID; "" if not known */
	const char *osd;     /* the OSD's address or name ("osd.3"); "" if not known */
	uint32_t timeout_s;  /* 0: not known */
	uint64_t linger;     /* the client's own number of the watch, all that some of its lines name; 0: not known */
	int32_t result;
};

struct io_failure {
	enum io_layer {
		LAYER_QEMU,
		LAYER_GUEST,
		LAYER_CLIENT,
		LAYER_OSD,
		LAYER_HOST             /* its kernel's own client, krbd */
	} layer;                       /* who says so */
	bool io;                       /* the line stands for one I/O; else it only says that the client is refused */
	const char *vm_name, *vm_uuid; /* from the log's path or the command line in it; "" if not known */
	const char *device;            /* drive-virtio-disk0, vda; "" if not known */
	const char *pool, *image;      /* names, where the VM's command line tells which image the device is; "" if not known */
	uint8_t op;                    /* enum fl_io_op; FL_IO_OPS: not known */
	uint64_t offset, length;       /* 0: not known */
	int32_t result;                /* -108; the guest's kernel knows no better than -5 */
	const char *image_id;          /* "" if not known */
	uint64_t gid;                  /* of the client; 0: not known */
	const char *address;           /* of the client; "" if not known */
	const char *text;              /* the line's own words */
};

struct blocklist_entry {
	const char *target; /* address or CIDR */
	bool range;
	bool lifted;        /* it is taken off the list; every one, if target is "" */
	int64_t expires_ns; /* 0: not known */
};

struct lock_logged {
	enum lock_words {
		LOCK_LISTED,
		LOCK_SEEN_BY_BREAKER,
		LOCK_BREAKER_BLOCKLISTS,
		LOCK_BREAKER_REFUSED, /* the monitors refused its fence */
	} what;
	uint64_t gid;    /* the owner's; 0: not known */
	uint64_t by_gid; /* the breaker's; 0: not known */
	uint64_t cookie;
	const char *address; /* the owner's; "" if not known */
	int32_t result;      /* of a fence that was refused: -22, -13; 0: not known */
	const char *device;  /* rbd1, where the kernel's client says so; "" else */
};

/* A snapshot call, from the log of the client that made it. The log tells when it began, not when it ended. */
struct snapshot_logged {
	const char *op; /* create, remove, rename, protect, unprotect, rollback */
	const char *snap;
};

struct osd_latency {
	const char *osd;
	uint64_t commit_ms, apply_ms;
};

struct watch_timeout_logged {
	uint32_t seconds;
};

struct cluster_paused {
	enum pause_words {
		PAUSE_BEGAN, /* it is paused now */
		PAUSE_ENDED, /* it was until now */
		PAUSE_NONE,  /* it is not, whatever was before */
	} what;
};

/* One event for the start, then one for each RBD drive of it. */
struct vm_logged {
	enum vm_words { VM_STARTED, VM_DRIVE, VM_ENDED } what;
	const char *name, *uuid;                     /* "" if not known */
	const char *host;                            /* "" if not known */
	const char *device;                          /* of a drive: drive-virtio-disk0, libvirt-1-format */
	const char *pool, *namespace, *image, *user; /* of a drive; user without "client."; "" if not told */
};

struct lost_events {
	uint64_t count;
	int64_t begin_ns, end_ns;
};

#define SOURCE_CLUSTER 40 /* an fsid, with its end */

/* Where an event came from: one input file or trace folder. Owned by the ingest, lives as long as it. */
struct source {
	const char *path;         /* as given on the command line */
	const char *kind;         /* "ctf", "ceph-audit" ... */
	const char *host;         /* "" if not known */
	int64_t begin_ns, end_ns; /* of its events so far; 0 before the first */
	const char *tz;           /* time zone of its stamps, such as "UTC", "+08:00" */
	const char *tz_from;      /* "log", "option", "assumed" */
	char cluster[SOURCE_CLUSTER]; /* of a log: its cluster's fsid; "" if not known (cluster.h) */
	uint64_t lost_events;
	uint64_t events;
};

struct event {
	int64_t ts_ns; /* 0: it has no time (a line without a stamp, the output of a command); such come first */
	enum fact fact;
	const struct source *source;
	uint64_t line;  /* line number in a log, from 1; 0 for traces */
	uint32_t owner; /* of a trace: whose processes wrote it, 1 + the uid; 0: not known (owner.h) */
	union {
		struct fl_head head; /* begins every trace payload */
#define TRACE_PAYLOAD(event, level, when) struct fl_##event event;
		union {
			FL_EVENTS(TRACE_PAYLOAD)
		} trace;
#undef TRACE_PAYLOAD
		struct audit_blocklist audit;
		struct lost_events lost;
		struct slow_request slow;
		struct snaps_logged snaps;
		struct watch_logged watch;
		struct io_failure failure;
		struct blocklist_entry entry;
		struct lock_logged lock;
		struct snapshot_logged snapshot;
		struct osd_latency latency;
		struct watch_timeout_logged timeout;
		struct cluster_paused paused;
		struct vm_logged vm;
	};
};

static inline bool fact_is_trace(enum fact fact)
{
	return (int)fact < (int)FL_EV_COUNT;
}

#endif
