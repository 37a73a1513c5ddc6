/* SPDX-License-Identifier: MIT */
/*
 * What correlate/ works with inside: one episode per fenced client, and the facts about it that the chain and the rules
 * read. Everything here is borrowed from the model but for what is marked as owned.
 */
#ifndef FENCELINE_CORRELATE_FACTS_H
#define FENCELINE_CORRELATE_FACTS_H

#include "correlate/correlate.h"
#include "correlate/episode.h"
#include "model/times.h"

/* How the client fell silent before the fence, or that it did not. */
enum silence_kind { SILENCE_UNKNOWN, SILENCE_LOST, SILENCE_STALLED, SILENCE_ERROR, SILENCE_GONE, SILENCE_ALIVE };

struct facts {
	const struct model *model;
	const struct episodes *episodes;
	const struct episode *episode;
	const struct client *client; /* as episode->client */
	const struct image *image;   /* whose lock was broken; NULL if not known */
	const char *oid;             /* its header's object; NULL: not known */
	bool image_from_breaker;     /* the breaker's own trace names it; else it is the likeliest */
	const struct watch *watch;   /* the image's watch at the time of the fence; NULL if not known */
	int64_t fence_ns;            /* the blocklist command, or the first -108 if no input holds it */

	/* ---- sign.c: the fence as the client's own clock shows it ---- */
	const char *clock; /* of what tells of the client's watch; NULL: nothing does */
	int64_t sign_ns;   /* its first sign there: -108, or a -107 with nothing but -108 behind it; 0: none */
	const struct source *sign_source;
	int64_t refused_from_ns, refused_until_ns; /* the client's -108 that are of this fence; 0: none */
	int64_t until_ns;     /* silence is measured up to here: to the sign, or, without one, to the fence by other clocks */
	bool one_clock;       /* until_ns is of the client's own clock */
	bool doubtful_clocks; /* -108 came before its command */
	int64_t clock_off_ns; /* by at least so much */

	uint32_t timeout_s;
	const char *timeout_from;
	bool timeouts_differ; /* it is not sure that this one stood then */

	const struct watch *came_back; /* look.c: registered anew after the fencer had looked: until_ns is then the end of the
	                                  silence before it */

	/* ---- silence.c ---- */
	struct {
		enum silence_kind kind;
		enum link_status status;
		bool contradicted; /* the OSD's own log says otherwise */
		bool osd_only;     /* no witness but the OSD */
	} silence;
	bool pings_known;                      /* some input shows this watch's pings before the fence */
	const struct ping *last_ack;           /* NULL if only its time is known */
	int64_t last_ack_sent_ns, last_ack_ns; /* 0: not known */
	const struct source *last_ack_source;
	int64_t life_ns; /* the last sign of life: an answer or a registration; 0: none */
	const struct ping **lost;
	size_t lost_count;                 /* array owned: unacknowledged at the fence, oldest first */
	const struct ping *refused;        /* first ping before the fence answered "no such watch"; NULL: none */
	const struct overdue *overdue;     /* librados' own word that no ping was acknowledged for long; NULL: none */
	const struct stall *stall;         /* the longest one of the client's process since the last acknowledged ping */
	int64_t stalled_ns;                /* all of them together, up to the fence */
	bool stall_contradicted;           /* pings left, or events were written, in the middle of it */
	const struct hole *hole;           /* the client left no event for long in the silence; NULL: it did */
	const struct discarded *discarded; /* events that the tracer discarded in it; NULL: none */
	const struct pause *pause;         /* the cluster was paused in it: no ping was sent; NULL: no input says so */
	bool unrecorded;                   /* the client's recording does not reach the fence */
	int64_t silent_ns;                 /* the client's process left no event at all for so long before the fence; 0: it did */
	const struct watch *broken;        /* a watch of the image that ended with an error before the fence */
	bool broken_before;                /* shown to be before the fence, not its effect */
	const struct client *successor;    /* the same VM started anew, after the last that was seen of this one; NULL: none */
	int64_t ended_ns;
	const struct source *ended_source; /* its VM ended, by the VM's own log; 0: not told */
	int64_t osd_last_ns;               /* the last ping that the OSD processed, by its own log; 0: not known */
	int64_t osd_sign_ns;               /* the fence's first sign in that log; 0: none */
	bool osd_alive;                    /* within that log: no more than tick + slack apart */

