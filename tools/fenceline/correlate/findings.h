/* SPDX-License-Identifier: MIT */
/*
 * What correlate/ works with inside: one episode per fenced client, and the findings about it that the chain and the rules
 * read. Everything here is borrowed from the model but for what is marked as owned.
 */
#ifndef FENCELINE_CORRELATE_FINDINGS_H
#define FENCELINE_CORRELATE_FINDINGS_H

#include "correlate/incident.h"
#include "correlate/episode.h"
#include "model/times.h"

/* How the client fell silent before the fence, or that it did not. */
enum silence_kind { SILENCE_UNKNOWN, SILENCE_LOST, SILENCE_STALLED, SILENCE_ERROR, SILENCE_GONE, SILENCE_ALIVE };

struct findings {
	const struct model *model;
	const struct episodes *episodes;
	const struct episode *episode;
	const struct client *client; /* as episode->client */
	const struct image *image;   /* whose lock was broken; NULL if not known */
	const char *oid;             /* its header's object; NULL: not known */
	const char *wanted;          /* wanted.c: the header whose lock the fencer wanted; NULL: not known */
	bool wants_several;          /* locks of this client at once, by a command each: which is which is not known */
	bool image_from_breaker;     /* the breaker's own trace names it; else it is the likeliest */
	const struct watch *watch;   /* the image's watch at the time of the fence; NULL if not known */
	int64_t fence_ns;            /* the blocklist command, or the first -108 if no input holds it */

	/* ---- sign.c: the fence as the client's own clock shows it ---- */
	const char *clock; /* of what tells of the client's watch; NULL: nothing does */
	int64_t sign_ns;   /* its first sign there: -108, or a -107 with nothing but -108 behind it; 0: none */
	const struct source *sign_source;
	int64_t refused_from_ns, refused_until_ns; /* the client's -108 that are of this fence; 0: none */
	int64_t again_ns; /* answered with 0 after the last of these; 0: not seen */
	int64_t until_ns;     /* silence is measured up to here: to the sign, or, without one, to the fence by other clocks */
	bool one_clock;       /* until_ns is of the client's own clock */
	bool clock_set;       /* the client's wall clock was set before that: its pings' times are of another clock than its events' */
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
	bool unseen;                       /* of a silence by lost pings: nobody saw that the client did not come back since */
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
	bool timeout_known;       /* the timeout is an input's or an option's, and nothing contradicts it */
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
	bool answered_between;                    /* of several commands: the client was answered after the first one */

	/* ---- findings_after.c, findings_logs.c ---- */
	const struct eshutdown_run *failed; /* begins with the client's first -108 after the fence; NULL: none seen */
	uint64_t failed_ios, failed_bytes;  /* of all its images, as long as the fence stood */
	uint64_t counted_ios;               /* the same by the shim's own count, where this is the client's only fence */
	uint64_t unrecorded_ios;            /* that failed as well: the shim counted them, and no input holds them */
	const struct image *counted;        /* the image that has most of them; NULL: none */
	bool vm_failed;                     /* another client of the same VM, not fenced itself, was answered with -108 */
	int64_t refused_after_ns; /* a ping, a watch error or an operation on the header said -108 after the fence; 0: none */
	const struct source *refused_after_source;
	const struct header_op *refused_op; /* that operation; NULL: it was the watch */
	const struct failure_run *logged_failure; /* the first -108 after the fence that a log tells of; NULL: none */
	bool logged_by_time; /* it names no client, but this is the only one that was fenced then */
	const struct failure_run *vm; /* the same, of a VM that a log names, where no trace shows the client's process; by time */
	const struct failure_run *unclear_failure; /* a -108 that could belong to this fence or to others; NULL: none */
	size_t unclear_candidates;                 /* to how many */
	bool several_vms; /* the logs of several VMs have a -108 then, and name no client */
	const struct failure_run *undated_failure; /* a -108 without a time; NULL: none */
	const struct failure_run *guest_error;  /* the guest's kernel had I/O errors; it does not know why; NULL: none told */
	const struct slow_run *stuck_ping;      /* the OSD itself complained that a ping of this watch was slow; NULL: no */
	const struct image *waiting; /* the client's whose I/O was held back from the fence to the recording's end; NULL: none */
	bool waiting_cut;            /* the client's recording ends before the command: what came of that I/O is not known */
	int64_t answered_after_ns;   /* an answer with 0 so long after the fence that it cannot be; 0: none */
};

#endif
