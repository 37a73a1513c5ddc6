/* SPDX-License-Identifier: MIT */
/*
 * Inside model/. Public records are the first member of their private ones, so that a pointer to one is a pointer to the
 * other. Out of memory is noted once in the model (`no_memory`); functions then return NULL or do nothing.
 */
#ifndef FENCELINE_MODEL_PRIVATE_H
#define FENCELINE_MODEL_PRIVATE_H

#include "model/model.h"
#include "model/times.h"

#include <inttypes.h>

#define CLIENT_BUCKETS 4096

struct process_record {
	struct process public;
	char *key_host;  /* of the source that tells of it; the public one may be filled in later; owned */
	int64_t last_ns; /* of all its clients' events */
	bool claim_told; /* that another user's process has its name, too */
};

struct client_record {
	struct client public;
	struct client_record *bucket_next; /* clients whose (host, pid, global id) fall together */
	uint32_t pid;
	const char *key_host; /* its process's when it was made, borrowed */
	struct client_record *gid_next; /* clients whose global id falls together */
	const struct source *log;       /* set: known by nothing but this log (a holder of what it tells) */
	bool failed;                    /* a log tells of its failed I/O */
	bool joined;                    /* has become part of another record; goes at the end of logged_join */
};

struct watch_record {
	struct watch public;
	size_t ping_capacity;
	int64_t sampled_ack_ns; /* send time of the last acknowledged ping as the sampler last saw it; 0: never */
	int64_t first_look_ns;  /* when its age was first told */
	int64_t missed_ns;      /* the last tick that the sampler showed as missed */
	/* What logs say; 0: nothing. Counts where no trace says it better, at the end. */
	struct {
		int64_t registered_ns, removed_ns, error_ns;
		int32_t error;
		uint64_t linger; /* the client's own number of the watch */
		const struct source *osd_source, *client_source;
	} logged;
};

/* Calls that have begun and not ended. */
struct open_calls {
	void **calls;
	size_t count, capacity;
};

/* Clocks of one group were seen to agree, or have been made to. */
struct tied_clock { char *name; size_t group; struct tied_clock *next; };
struct log_clock { struct log_clock *next; char name[]; }; /* the path of a log that is there in pieces */

struct model_private {
	struct model_options options;
	bool no_memory;
	struct client_record *buckets[CLIENT_BUCKETS];
	struct client_record *gid_buckets[CLIENT_BUCKETS];
	struct client_record *last_client; /* of the last event: most come in runs */
	const char *last_host;
	struct process *process_tail;
	uint32_t an_owner; bool owners_differ; /* of the processes */
	struct client *client_tail;
	struct blocklist_action *blocklist_tail;
	struct tied_clock *tied; /* clocks.c */
	struct log_clock *log_clocks;
	struct { int64_t ns; const struct source *source; } found_fenced; /* the last line of an OSD that says so */
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
	struct { const struct source *source; int64_t offset_ns; } shift; /* of the last one shifted: most come in runs */
	struct open_calls holders; /* clients that only a log knows of, by VM or by log */
	size_t prunable; /* records in the lists that model_prune looks at */
};

/* ---- who takes each fact ---- */

/* H(fact, handler): the table of model_add, and the handlers' declarations. A fact that is not here changes nothing. */
#define HANDLERS(H) \
	H(client_connect, client_connected) H(client_shutdown, client_shut_down) H(image_open, image_opened) \
	H(image_close, image_closed) H(watch_registered, watch_registered) H(watch_unregistered, watch_unregistered) \
	H(watch_error, watch_error) H(notify, watch_notify) H(ping_sent, ping_sent) H(ping_reply, ping_reply) \
	H(watch_reconnect_reply, watch_reconnected) \
	H(ping_sample, ping_sample) H(process_stalled, process_stalled) H(header_op, header_op_done) \
	H(watchers_listed, watchers_listed) H(watcher_listed, watcher_listed) H(lock_break_begin, lock_break_began) \
	H(lock_break_end, lock_break_ended) H(blocklist, blocklist_traced) H(blocklist_result, blocklist_result) \
	H(stack_frame, blocklist_frame) H(snapshot_begin, snapshot_began) H(snapshot_end, snapshot_ended) H(io, io_event) \
	H(io_slow, io_event) H(io_error, io_event) H(io_eshutdown, io_event) H(io_summary, io_summary) H(state, state_told) \
	H(passthrough, passed_through) H(window_opened, window_opened) H(window_closed, window_closed) \
	H(recording_gap, recording_gap) H(audit_blocklist, blocklist_audited) H(lost_events, events_lost) \
	H(snaptrim, snaps_changed) H(removed_snaps, snaps_changed) H(slow_request, slow_told) H(watch_logged, watch_told) \
	H(io_failure, failure_told) H(blocklist_entry, fence_listed) H(lock_logged, lock_told) \
	H(snapshot_logged, snapshot_told) H(osd_latency, osd_latency_told) H(watch_timeout, watch_timeout_told) \
	H(cluster_paused, pause_told) H(vm_logged, vm_told)
