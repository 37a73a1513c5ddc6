/* SPDX-License-Identifier: MIT */
/*
 * One look at an image: who holds its lock, whether the owner would be taken for alive, and what is known besides. The facts, no
 * judgement: that is verdict.h's.
 */
#ifndef FENCELINE_GUARD_LOOK_H
#define FENCELINE_GUARD_LOOK_H

#include "guard/answers.h"
#include "guard/cluster.h"
#include "guard/image.h"
#include "guard/owner.h"

enum lock_state {
	LOCK_NOT_KNOWN,
	LOCK_UNSUPPORTED, /* the image has no exclusive-lock feature */
	LOCK_FREE,
	LOCK_OWNED,   /* by librbd (or krbd) in its own way: it may be broken by whoever wants it */
	LOCK_FOREIGN, /* by `rbd lock add`, or shared: librbd answers -EBUSY and breaks nothing */
};
enum watch_state {
	WATCH_NOT_KNOWN,
	WATCH_THERE,        /* a watcher has the owner's address and the lock's cookie: librbd takes the owner for alive */
	WATCH_OTHER_COOKIE, /* the owner's address watches, with another cookie: librbd takes it for dead */
	WATCH_GONE,
};
enum fenced_state { FENCED_NOT_KNOWN, FENCED_NO, FENCED_YES };
enum probe_state {
	PROBE_NOT_ASKED, /* not wanted, or there is nobody to ask */
	PROBE_ANSWERED,
	PROBE_SLOW,   /* answered, after more than PROBE_SLOW_NS */
	PROBE_MUTE,   /* no answer in PROBE_TIMEOUT_S */
	PROBE_FAILED, /* could not be asked */
};
#define PROBE_TIMEOUT_S 3
#define PROBE_SLOW_NS   INT64_C(1000000000)

/* A fact that could not be learned, and what it would take. */
#define UNKNOWNS_MAX 6
struct unknown {
	char what[80], why[420];
};

/* What serves the header's placement group, and how it is. Only told: the verdict does not depend on it. */
struct service {
	bool known;
	struct placement placement;
	char osd_host[64], osd_address[96];
	struct concerns concerns;
	struct group_state group; /* state "": not known */
	double watch_timeout_s;   /* 0: not known; 30 is Ceph's default */
};

struct look {
	struct image_spec spec;
	char id[64], header[80], group_name[IMAGE_NAME];
	uint64_t features;
	bool mirrored, primary;
	struct fault fault; /* kind FAULT_NONE: the look was complete */

	enum lock_state lock_state;
	struct lock lock;
	struct locker owner; /* of LOCK_OWNED */
	uint64_t owner_id, owner_handle;
	struct watchers watchers;
	enum watch_state watch;
	uint32_t watch_timeout_s; /* of the owner's watch; 0: not told */
	enum fenced_state fenced;
	struct fence_entry fence;
	enum probe_state probe;
	int64_t probe_sent_ns; /* CLOCK_MONOTONIC */
	int64_t probe_ns;
	unsigned probe_timeout_s;
	bool probe_others_mute; /* another watcher did not answer, so it is not known when the owner did: at most probe_ns ago */
	struct fault probe_fault;
	struct owner_process process;

	struct service service;
	struct unknown unknowns[UNKNOWNS_MAX];
	size_t unknown_count;

	/* What became of those that lived in an earlier look: */
	bool earlier_known;       /* the blocklist could be read and asked for each of them */
	bool earlier_fenced;      /* one is on the blocklist now */
	char earlier_address[96]; /* which */
	struct fence_entry earlier_fence;
	bool earlier_watches; /* its owner watches still, by its address, whatever the cookie */

	int64_t looked_ns;          /* ns since the epoch, when it began */
	int64_t begun_ns, ended_ns; /* CLOCK_MONOTONIC; ended: the last answer */
};

struct look_options {
	bool probe;
	unsigned probe_timeout_s; /* 0: PROBE_TIMEOUT_S */
	unsigned daemon_port;
	const struct look *earlier; /* what became of those? NULL: not asked */
	int64_t deadline_ns;        /* CLOCK_MONOTONIC, for what knows no timeout of its own */
};

/* The whole look but for the service: lock, watchers, blocklist, probe, process. On the thread of bounded_run. */
void look_take(struct look *look, struct open_image *image, const struct look_options *options);
/* The same, without the process; what `before` knew of it is kept, if it is the same owner. Within some 10 ms on a healthy
 * cluster. */
void look_again(struct look *look, const struct look *before, struct open_image *image, const struct look_options *options);

void look_note_unknown(struct look *look, const char *what, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
