/* SPDX-License-Identifier: MIT */
/* What the model holds: who, and what they did. Owned by the model, until model_free. */
#ifndef FENCELINE_MODEL_RECORDS_H
#define FENCELINE_MODEL_RECORDS_H

#include "ingest/event.h"
#include "model/address.h"

/* ---- timeline entries: what `fenceline timeline` shows, kinds as in the JSON schema fenceline/timeline/1 ---- */

#define TIMELINE_KINDS(K) \
	K(IMAGE_OPEN, "image-open") K(IMAGE_CLOSE, "image-close") K(WATCH_REGISTERED, "watch-registered") \
	K(WATCH_UNREGISTERED, "watch-unregistered") K(WATCH_ERROR, "watch-error") K(WATCH_EXPIRED, "watch-expired") \
	K(PING_ACK, "ping-ack") K(PING_LATE, "ping-late") K(PING_LOST, "ping-lost") K(PROCESS_STALLED, "process-stalled") \
	K(NOTIFY, "notify") K(LOCK_ACQUIRED, "lock-acquired") K(LOCK_LOST, "lock-lost") K(LOCK_CHECKED, "lock-checked") \
	K(LOCK_BROKEN, "lock-broken") K(SNAPSHOT_BEGIN, "snapshot-begin") K(SNAPSHOT_END, "snapshot-end") \
	K(BLOCKLIST_ADD, "blocklist-add") K(BLOCKLIST_RM, "blocklist-rm") K(IO_SLOW, "io-slow") K(IO_ERROR, "io-error") \
	K(IO_ESHUTDOWN, "io-eshutdown") K(IO_SUMMARY, "io-summary") K(IO, "io") K(SLOW_REQUEST, "slow-request") \
	K(SNAPTRIM, "snaptrim") K(REMOVED_SNAPS, "removed-snaps") K(GUEST_ERROR, "guest-error") K(STATE, "state") \
	K(WINDOW_BEGIN, "window-begin") K(WINDOW_END, "window-end") K(RECORDING_GAP, "recording-gap")
#define TIMELINE_KIND_NUMBER(name, text) TL_##name,
enum timeline_kind { TIMELINE_KINDS(TIMELINE_KIND_NUMBER) TL_KINDS };
#undef TIMELINE_KIND_NUMBER
const char *timeline_kind_name(enum timeline_kind kind);

/* How a ping is known, the worse witness first: the OSD's log holds when it processed it, the sampler when the last acknowledged one was
 * sent, the client's log and the wire each one with its answer. */
#define LAYERS (LAYER_HOST + 1) /* enum io_layer */
enum ping_seen { PING_OSD_LOG, PING_SAMPLED, PING_CLIENT_LOG, PING_WIRE };
const char *ping_seen_name(enum ping_seen seen); /* "log", "sampled", "wire" */

struct io_second { /* an image's I/O since the one before, mostly a second */
	uint32_t reads, writes, discards, flushes, errors, inflight;
	uint64_t read_bytes, write_bytes, max_latency_ns, span_ns;
	uint32_t latency[FL_LATENCY_BUCKETS];
};

/* What tells of a watch: the client's call or callback, its request to register, its reconnect, or a log, the OSD's or the client's. */
enum watch_by { WATCH_BY_CALLBACK, WATCH_BY_REGISTERING, WATCH_BY_RECONNECT, WATCH_BY_LOG };
enum state_said { STATE_COUNTS, STATE_NOT_UNDERSTOOD, STATE_CLAIMED_TWICE, STATE_LISTED };

/* What a line of a timeline is about; render/entry_words.c makes its sentence. The strings are owned and hold raw names, to be escaped by
 * the renderer; entries.c knows which kind has which. The records pointed at are the model's: entries that do are made at its end. */
