/* SPDX-License-Identifier: MIT */
/*
 * What correlate/ works with inside: one episode per fenced client, and the facts about it that the rules in rules.c
 * read. Everything here is borrowed from the model but for what is marked as owned.
 */
#ifndef FENCELINE_CORRELATE_FACTS_H
#define FENCELINE_CORRELATE_FACTS_H

#include "correlate/correlate.h"
#include "model/times.h"

#define NO_END_NS INT64_MAX

/* ---- episode.c: from an address's first add to its rm or expiry ---- */

struct episode {
	const struct blocklist_action *first; /* NULL: the client was answered with -108, but no input holds the command */
	const struct blocklist_action *last;  /* the last add inside, first itself if there is no other */
	const struct blocklist_action *removed; /* NULL: not lifted */
	size_t adds;
	struct address address;       /* of the fenced client; family 0 for a range with no known client inside */
	const struct client *client;  /* NULL: no input knows it */
	const struct fence_listed *listed; /* the entry on the cluster's blocklist; NULL: no input lists it */
	int64_t begin_ns, end_ns;     /* end: lifted or expired; NO_END_NS if begin_ns is not the command's */
	int64_t expires_ns, removed_ns; /* 0: not known */
};

struct episodes { struct episode *list; size_t count, capacity; /* list owned */ };

int episodes_find(const struct model *model, struct episodes *episodes); /* 0 or -ENOMEM */
/* Does the action fence (or release) this client? By address, for a bare IP by IP, for a range by CIDR. */
bool blocklist_covers(const struct blocklist_action *action, const struct address *address);
/* Could the I/O that a log tells of have failed because of this fence? By the VM that it names, else by time. */
bool episode_explains(const struct episode *episode, const struct failure_run *run);

/* ---- facts.c: what is known about the fenced client up to and after the fence ---- */

struct facts {
	const struct model *model;
	const struct episode *episode;
	const struct client *client;  /* as episode->client */
	const struct image *image;    /* whose lock was broken; NULL if not known */
	const struct watch *watch;    /* the image's watch at the time of the fence; NULL if not known */
	int64_t fence_ns;             /* the blocklist command, or the first -108 if no input holds it */

	uint32_t timeout_s; const char *timeout_from;

	bool pings_known;             /* some input shows this watch's pings before the fence */
	const struct ping *last_ack;  /* NULL if only its time is known */
	int64_t last_ack_sent_ns, last_ack_ns; /* 0: not known */
	const struct source *last_ack_source;
	const struct ping **lost; size_t lost_count; /* array owned: unacknowledged at the fence, oldest first */
	const struct ping *refused;   /* first ping before the fence answered "no such watch"; NULL: none */

	const struct stall *stall;    /* the longest one of the client's process since the last acknowledged ping */
	int64_t stalled_ns;           /* all of them together, up to the fence */

	int64_t silent_ns;            /* the client's process left no event at all for so long before the fence; 0: it did */

	const struct watch *broken;   /* a watch of the image that ended with an error before the fence */

	const struct watchers_listing *listing; /* the blocklister's, of this header, right before the fence */
	const struct watcher_seen *owner_listed; /* the client's own entry in it; NULL: it was not there */
	int64_t expired_ns; const char *expired_from; /* 0 and NULL: not known to have expired */
	bool expired_logged;          /* by the OSD's own log */

