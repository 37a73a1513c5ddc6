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

enum audit_phase { AUDIT_DISPATCH, AUDIT_FINISHED, AUDIT_DENIED };
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
};
enum io_layer { LAYER_QEMU, LAYER_GUEST, LAYER_CLIENT, LAYER_OSD, LAYER_HOST /* its kernel's own client, krbd */ };
enum lock_words {
	LOCK_LISTED,
	LOCK_SEEN_BY_BREAKER,
	LOCK_BREAKER_BLOCKLISTS,
	LOCK_BREAKER_REFUSED, /* the monitors refused its fence */
};
enum pause_words {
	PAUSE_BEGAN, /* it is paused now */
	PAUSE_ENDED, /* it was until now */
	PAUSE_NONE,  /* it is not, whatever was before */
};
enum vm_words { VM_STARTED, VM_DRIVE, VM_ENDED };

/*
 * What only logs tell: the fields of each payload, F(type, name). The struct, and the rows of fact_fields.c by which events are
 * copied, written and read, are made from these lists. The types are those of FL_EVENTS, and BOOL and ENUM(name).
 */
/* clang-format off */
/* A blocklist command in the audit log (also in the cluster log and the monitor's own). */
#define FIELDS_audit_blocklist(F) \
	F(STR, op)           /* add, rm, clear */ \
	F(BOOL, range)       /* target is a CIDR */ \
	F(STR, target)       /* the address or CIDR as written */ \
	F(I64, expire_s)     /* -1: none named */ \
	F(STR, from_address) /* as written, may be "" or "-" */ \
	F(U64, from_gid)     /* 0: not known (client.?) */ \
	F(STR, entity)       /* client.cinder */ \
	F(ENUM(audit_phase), phase) \
	F(STR, result_text)  /* after the phase, "" mostly */

#define FIELDS_lost_events(F) \
	F(U64, count) \
	F(I64, begin_ns) \
	F(I64, end_ns)

#define FIELDS_slow_request(F) \
	F(STR, osd)        /* "osd.3"; "" if not known (the monitors' summary) */ \
	F(U64, count)      /* how many; 0: the line tells of one request */ \
	F(I64, blocked_ns) /* the oldest's, or its own, age; 0: not known */ \
	F(U64, gid)        /* whose request; 0: not known */ \
	F(U64, cookie)     /* of the watch, if the request is a watch operation; else 0 */ \
	F(STR, object)     /* such as rbd_header.ID; "" if not known */ \
	F(STR, text)       /* the line's own words */

#define FIELDS_snaps_logged(F) \
	F(STR, osd)       /* "osd.3", "" if not known */ \
	F(STR, pg)        /* "1.4" */ \
	F(U64, pool)      /* the pool's number, from the PG; UINT64_MAX: not known */ \
	F(STR, intervals) /* text as Ceph writes it, "[1~3,8~1]", hexadecimal; "" if not told */ \
	F(STR, removed)   /* what was new in it, the same way; "" if not told */

/* Which of the two names (gid, cookie) is known depends on the line; a cookie is unique enough to join them. A client's log may
 * tell of one ping twice, by the objecter (linger) and by the messenger (cookie). */
#define FIELDS_watch_logged(F) \
	F(ENUM(watch_words), what) \
	F(U64, cookie)    /* 0: not known */ \
	F(U64, gid)       /* 0: not known */ \
	F(STR, address)   /* of the client; "" if not known */ \
	F(STR, object)    /* rbd_header.ID; "" if not known */ \
	F(STR, osd)       /* the OSD's address or name ("osd.3"); "" if not known */ \
	F(U32, timeout_s) /* 0: not known */ \
	F(U64, linger)    /* the client's own number of the watch, all that some of its lines name; 0: not known */ \
	F(I32, result)

#define FIELDS_io_failure(F) \
	F(ENUM(io_layer), layer) /* who says so */ \
	F(BOOL, io)              /* the line stands for one I/O; else it only says that the client is refused */ \
	F(STR, vm_name)          /* from the log's path or the command line in it; "" if not known */ \
	F(STR, vm_uuid)          /* the same */ \
	F(STR, device)           /* drive-virtio-disk0, vda; "" if not known */ \
	F(STR, pool)             /* names, where the VM's command line tells which image the device is; "" if not known */ \
	F(STR, image) \
	F(U8, op)                /* enum fl_io_op; FL_IO_OPS: not known */ \
	F(U64, offset)           /* 0: not known */ \
	F(U64, length) \
	F(I32, result)           /* -108; the guest's kernel knows no better than -5 */ \
	F(STR, image_id)         /* "" if not known */ \
	F(U64, gid)              /* of the client; 0: not known */ \
	F(STR, address)          /* of the client; "" if not known */ \
	F(STR, text)             /* the line's own words */

#define FIELDS_blocklist_entry(F) \
	F(STR, target)     /* address or CIDR */ \
	F(BOOL, range) \
	F(BOOL, lifted)    /* it is taken off the list; every one, if target is "" */ \
	F(I64, expires_ns) /* 0: not known */