struct timeline_entry {
	int64_t ts_ns; /* 0: what tells of it has no time */
	enum timeline_kind kind;
	const struct source *source;
	union {
		struct { const char *snap, *device, *user; /* device: as which drive a VM's log names it; NULL: the client opened it */ int32_t result; bool read_only; } open; /* IMAGE_OPEN */
		struct { int32_t result; bool unknown; /* how it went */ bool vm_ended; /* its log says so; else the client closed it */ } close; /* IMAGE_CLOSE */
		struct { uint8_t op; uint64_t offset, length; int64_t result; uint64_t latency_ns; } io; /* IO, IO_* but SUMMARY */
		struct { int64_t sent_ns; int64_t rtt_ns; /* -1: never answered */ const char *osd; /* NULL: not known */ uint64_t cookie; int32_t result; enum ping_seen seen; } ping;
		struct { const char *oid, *osd; uint64_t cookie; int32_t result; enum watch_by by; const char *found; /* WATCH_EXPIRED: correlate/'s words, borrowed; NULL: the OSD logged it */ } watch;
		struct { int64_t begin_ns, gap_ns; const char *why; /* RECORDING_GAP */ } stall; /* PROCESS_STALLED, RECORDING_GAP */
		struct { const char *why; int64_t lasted_ns; bool full; } window; /* WINDOW_* */
		struct { uint64_t cookie, notifier_gid; int32_t op; bool own; } notify;
		struct { const struct snapshot_call *call; const struct client *by; /* NULL: not known */ } snapshot;
		const struct blocklist_action *blocklist;
		const struct io_second *summary; /* owned */
		struct { const char *method; const struct process *by; const char *by_entity; /* NULL: the image's own client did it */ int32_t result; uint64_t latency_ns; } lock;
		const struct snaps_change *snaps; /* SNAPTRIM, REMOVED_SNAPS */
		const struct slow_run *slow; /* SLOW_REQUEST */
		struct { const char *device, *text; uint64_t offset, length; int32_t result; uint8_t op, layer; /* enum io_layer */ } guest; /* GUEST_ERROR */
		struct {
			enum state_said said;
			uint32_t inflight;
			union {
				struct { uint64_t ios, errors; };
				struct { uint32_t owner, other; }; /* uids */
				const char *not_understood;
				const struct fence_listed *listed;
			};
		} state;
	};
};

/* ---- who ---- */

struct vm_change { /* the VM was started, or ended */
	int64_t ts_ns;
	bool ended;
	char *host; /* where, by what the same log said as it was started; "": not told */
	const struct source *source;
	struct vm_change *next;
};

struct process { /* one process under the shim; or a VM that only a log names */
	char *host;      /* "" if not known */
	uint32_t pid;    /* 0: only a log tells of it */
	char *name;      /* base name of argv[0]; "" until known */
	char *vm_name;   /* NULL: no VM, or not known */
	char *vm_uuid;
	int64_t last_ns; /* the last event of any of its clients; 0: only a log tells of it */
	uint32_t owner;  /* 1 + the uid of whose processes wrote its events; 0: not known */
	char *not_understood; /* what its shim does not record, as in "release 21.1.0"; NULL: nothing that it told of */
	/* The host's wall clock, by which pings are dated, was set while its trace's own went on: since when they differ (twice in a
	 * row at least), and by how much the trace is ahead; ts_ns 0: they do not. */
	struct { int64_t ts_ns, ahead_ns; const struct source *source; bool once, agreed; } clock_set;
	struct vm_change *changes; /* by the VM's own log, it is started and ends many times; the last told first; NULL: none told */
	struct process *next;
};

struct hole { int64_t begin_ns, end_ns; }; /* from the last event before it to the first after it */
#define HOLES 64

struct client { /* one librados client: global id and address */
	struct process *process; /* NULL if only logs tell of it */
	uint64_t global_id;      /* 0: not known */
	struct address address;  /* family 0: not known */
	char *address_text;      /* "ip:port/nonce", normalised; "" until known */
	char *entity;            /* "client.cinder"; "" if not known */
	char *fsid;              /* "" if not known */
	int64_t first_ns, last_ns; /* events of its own, first and last */
	const struct source *first_source; /* NULL: only logs tell of it */
	struct hole *holes; size_t hole_count; /* where it left no event of its own for longer than UNHEARD_NS: the last HOLES, oldest first; array owned */
	int64_t osd_fenced_ns; const struct source *osd_fenced_source; /* an OSD's own log: it drops this client's watches, for it is blocklisted; 0: not seen */
	int64_t connected_ns;      /* 0: not seen, as where the recording began later */
	int64_t shutdown_ns;     /* rados_shutdown began; 0: not seen */
	struct image *images;    /* list, in order of appearance; may hold one with no name for what belongs to no image */
	struct client *next;
};

/* I/O of one image that failed with -108 while no further blocklist command came: a client may be fenced, released and
 * fenced again, and each fence has its own failures. */
struct eshutdown_run {
	int64_t begin_ns, end_ns;
	uint64_t ios, bytes;       /* each I/O once */
	uint8_t op; uint64_t offset, length; const struct source *source; /* of the first one */
	const struct blocklist_action *after; /* the command that came last before its newest; NULL: none */
	struct eshutdown_run *next;
};