	const struct blocklist_action *earlier; /* an add that fenced this client before, in another episode; NULL: none */
	const struct lock_break_call *break_call; /* open when the blocklist was sent */
	const struct eshutdown_run *failed; /* begins with the client's first -108 after the fence; NULL: none seen */
	uint64_t failed_ios, failed_bytes;  /* of all its images, as long as the fence stood */
	bool vm_failed;               /* another client of the same VM, not fenced itself, was answered with -108 */
	int64_t refused_after_ns;     /* a ping, a watch error or an operation on the header said -108 after the fence; 0: none */
	const struct source *refused_after_source;
	const struct header_op *refused_op; /* that operation; NULL: it was the watch */
	const struct failure_run *told; /* the first -108 after the fence that a log tells of; NULL: none */
	bool told_by_time;            /* it names no client, but this is the only one that was fenced then */
	const struct failure_run *vm; /* the same, of a VM that a log names, where no trace shows the client's process; by time */
	const struct failure_run *told_unclear; /* a -108 that could belong to this fence or to others; NULL: none */
	size_t told_candidates;       /* to how many */
	const struct failure_run *told_undated; /* a -108 without a time; NULL: none */
	const struct failure_run *guest_error; /* the guest's kernel had I/O errors; it does not know why; NULL: none told */
	const struct slow_run *stuck_ping; /* the OSD itself complained that a ping of this watch was slow; NULL: no */
	const struct breaker_logged *breaker; /* the lock breaker's own log: it blocklists the owner; NULL: no such log */
	const struct image *waiting;  /* the client's whose I/O was held back from the fence to the recording's end; NULL: none */
};

int facts_gather(struct facts *facts, const struct model *model, const struct episodes *episodes, const struct episode *episode,
		 const struct correlate_options *options); /* 0 or -ENOMEM */
void facts_release(struct facts *facts);
/* ---- facts_after.c: what followed the fence ---- */
void facts_after(struct facts *facts);
/* ---- facts_logs.c: what only logs tell ---- */
void facts_logs(struct facts *facts, const struct episodes *episodes);
/* Is the time inside the episode, give or take what two clocks may disagree by? */
bool facts_inside(const struct facts *facts, int64_t ts_ns);
/* The watch timeout that holds for an object, and where it was found; for near misses, too. */
uint32_t watch_timeout(const struct model *model, const struct watch *watch, const char *oid,
		       const struct correlate_options *options, const char **from);
/* Is it the watch on an image's header (rbd_header.ID, or NAME.rbd in format 1)? */
bool watch_is_header(const struct watch *watch);
/* Did its registration succeed, as far as is known? The model keeps failed ones, too. */
bool watch_is_registered(const struct watch *watch);
/* Whose image is the header object? NULL if the client has none of that id. */
const struct image *image_of_header(const struct client *client, const char *oid);
/* The client that a command's sender is, found by process and global id; NULL if no input knows it. */
const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id);
/* Were the process's stalls inside [begin, end] this long in all? `longest` may be NULL. */
int64_t stalled_between(const struct model *model, const struct process *process, int64_t begin_ns, int64_t end_ns,
			const struct stall **longest);

/* ---- window.c ---- */

/* 0 or -ENOMEM; *window NULL if no snapshot call of the blocklister was open. Freed with window_free. */
int window_find(const struct facts *facts, struct snapshot_window **window);
void window_free(struct snapshot_window *window);

/* ---- rules.c ---- */

/* Sets cause and confidence, and names what is missing; rules.c tells how. */
int rules_apply(const struct facts *facts, struct incident *incident);

/* ---- evidence.c ---- */

int evidence_collect(const struct facts *facts, struct incident *incident);
/* A line of evidence, in printf's words; sorted by evidence_sort. */
int evidence_add(struct incident *incident, int64_t ts_ns, const struct source *source, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void evidence_sort(struct incident *incident);
/* What only logs hold (evidence_logs.c): entries of the cluster's blocklist, failed I/O, slow requests, removed snapshots. */
int evidence_listed(const struct facts *facts, struct incident *incident);
int evidence_told(const struct facts *facts, struct incident *incident);
int evidence_slow(const struct facts *facts, struct incident *incident);
int evidence_deletions(const struct facts *facts, struct incident *incident);
int missing_add(struct incident *incident, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- near_miss.c ---- */

int near_misses_find(const struct model *model, const struct episodes *episodes, const struct correlate_options *options,
		     struct verdicts *verdicts);

#endif
