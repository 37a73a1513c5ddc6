/* SPDX-License-Identifier: MIT */
/*
 * The watches of this process: one struct from the call that registers it until the end of its unwatch.
 *
 * Slots are static, never freed, and reused only a minute after the unwatch has ended, with every id anew: a pointer to
 * one stays readable for ever, and a callback that librados had queued already still finds its own proxy.
 *
 * A watch is sampled (sampler.h) in the states LIVE and ERROR only, under its lock: from the successful end of its
 * registration to the start of its unwatch or its client's shutdown. In that span librados holds the linger operation
 * that the cookie points at (before Ceph 20 watch_check dereferences it), and that operation holds the IoCtxImpl:
 * WatchInfo takes a reference to it and drops it when the linger operation is cancelled, which only an unwatch, a failed
 * registration or the client's shutdown does. So neither needs a reference of ours.
 */
#ifndef FENCELINE_SHIM_WATCH_H
#define FENCELINE_SHIM_WATCH_H

#include "client.h"
#include "base/hook.h"
#include "image.h"
#include "pings.h"
#include "rados_completion.h"
#include "watch_proxy.h"
#include "wire_format.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define WATCH_SLOTS 2048

enum watch_state {
	WATCH_FREE, /* never used */
	WATCH_REGISTERING,
	WATCH_LIVE,
	WATCH_ERROR,  /* librados has said so; still registered with librados */
	WATCH_FAILED, /* not registered after all */
	WATCH_UNWATCHING,
	WATCH_GONE,
};

struct watch {
	struct watch_proxy proxy;
	_Atomic(int) state;       /* enum watch_state; leaves LIVE and ERROR only under the lock */
	pthread_mutex_t lock;     /* held while the watch is sampled; never across a call that may end it */
	_Atomic(uint64_t) cookie; /* 0: not known yet */
	void *ioctx;              /* rados_ioctx_t, borrowed: valid while LIVE or ERROR */
	struct client *client;    /* may be NULL */
	uint64_t global_id;
	char oid[300], pool[128], nspace[128];
	uint32_t timeout_s;   /* asked for; 0: the OSD's default */
	uint64_t begun_ns;    /* CLOCK_MONOTONIC, of the registration */
	uint64_t *handle;     /* the caller's, valid until its completion's callback has been called */
	uint64_t reusable_ns; /* CLOCK_MONOTONIC; from when on a slot that is GONE may be another watch's */
	struct completion_tap registered, unwatched;
	void *completion;              /* rados_completion_t of what is under way, registration or unwatch; NULL: synchronous */
	bool tapped;                   /* that completion */
	_Atomic(bool) pinged;          /* while it was registering */
	_Atomic(struct image *) image; /* whose header is watched, if its serial is still image_serial; NULL: none known */
	_Atomic(uint32_t) image_serial;
	_Atomic(int64_t) registered_ns, acked_sent_ns; /* since the epoch: for the status page, as are the next three */
	_Atomic(int64_t) acked_mono_ns;                /* acked_sent_ns by the clock that nobody sets: it tells what is newer */
	_Atomic(int64_t) lock_request_ns, snapshot_ns; /* when librbd's peers last asked for the lock, for a snapshot */
	struct pings pings;                            /* on the wire; has its own lock */
	struct {                                       /* the sampler's, under lock */
		bool begun;
		uint32_t tick_s;          /* the client's objecter_tick_interval */
		int64_t acked_mono_ms;    /* implied send time of the newest acknowledged ping seen, CLOCK_MONOTONIC */
		int64_t acked_sent_ns;    /* the same since the epoch */
		int64_t acked_stalled_ms; /* ticker_stalled_ms by then */
		int64_t overdue;          /* ticks missed since then that have been reported */
		int error;                /* last reported */
	} sample;
};

/* How many watches there are, from REGISTERING to UNWATCHING: for whoever wants to know cheaply whether there are any. */
extern _Atomic(unsigned) watches_active;

/* ---- for the wrappers ---- */

/* A registration begins. Asks librados for the pool's name. NULL: not to be followed (counted as passed through). */
struct watch *watch_begin(void *ioctx, enum hook hook, const char *oid, size_t oid_length, uint32_t timeout_s);
/* A synchronous one has returned. */
void watch_registered(struct watch *watch, int result, uint64_t cookie);
/* An asynchronous one: before the real call (taps the completion; handle is where librados will put the cookie) and
 * after it. */
void watch_before_aio(struct watch *watch, enum hook hook, void *completion, uint64_t *handle);
void watch_after_aio(struct watch *watch, int result);
/* An unwatch begins: nothing is sampled from here on. NULL: the cookie is not known. completion NULL: synchronous. */
struct watch *watch_unwatch_begin(void *ioctx, uint64_t cookie, void *completion);
/* The real call has returned. */
void watch_unwatch_returned(struct watch *watch, int result);

/* ---- for others ---- */

/* An image has been registered with image_find: its watch was registered during the open call. Any thread. */
void watch_image_opened(struct image *image);
/* A client is about to be shut down: its watches are not sampled any more. Returns when no sample is under way. */
void watch_client_shutdown(struct client *client);
/* A ping of a watch, sent at this time (since the epoch, and CLOCK_MONOTONIC), is acknowledged: the newest is kept for state. Any
 * thread. */
void watch_acknowledged(struct watch *watch, int64_t sent_ns, int64_t sent_mono_ns);
/* librados called handle_error. Any thread. */
void watch_failed(struct watch *watch, int result);
/* A ping of this watch was seen: it must be registered. The messenger's thread, which waits for nobody here. */
void watch_pings(struct watch *watch);
/* For watch_each, by the sampler: says so where no completion could be tapped. */
void watch_settle(struct watch *watch, void *arg);
/* The serial of the open image whose header it is on, 0 if none is known. */
uint32_t watch_image_serial(const struct watch *watch);
/* What the sampler and the wire know of it, for the status page. */
struct fl_status_watch;
void watch_sampled(struct watch *watch, struct fl_status_watch *entry);
/* librbd's NotifyOp came to it. Any thread. */
void watch_notified(struct watch *watch, int32_t op);
/* Calls visit for every watch from REGISTERING to ERROR whose cookie is known, without a lock. */
void watch_each(void (*visit)(struct watch *watch, void *arg), void *arg);
/* The watch with this cookie and object among those and those under unwatch, NULL if there is none. Lock-free; of constant cost
 * where the cookie is nobody's. */
struct watch *watch_find_on_wire(const struct wire_op *op);
/* In a forked child librados has no threads left: its watches are gone. */
void watch_after_fork_child(void);

#endif