struct image { /* one open image of one client */
	struct client *client;
	uint32_t serial;         /* of the trace; 0: the client's entries that belong to no image */
	char *pool, *nspace, *name, *id; /* "" until known */
	int64_t open_ns, close_ns; /* 0: not seen */
	struct watch *watches;   /* list, oldest first */
	struct timeline_entry *entries; /* array in order of time, if the model keeps entries */
	size_t entry_count, entry_capacity;
	uint64_t failed_ios, failed_bytes;    /* -108 only, each I/O once */
	/* The same since it was opened, by the shim's own count (`state`), which is there even if the events are not. */
	struct { uint64_t ios; int64_t ts_ns; const struct source *source; } counted_failures;
	struct { int64_t ts_ns; uint8_t op; uint64_t offset, length; const struct source *source; } first_eshutdown, last_eshutdown; /* ts_ns 0: none */
	struct eshutdown_run *eshutdown_runs; /* the same by blocklist command, oldest first */
	/* Since when nothing was completed while I/O was waiting, and how much waits; since_ns 0: the last second saw some done. */
	struct { int64_t since_ns, until_ns; uint32_t ios; const struct source *source; } waiting;
	struct image *next;
};

struct ping { /* one watch ping */
	int64_t sent_ns;
	int64_t wall_ns;   /* the same as the shim told it; 0: a log tells of it, or the sampler */
	int64_t reply_ns;  /* 0: never answered */
	int32_t result;    /* of the reply */
	enum ping_seen seen; /* PING_SAMPLED: sent_ns is computed from the tick for one that was never answered. PING_OSD_LOG: sent_ns
	                    * and reply_ns are when the OSD processed it */
	char osd[64];      /* ip:port, "" if not known */
	const struct source *source;
};

#define OVERDUES 8

struct watch { /* one registration: librbd registers again with another cookie */
	struct image *image;
	uint64_t cookie;
	char *oid;
	uint32_t timeout_s;        /* 0: not known */
	int64_t registered_ns, unregistered_ns, error_ns; /* 0: not seen */
	int64_t registered_latency_ns; /* how long registering took, as the client saw it */
	const struct source *registered_source; /* the trace that tells of these; NULL: a log */
	int32_t error;             /* of handle_error */
	const struct source *error_source;
	/* The last pings, oldest first, at most WATCH_PINGS; older ones are kept for the timeline alone, if the model keeps entries. */
	struct ping *pings, *past_pings;
	size_t ping_count, past_count;
	enum ping_seen seen;       /* the best witness of its pings so far: what worse ones tell is only the cross-check, not in pings */
	int64_t expired_ns;        /* the OSD's own log: HandleWatchTimeout; 0: not seen */
	const struct source *expired_source;
	bool dropped_fenced;       /* the OSD's own log: it dropped it since the client is blocklisted */
	int64_t disconnected_ns;   /* the OSD's own log: the client's session was gone, and did not come back; 0: not seen */
	const struct source *disconnected_source;
	bool timeout_logged;       /* timeout_s is from a log or a list of watchers */
	int64_t last_ack_sent_ns;  /* send time of the last acknowledged ping (result 0), wire or sampled */
	int64_t last_ack_ns;       /* when that answer came, or was sampled */
	const struct source *last_ack_source;
	bool last_ack_sampled;     /* or from a log: the wire's is exact */
	char osd[64];              /* where the pings went last */
	/* Ages of the last acknowledged ping past tick + slack, as librados itself tells them (watch_check, state): one for each ping that was
	 * acknowledged last, the last OVERDUES of them, oldest first. */
	struct overdue {
		int64_t acked_ns, first_ns, last_ns;
		int64_t sure_ns; /* from here on it can be no registration that took long; 0: it may be */
		const struct source *source;
	} overdues[OVERDUES];
	size_t overdue_count;
	/* When the OSD processed pings of it, by its own log, oldest first, the last OSD_PINGS; kept beside better witnesses. Owned. */
	int64_t *osd_pings; size_t osd_ping_count;
	int64_t osd_registered_ns; /* when it registered the watch; 0: not in its log */
	const struct source *osd_source;
	struct watch *next;
};
#define WATCH_PINGS 256
#define OSD_PINGS 64

/* ---- what the others did ---- */

struct stack_entry { char *module; uint64_t offset; char *build_id; char *symbol; };