	/* ---- expiry.c ---- */
	const struct watchers_listing *listing; /* the blocklister's, of this header, right before the fence */
	bool listing_complete;
	const struct watcher_seen *owner_listed; /* the client's own entry in it; NULL: it was not there */
	int64_t expired_ns;
	const char *expired_from; /* 0 and NULL: not known to have expired */
	bool expired_logged;      /* by the OSD's own log */
	bool timeout_told;        /* the timeout is an input's or an option's, and nothing contradicts it */
	bool watch_there;         /* the watch cannot have expired yet by what is known */
	bool too_soon;            /* by one clock the silence was too short to expire it; yet a lock breaker found it gone */
	bool moved;               /* the pings went to another OSD in between: the timer began anew */

	/* ---- what the blocklister did ---- */
	const struct lock_break_call *break_call; /* open when the blocklist was sent */
	const struct blocklist_action *earlier;   /* an add that fenced this client before, in another episode; NULL: none */
	const struct breaker_logged *breaker;     /* the lock breaker's own log: it blocklists the owner; NULL: no such log */
	const struct header_op *lock_broken;      /* the breaker's lock.break_lock that followed, successful; NULL: none */
	enum fl_blocklist_entry entry;            /* how the command came in; FL_ENTRY_UNKNOWN */
	bool entry_inferred;                      /* follows from the rest, no witness saw the call */
	const struct header_op *other_breaker;    /* somebody else broke this lock and no input holds their command,
	                                           * or the sender found it broken; NULL: neither */
	bool uncommitted;                         /* never finished, and the client was answered for long after it */

	/* ---- facts_after.c, facts_logs.c ---- */
	const struct eshutdown_run *failed; /* begins with the client's first -108 after the fence; NULL: none seen */
	uint64_t failed_ios, failed_bytes;  /* of all its images, as long as the fence stood */
	bool vm_failed;                     /* another client of the same VM, not fenced itself, was answered with -108 */
	int64_t refused_after_ns; /* a ping, a watch error or an operation on the header said -108 after the fence; 0: none */
	const struct source *refused_after_source;
	const struct header_op *refused_op; /* that operation; NULL: it was the watch */
	const struct failure_run *told;     /* the first -108 after the fence that a log tells of; NULL: none */
	bool told_by_time;                  /* it names no client, but this is the only one that was fenced then */
	const struct failure_run *vm; /* the same, of a VM that a log names, where no trace shows the client's process; by time */
	const struct failure_run *told_unclear; /* a -108 that could belong to this fence or to others; NULL: none */
	size_t told_candidates;                 /* to how many */
	const struct failure_run *told_undated; /* a -108 without a time; NULL: none */
	const struct failure_run *guest_error;  /* the guest's kernel had I/O errors; it does not know why; NULL: none told */
	const struct slow_run *stuck_ping;      /* the OSD itself complained that a ping of this watch was slow; NULL: no */
	const struct image *waiting; /* the client's whose I/O was held back from the fence to the recording's end; NULL: none */
	int64_t answered_after_ns;   /* an answer with 0 so long after the fence that it cannot be; 0: none */
};

/* ---- facts.c ---- */

int facts_gather(struct facts *facts, const struct model *model, const struct episodes *episodes, const struct episode *episode,
                 const struct correlate_options *options); /* 0 or -ENOMEM */