#define FIELDS_lock_logged(F) \
	F(ENUM(lock_words), what) \
	F(U64, gid)     /* the owner's; 0: not known */ \
	F(U64, by_gid)  /* the breaker's; 0: not known */ \
	F(U64, cookie) \
	F(STR, address) /* the owner's; "" if not known */ \
	F(I32, result)  /* of a fence that was refused: -22, -13; 0: not known */ \
	F(STR, device)  /* rbd1, where the kernel's client says so; "" else */

/* A snapshot call, from the log of the client that made it. The log tells when it began, not when it ended. */
#define FIELDS_snapshot_logged(F) \
	F(STR, op) /* create, remove, rename, protect, unprotect, rollback */ \
	F(STR, snap)

#define FIELDS_osd_latency(F) \
	F(STR, osd) \
	F(U64, commit_ms) \
	F(U64, apply_ms)

#define FIELDS_watch_timeout_logged(F) F(U32, seconds)
#define FIELDS_cluster_paused(F)       F(ENUM(pause_words), what)

/* One event for the start, then one for each RBD drive of it. */
#define FIELDS_vm_logged(F) \
	F(ENUM(vm_words), what) \
	F(STR, name)   /* "" if not known, as the others */ \
	F(STR, uuid) \
	F(STR, host) \
	F(STR, device) /* of a drive: drive-virtio-disk0, libvirt-1-format */ \
	F(STR, pool)   /* of a drive, and what follows */ \
	F(STR, namespace) \
	F(STR, image) \
	F(STR, user)   /* without "client." */

/* P(payload, its member of struct event) */
#define LOGGED_PAYLOADS(P) \
	P(audit_blocklist, audit) \
	P(lost_events, lost) \
	P(slow_request, slow) \
	P(snaps_logged, snaps) \
	P(watch_logged, watch) \
	P(io_failure, failure) \
	P(blocklist_entry, entry) \
	P(lock_logged, lock) \
	P(snapshot_logged, snapshot) \
	P(osd_latency, latency) \
	P(watch_timeout_logged, timeout) \
	P(cluster_paused, paused) \
	P(vm_logged, vm)

/* L(fact, its payload) */
#define LOGGED_FACTS(L) \
	L(audit_blocklist, audit_blocklist)     /* a monitor's audit line */ \
	L(lost_events, lost_events)             /* the tracer discarded events */ \
	L(slow_request, slow_request)           /* an OSD or a monitor complains of slow requests */ \
	L(snaptrim, snaps_logged)               /* an OSD begins to trim removed snapshots */ \
	L(removed_snaps, snaps_logged)          /* an OSD took over a set of removed snapshots */ \
	L(watch_logged, watch_logged)           /* what a log or a list of watchers says of one watch */ \
	L(io_failure, io_failure)               /* I/O that failed, as QEMU, the guest, librbd or the OSD tell it */ \
	L(blocklist_entry, blocklist_entry)     /* `osd blocklist ls`, `osd dump` */ \
	L(lock_logged, lock_logged)             /* an image's lock, as `rbd lock ls` or a lock breaker's log tell it */ \
	L(snapshot_logged, snapshot_logged)     /* a snapshot call in the log of the client that makes it */ \
	L(osd_latency, osd_latency)             /* `osd perf` */ \
	L(watch_timeout, watch_timeout_logged)  /* osd_client_watch_timeout, where a log or a configuration dump holds it */ \
	L(cluster_paused, cluster_paused)       /* clients send no watch pings while the cluster is paused */ \
	L(vm_logged, vm_logged)                 /* a VM's start, drives and end, as libvirt's or QEMU's log tell them */

#define LOGGED_BOOL       bool
#define LOGGED_U8         uint8_t
#define LOGGED_U32        uint32_t
#define LOGGED_I32        int32_t
#define LOGGED_U64        uint64_t
#define LOGGED_I64        int64_t
#define LOGGED_STR        const char *
#define LOGGED_ENUM(name) enum name
#define LOGGED_MEMBER(type, name) LOGGED_##type name;
#define LOGGED_STRUCT(payload, member) struct payload { FIELDS_##payload(LOGGED_MEMBER) };
LOGGED_PAYLOADS(LOGGED_STRUCT)
/* clang-format on */

/* What kind of fact. The first part are the trace's own events, FACT_<event> with payload `.trace.<event>`. */
#define FACT_OF_EVENT(event, level, when) FACT_##event,
#define FACT_OF_LOG(fact, payload)        FACT_##fact,
enum fact { FL_EVENTS(FACT_OF_EVENT) LOGGED_FACTS(FACT_OF_LOG) FACT_COUNT };
#undef FACT_OF_EVENT
#undef FACT_OF_LOG

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
#define LOGGED_UNION(payload, member) struct payload member;
		LOGGED_PAYLOADS(LOGGED_UNION)
#undef LOGGED_UNION
	};
};

static inline bool fact_is_trace(enum fact fact)
{
	return (int)fact < (int)FL_EV_COUNT;
}

#endif