struct blocklist_action { /* one blocklist command; its trace event, audit lines and result merged */
	int64_t ts_ns;                /* the call in the trace, else audit dispatch, else audit finished */
	int64_t trace_ns, dispatch_ns, finished_ns; /* 0: not seen */
	char *op;                     /* add, rm, clear */
	bool range;
	char *target;                 /* as written */
	struct address address;       /* of target; for a range unused */
	int64_t expire_s;             /* -1: none named */
	enum fl_blocklist_entry entry; /* FL_ENTRY_UNKNOWN if no trace saw the call */
	char *call;                   /* wrapped call; "" if none */
	char *entity;                 /* "" if not known */
	const char *entity_from;      /* "trace", "audit", "" */
	struct address by;            /* the sender's address */
	char *by_address;
	uint64_t by_gid;
	struct process *process;      /* the sender, NULL if no trace saw it */
	uint64_t action;
	bool has_result; int32_t result;
	struct stack_entry *stack; size_t frames;
	const struct source *trace_source, *audit_source;
	const char *log_fsid;          /* of the cluster whose clients the audit log's commands name; "" if not known */
	struct blocklist_action *next; /* in order of ts_ns */
};

struct watcher_seen { struct address address; char *address_text; uint64_t gid, cookie; uint32_t timeout_s; };

struct watchers_listing { /* what list_watchers showed to a lock breaker (or anybody) */
	int64_t ts_ns;
	struct process *process; uint64_t gid; /* who asked */
	uint64_t list;
	char *oid;
	int32_t result;
	size_t expected;           /* how many there were; fewer in the list: some of its events are missing */
	struct watcher_seen *watchers; size_t count;
	const struct source *source;
	struct watchers_listing *next;
};

struct header_op { /* lock.* and rbd.snapshot_* on an image header, by anybody */
	int64_t ts_ns; uint64_t latency_ns;
	struct process *process; uint64_t gid;
	char *oid, *pool, *nspace, *method; int32_t result;
	const struct source *source;
	struct header_op *next;
};

struct snapshot_call { /* one snapshot call of librbd's API */
	int64_t begin_ns, end_ns;  /* end 0: no end seen */
	struct process *process; uint64_t gid; uint64_t action;
	char *op, *snap, *pool, *nspace, *image_name, *image_id;
	int32_t result;
	const struct source *source;
	struct snapshot_call *next;
};

struct recorded_window { /* a snapshot window, as `record window` or the record daemon opened it */
	int64_t begin_ns, end_ns;  /* end 0: not seen to end */
	struct process *process; uint64_t serial;
	char *why;                 /* "" if the beginning is not recorded */
	const struct source *source;
	struct recorded_window *next;
};

struct lock_break_call {
	int64_t begin_ns, end_ns;
	struct process *process; uint64_t gid; uint64_t action;
	char *call, *locker, *cookie; int32_t result; /* cookie "" for a call that names none */
	const struct source *source;
	struct lock_break_call *next;
};

struct snaps_change { /* an OSD took over newly removed snapshots, or trims them; what its placement groups say of one is merged */
	int64_t ts_ns, last_ns;    /* the first line and the last one that say so */
	bool trim;
	char *osd;                 /* "osd.3", "" if not known */
	uint64_t pool;             /* UINT64_MAX: the log does not tell */
	uint64_t intervals;        /* of the whole set (trim: of the queue) afterwards; 0: not told */
	uint64_t removed;          /* ids that were new in it; 0: not told */
	uint64_t first_removed;    /* the first of them; 0: not told */
	const struct source *source;
	struct snaps_change *next; /* in order of ts_ns */
};

/* ---- what only logs tell ---- */

/* I/O that failed, as QEMU, the guest's kernel, librbd or an OSD say it: a run of like lines of one input, between two blocklist
 * commands. */
struct failure_run {
	int64_t begin_ns, end_ns;  /* 0: the lines have no time */
	enum io_layer layer;
	int32_t result;
	uint64_t ios, bytes;       /* of the lines that stand for one I/O each */
	uint64_t lines;
	uint8_t op; uint64_t offset, length; /* of the first; op FL_IO_OPS: not known */
	char *image_id, *device, *text;  /* the first line's words; owned */
	struct address address;    /* of the client; family 0: not told */
	struct client *client;     /* who it happened to, by address, image or VM; after model_finish; NULL: not known */
	struct client *holder;     /* stands for whoever it was, if no name told at once; NULL: client was named */
	struct process *process;   /* the VM, if a name is known; one with a pid if a trace shows it */
	const struct source *source;
	const struct blocklist_action *after; /* the command that came last before its newest; NULL: none */
	struct failure_run *next;
};