#define HANDLER_DECLARATION(fact, handler) void handler(struct model *model, const struct event *event);
HANDLERS(HANDLER_DECLARATION)
#undef HANDLER_DECLARATION

/* ---- memory.c ---- */
void *model_alloc(struct model *model, size_t size); /* zeroed */
char *model_strdup(struct model *model, const char *text);
/* Replaces *text by value unless value is "". */
void model_set(struct model *model, char **text, const char *value);
void open_calls_add(struct model *model, struct open_calls *open, void *call);
void open_calls_remove(struct open_calls *open, const void *call);
/* Forgets what can matter to no incident, once the lists have grown long; nothing if entries are kept. */
void model_prune(struct model *model);
/* Can what happened then be part of a blocklist command's story, also of one yet to come? */
bool may_matter(const struct model *model, int64_t ts_ns);
void snapshot_free(struct snapshot_call *call);
void header_op_free(struct header_op *op);
void listing_free(struct watchers_listing *listing);

/* ---- identity.c: who ---- */
struct client *client_of_event(struct model *model, const struct event *event);
/* The cluster as a client with one image that has no name; no list holds it. */
struct client *client_of_cluster(struct model *model);
/* A client that only its address tells of. */
struct client *client_of_address(struct model *model, const struct address *address);
/* The event's image; serial 0: the client's own, which has no name. */
struct image *image_of_serial(struct model *model, struct client *client, uint32_t serial);
void client_set_address(struct model *model, struct client *client, const char *text);
void client_identify(struct model *model, const struct event *event, struct client *client);
void image_identify(struct model *model, struct image *image, const char *pool, const char *nspace, const char *name,
		    const char *id);
bool image_is_header(const struct image *image, const char *pool, const char *nspace, const char *oid);
/* The client of that global id, whatever process; ids are the cluster's. NULL: not known. */
struct client *client_of_gid(const struct model *model, uint64_t gid);
/* The chain of clients whose ids have the same hash as this one; NULL for 0. */
struct client_record *gid_chain(const struct model *model, uint64_t gid);
void client_set_gid(struct model *model, struct client *client, uint64_t gid);
struct client *client_add(struct model *model, struct process *process, uint64_t gid);
struct process *process_add(struct model *model, const char *host, uint32_t pid, uint32_t owner);
/* Another user's process on that host says that it is this VM, too: told once of each of them. */
void claimed_twice(struct model *model, struct process *process, struct image *image, const struct event *event);
void client_free(struct client *client);
/* Those for which `out` says so leave the model and are freed; nothing may point at them any more. */
void clients_remove(struct model *model, bool (*out)(const struct model *model, const struct client *client));
struct image *image_of_name(struct model *model, struct client *client, const char *pool, const char *nspace, const char *name);
/* The image of a header object, rbd_header.ID, made if need be; NULL if the object is no header. */
struct image *image_of_object(struct model *model, struct client *client, const char *oid);
struct client *client_by_gid(const struct model *model, const struct process *process, uint64_t gid);
/* "rbd (pid 4711, client.cinder)" */
char *process_words(const struct process *process, const char *entity, char *buf, size_t size);