void facts_release(struct facts *facts);
/* Is it the watch on an image's header (rbd_header.ID, or NAME.rbd in format 1)? */
bool watch_is_header(const struct watch *watch);
/* The next watch on that header from here on, this one included; oid NULL: on any header. NULL: none. */
const struct watch *next_watch(const struct watch *watch, const char *oid);
/* The fenced image's watches on its header, oldest first; after NULL: the first. */
const struct watch *facts_next_watch(const struct facts *facts, const struct watch *after);
/* Did its registration succeed, as far as is known? The model keeps failed ones, too. */
bool watch_is_registered(const struct watch *watch);
/* Whose image is the header object? NULL if the client has none of that id. */
const struct image *image_of_header(const struct client *client, const char *oid);
/* The client that a command's sender is, found by process and global id; NULL if no input knows it. */
const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id);
/* Is the process, or that client of it, the command's sender? Threads of one service have a client each. */
bool is_sender(const struct blocklist_action *action, const struct process *process, uint64_t gid);
/* Do its sender's clock and the monitors' disagree about one command? */
bool command_is_apart(const struct blocklist_action *action);
/* How many images that inputs name does the client have? With several it is the fencer who tells whose lock it wanted. */
size_t images_named(const struct facts *facts);
/* Does a call with that image belong to the fenced one? */
bool is_on_image(const struct image *image, const char *pool, const char *name, const char *id);

/* ---- sign.c ---- */
void facts_sign(struct facts *facts);
/* Is the time inside the episode? A clock may be off, so what comes before the fence counts as well, if it can be of no other. */
bool facts_inside(const struct facts *facts, int64_t ts_ns);
/* The fence's first sign in the log of an OSD: it refuses the client, or drops its watches. 0: none. */
int64_t sign_in_osd_log(const struct facts *facts, const struct source *log);

/* ---- look.c ---- */
/* How long the monitors took from the command to its commit, at most. */
int64_t commit_took(const struct facts *facts);
/* Since when, by the client's own clock, the fencer may have looked for the owner's watch. */
int64_t look_began(const struct facts *facts);
/* Is a source's clock known to be the one that tells of the client's watch? */
bool is_on_clients_clock(const struct facts *facts, const struct source *source);
/* Is the fence's sign at the client shown to be the fence's own effect? A -107 may have come before it. */
bool sign_is_by_fence(const struct facts *facts);
/* Did the first -108 follow the sign so soon that the client was alive then? Or did the sign come after the fencer's look? */
bool sign_is_near_refusal(const struct facts *facts);
/* Is it the client's first watch on the header, taken as it opened the image? Nobody can have found another one missing before.
 */
bool came_with_image(const struct image *image, const struct watch *watch);
/* Did the client have its watch all the time from there to the sign, none failed and none taken anew? */
bool watch_stood(const struct facts *facts);
/* The watch that the client took anew after a lock breaker had found none; NULL: it did not. */
const struct watch *watch_come_back(const struct facts *facts);

/* ---- silence.c, gone.c ---- */
int facts_silence(struct facts *facts); /* 0 or -ENOMEM */
/* Since when nothing is known to have reached the OSD: the last acknowledged ping, or a registration after it; 0: not known. */
int64_t silent_since(const struct facts *facts);
void facts_silence_forget(struct facts *facts); /* and the expiry is to be asked anew */
/* Was there a recorder that would have kept an answer in time: no hole in the recording, no events discarded then? */
bool answer_was_recorded(const struct model *model, const struct client *client, const struct ping *ping);
/* Would the ping's answer have been seen, had it come in time? */
bool is_answerable(const struct facts *facts, const struct ping *ping);
/* ---- standstill.c ---- */
void facts_standstills(struct facts *facts);
/* How much of [begin, end] the client left no event in, by its holes. */
int64_t facts_unheard(const struct client *client, int64_t begin_ns, int64_t end_ns);
/* May a standstill that the fence ended have hidden the answer of what was sent then? */
bool sent_around_stall(const struct facts *facts, int64_t sent_ns);
/* Would a ping that left in the standstill have been seen? Else it may have been the sampler's thread alone that did not run. */
bool wire_shows(const struct facts *facts);
/* Were the client's stalls inside [begin, end] this long in all? `longest` may be NULL. */
int64_t stalled_between(const struct model *model, const struct client *client, int64_t begin_ns, int64_t end_ns,
                        const struct stall **longest);
/* Had it shut down, ended, or been started anew before the fence? STATUS_MISSING: not known. */
enum link_status facts_gone(struct facts *facts);

