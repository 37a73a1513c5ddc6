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

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* What kind of fact. The first part are the trace's own events, FACT_<event> with payload `.trace.<event>`;
 * the second part is what only logs tell. */
#define FACT_OF_EVENT(event, level, when) FACT_##event,
enum fact {
	FL_EVENTS(FACT_OF_EVENT)
	FACT_audit_blocklist,  /* a monitor's audit line: payload .audit */
	FACT_lost_events,      /* the tracer discarded events: payload .lost */
	FACT_COUNT
};
#undef FACT_OF_EVENT

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
	const char *result_text;  /* after the phase, "" mostly */
};

struct lost_events {
	uint64_t count;
	int64_t begin_ns, end_ns;
};

/* Where an event came from: one input file or trace folder. Owned by the ingest, lives as long as it. */
struct source {
	const char *path;      /* as given on the command line */
	const char *kind;      /* "ctf", "ceph-audit" ... */
	const char *host;      /* "" if not known */
	int64_t begin_ns, end_ns; /* of its events so far; 0 before the first */
	const char *tz;        /* time zone of its stamps, such as "UTC", "+08:00" */
	const char *tz_from;   /* "log", "option", "assumed" */
	uint64_t lost_events;
	uint64_t events;
};

struct event {
	int64_t ts_ns;
	enum fact fact;
	const struct source *source;
	uint64_t line; /* line number in a log, from 1; 0 for traces */
	union {
		struct fl_head head; /* begins every trace payload */
#define TRACE_PAYLOAD(event, level, when) struct fl_##event event;
		union { FL_EVENTS(TRACE_PAYLOAD) } trace;
#undef TRACE_PAYLOAD
		struct audit_blocklist audit;
		struct lost_events lost;
	};
};

static inline bool fact_is_trace(enum fact fact) { return (int)fact < (int)FL_EV_COUNT; }

#endif