/* ---- watch.c, ping.c ---- */
/* The watch of that cookie, made if need be. */
struct watch *watch_of_cookie(struct model *model, struct client *client, uint64_t cookie);
void watch_tie(struct model *model, struct watch *watch, struct image *image);
/* Moves the watches on the image's header to it, now that its id is known. */
void image_adopt_watches(struct model *model, struct image *image);
/* A watch of that cookie, whosever; NULL: none. */
struct watch *watch_anywhere(const struct model *model, uint64_t cookie);
struct watch *watch_find(const struct client *client, uint64_t cookie);
struct watch *watch_add(struct model *model, struct client *client, uint64_t cookie);
void watch_name(struct model *model, struct watch *watch, const char *pool, const char *nspace, const char *oid);
/* Into another image's list, as it is. */
void watch_move(struct watch *watch, struct image *image);
void watch_free(struct watch *watch);
/* librados tells how old its last acknowledged ping is: noted if that is too old. */
void watch_aged(struct watch *watch, int64_t acked_ns, const struct event *event);
int64_t watch_heard_ns(const struct watch *watch); /* since when its pings can have been missed; 0: not known */
void watch_acked(struct watch *watch, int64_t sent_ns, int64_t ack_ns, const struct source *source, bool sampled);
/* A ping, or its answer, as a log tells of it. */
void ping_logged(struct model *model, struct watch *watch, const struct event *event);
void watch_settle(struct model *model, struct watch *watch); /* at the end: which of its last pings are lost */

/* ---- once.c ---- */
/* Two recordings of one host, overlapping rotated logs and copies tell one thing twice. Did another source tell the same thing (`hash`) within
 * SAME_EVENT_NS? A source that itself repeats it tells of so many. */
bool told_twice(struct model *model, const struct event *event, uint64_t hash);
uint64_t hash_number(uint64_t hash, uint64_t number);
uint64_t hash_text(uint64_t hash, const char *text);

/* ---- io.c ---- */

/* ---- logged.c: what logs tell of clients, watches, locks and fences ---- */
/* The client that a log names by global id or address, made if need be; the event's time is one of its own if it knows no better. */
struct client *client_logged(struct model *model, uint64_t gid, const char *address, const struct event *event);
/* The placeholder for a client that a log does not name: one per VM that the log names, else one per log. */
struct client *client_of_log(struct model *model, const char *vm_name, const char *vm_uuid, const struct source *source);
/* At the end: records of one client become one (join), and what logs say of watches counts where no trace does (watches). */
/* How much of a path names the log: client.log and client.log.1.gz are pieces of one. */
size_t log_name_length(const char *path);
/* Are both the same input, or pieces of one rotated log? */
bool same_log(const struct source *a, const struct source *b);
void logged_join(struct model *model);
/* A client that only logs know of and that left in good order, so long ago that it can be part of no incident. */
bool logged_is_over(const struct model *model, const struct client *client);
void logged_watches(struct model *model);
void logged_free(struct model *model);

/* ---- clocks.c: at the end, all that hosts with another clock tell is moved to the monitors' time ---- */
void clocks_finish(struct model *model);
void clocks_shift(struct model *model); /* clocks_shift.c */

/* ---- failures.c: I/O that failed, as logs tell; slow.c: slow requests ---- */
void failures_finish(struct model *model);
void failure_free(struct failure_run *run);
void slow_finish(struct model *model);
void slow_free(struct slow_run *run);

/* ---- blocklist.c ---- */
void blocklist_finish(struct model *model);
bool blocklist_reaches(const struct blocklist_action *action, const struct client *client);
/* What the audit log tells of the command becomes part of what the trace tells of it. */
void blocklist_join(struct model *model, struct blocklist_action *traced, struct blocklist_action *audited);
void blocklist_free(struct blocklist_action *action);

/* ---- calls.c: snapshots and lock breaks; header.c: class methods and lists of watchers ---- */
void calls_finish(struct model *model);

/* ---- windows.c: what fenceline's own programs tell ---- */
void recorded_window_free(struct recorded_window *window);

/* ---- snaps.c: what OSDs' logs say of removed snapshots ---- */
void snaps_finish(struct model *model);
void snaps_change_free(struct snaps_change *change);

/* ---- entries.c: the timeline ---- */
/* Appends an entry with that text; NULL if the model keeps none. Valid until the image's next one. */
struct timeline_entry *entry_add(struct model *model, struct image *image, int64_t ts_ns, enum timeline_kind kind,
				 enum severity severity, const struct source *source, const char *format, ...)
	__attribute__((format(printf, 7, 8)));
/* "-108 Cannot send after transport endpoint shutdown"; thread-local buffer. */
const char *error_words(int64_t result);
/* "0.5 ms", "12.3 s"; thread-local buffer. */
const char *duration_words(int64_t ns);
/* Those of a watch, from one image to another. */
void entries_move(struct model *model, struct image *from, struct image *to, uint64_t cookie);
/* All of them; `to` may be NULL if there are none. */
void entries_move_all(struct model *model, struct image *from, struct image *to);
void entries_sort(struct model *model, struct image *image);
void entries_free(struct image *image);

#endif