/* An OSD, or a monitor, complains of slow requests: lines of one OSD about one client with no long pause between them. */
struct slow_run {
	int64_t ts_ns, last_ns;
	char *osd;                 /* "osd.3"; "" if not known */
	uint64_t gid, cookie;      /* whose, and of which watch; 0: not told */
	char *object, *text;       /* text: the first line's words; owned */
	uint64_t most;             /* the highest number of requests that a line tells of; 0: each tells of one */
	uint64_t lines;
	int64_t blocked_ns;        /* the longest; 0: not told */
	struct client *client;     /* whose, if known; after model_finish */
	const struct source *source;
	struct slow_run *next;
};

struct fence_listed { /* an entry of `osd blocklist ls` or `osd dump` */
	int64_t ts_ns;             /* when it was listed; 0: not known */
	char *target; bool range;
	struct address address;    /* of target; for a range unused */
	int64_t expires_ns;        /* 0: not known */
	bool lifted;               /* the same input shows that it was taken off */
	bool of_daemon;            /* a manager's or metadata server's, or a client's of one; after model_finish */
	const struct source *source;
	struct fence_listed *next;
};

struct breaker_logged { /* the lock breaker's own log: it is about to blocklist the lock's owner */
	int64_t ts_ns;
	uint64_t gid, by_gid;      /* the owner's and its own; 0: not told */
	int32_t result;            /* < 0: the monitors refused it */
	struct address address;    /* the owner's; family 0: not told */
	const struct source *source;
	struct breaker_logged *next;
};

struct osd_perf { char *osd; uint64_t commit_ms, apply_ms; const struct source *source; struct osd_perf *next; };

struct clock_offset { /* added to what this clock's sources tell */
	char *host;                /* a host; for a log that names none, its path */
	int64_t offset_ns;
	const char *from;          /* "estimated", "option" */
	size_t samples;            /* events that both saw; 0 for an option */
	const struct source *by;   /* one source of the events compared with; NULL for an option */
	struct clock_offset *next; /* by name */
};

struct stall { /* the sampler of a process did not run */
	int64_t begin_ns, gap_ns;
	struct process *process;   /* where `named` is false: the newest of that host and pid, which containers may share */
	bool named;                /* the event names a client of it */
	const struct source *source;
	struct stall *next;
};

struct timeout_told { /* osd_client_watch_timeout, as a log or a dump of the configuration has it */
	int64_t ts_ns;             /* when it was set; 0: not known, a dump tells no time */
	uint32_t seconds;
	const struct source *source;
	struct timeout_told *next; /* those without a time first */
};

struct pause { /* of the whole cluster: a client sends no watch pings meanwhile */
	int64_t begin_ns, end_ns;  /* 0: not known */
	const struct source *source;
	struct pause *next;
};

struct discarded { int64_t begin_ns, end_ns; uint64_t count; const struct source *source; struct discarded *next; }; /* by the tracer */

struct lock_listed { /* who holds an image's lock, by `rbd lock ls` */
	int64_t ts_ns; uint64_t gid, cookie;
	struct address address;
	const struct source *source;
	struct lock_listed *next;
};

struct model {
	struct process *processes;
	struct client *clients;          /* every client known by any route, in order of appearance */
	struct blocklist_action *blocklists;
	struct watchers_listing *listings;
	struct header_op *header_ops;
	struct snapshot_call *snapshots;
	struct recorded_window *windows;
	struct lock_break_call *lock_breaks;
	struct stall *stalls;
	struct discarded *discards;
	struct lock_listed *locks_listed;
	struct snaps_change *snaps_changes;
	struct failure_run *failures;
	struct slow_run *slow_runs;
	struct fence_listed *fences_listed;
	struct breaker_logged *breakers;
	struct osd_perf *osd_perfs;      /* the slowest first */
	struct clock_offset *clocks;     /* offsets that were applied; final after model_finish */
	struct timeout_told *timeouts;   /* in order of time */
	uint32_t watch_timeout_s;        /* of any watch that an OSD's log tells of; 0: none */
	struct pause *pauses;            /* in order of time */
	struct client *cluster;          /* what OSDs say of pools, of no one client: its one image holds the entries; not in `clients`; NULL: nothing */
	uint64_t orphans;                /* begun and never ended, or ended and never begun; final after model_finish */
	uint64_t lost_events;
	int64_t first_ns, last_ns;
	struct model_private *private;
};

struct model_options {
	bool keep_entries;  /* keep timeline entries (timeline); incidents does without: memory is then O(VMs + incidents) */
	bool keep_io;       /* keep one entry for each io event, too */
};

#endif