/* ---- expiry.c ---- */
void facts_listing(struct facts *facts);
void facts_expiry(struct facts *facts);
/* The last list of watchers that the blocklister read before it sent the command; of this header if oid is given. */
const struct watchers_listing *breakers_listing(const struct facts *facts, const char *oid);
/* The watch timeout that held for an object until that time, and where it was found; for near misses, too. */
uint32_t watch_timeout(const struct model *model, const struct watch *watch, const char *oid, int64_t until_ns,
                       const struct correlate_options *options, const char **from, bool *differ);

/* ---- facts_after.c: what followed the fence ---- */
void facts_after(struct facts *facts);
/* ---- facts_logs.c: what only logs tell ---- */
void facts_logs(struct facts *facts);

/* ---- window.c ---- */

/* 0 or -ENOMEM; *window NULL if no snapshot call of the blocklister was open. Freed with window_free. */
int window_find(const struct facts *facts, struct snapshot_window **window);
void window_free(struct snapshot_window *window);

/* ---- chain.c, rules.c, where.c ---- */

/* Is the watch known to have been gone when the fencer looked, or likely so (an assumed timeout)? */
bool watch_was_gone(const struct facts *facts);
/* Was it a call that fences a lock's holder without a look at its watch? */
bool looks_at_no_watch(const struct facts *facts);
/* Did a lock breaker send the command that found the owner without a watch? */
bool is_lock_breaker(const struct facts *facts);
void chain_judge(const struct facts *facts, struct incident *incident);
/* Sets cause and confidence; rules.c tells how. */
void rules_apply(const struct facts *facts, struct incident *incident);
/* On which side the pings were lost; text and osd are words_chain's. */
void where_find(const struct facts *facts, struct incident *incident);

/* ---- disagree.c: witnesses that disagree, in the order in which they are told ---- */
enum disagreement {
	REFUSED_BEFORE_COMMAND, /* -108 came before the command that fenced */
	COMMAND_APART,          /* its sender and the monitors have one command far apart */
	PINGS_WERE_PROCESSED,   /* the OSD processed what the client calls lost */
	STALL_WAS_BUSY,         /* a standstill in which something was sent */
	OTHER_BREAKER,          /* somebody else broke the lock as well */
	TOO_SOON,               /* the watch was gone after a silence shorter than its timeout */
	LIST_HOLDS_OWNER,       /* the breaker's list holds the owner whom it fenced */
	LIST_IS_CUT,            /* fewer watchers came in than it counted */
	ANSWERED_AFTER,         /* an answer with 0 long after the fence */
	DISAGREEMENTS
};
bool disagrees(const struct facts *facts, const struct incident *incident, enum disagreement which);

/* ---- words: what is said of it ---- */

/* words_chain.c: a sentence for each link, for the side, for each contradiction. words_missing.c: what would strengthen them. */
int words_chain(const struct facts *facts, struct incident *incident);
int words_expiry(struct incident *incident); /* the timeline's line */
int words_where(const struct facts *facts, struct incident *incident);
int words_contradictions(const struct facts *facts, struct incident *incident);
int words_missing(const struct facts *facts, struct incident *incident);
int missing_add(struct incident *incident, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Replaces *text. 0 or -ENOMEM. */
int say(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "rbd (pid 4711 on storage1)", in a buffer of the caller's. */
const char *process_text(const struct process *process, char *buf, size_t size);

/* ---- evidence.c, evidence_logs.c: the numbered lines ---- */

int evidence_collect(const struct facts *facts, struct incident *incident);
/* A line of evidence and what it carries (ROLE…), in printf's words; sorted by evidence_sort. */
int evidence_add(struct incident *incident, unsigned int roles, int64_t ts_ns, const struct source *source, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));
void evidence_sort(struct incident *incident);
/* What only logs hold: entries of the cluster's blocklist, failed I/O, slow requests, removed snapshots. */
int evidence_listed(const struct facts *facts, struct incident *incident);
int evidence_told(const struct facts *facts, struct incident *incident);
int evidence_slow(const struct facts *facts, struct incident *incident);
int evidence_deletions(const struct facts *facts, struct incident *incident);

/* ---- near_miss.c ---- */

int near_misses_find(const struct model *model, const struct episodes *episodes, const struct correlate_options *options,
                     struct verdicts *verdicts);

#endif
