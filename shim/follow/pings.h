/* SPDX-License-Identifier: MIT */
/*
 * The pings of one watch that have left and have not been answered, oldest first. Replies come in the order of the pings:
 * one connection, one placement group. Pings of an older registration (gen) are never answered any more.
 */
#ifndef FENCELINE_SHIM_PINGS_H
#define FENCELINE_SHIM_PINGS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PINGS_KEPT 64 /* over five minutes of silence; older ones are forgotten, and so answered with send time 0 */

struct ping {
	uint32_t gen;
	uint64_t tid;          /* of its message; 0: not known */
	int64_t sent_ns;       /* since the epoch */
	uint64_t sent_mono_ns; /* CLOCK_MONOTONIC */
	int fd;                /* of the connection that it left on: there its answer comes */
};

struct pings {
	pthread_mutex_t lock;             /* held for a few instructions, never across a call */
	uint32_t first, count, forgotten; /* forgotten: unanswered, older than the first kept one, same gen */
	struct ping sent[PINGS_KEPT];
	uint32_t tids[PINGS_KEPT]; /* the low halves of theirs, close together: what is none of them passes quickly */
	uint64_t all_sent, all_answered, last_rtt_ns; /* since the registration; for the status page */
	char osd[64];                                 /* to which the newest went */
	struct ping reconnect;                        /* the newest registration, sent after the first, if it is unanswered: */
	bool reconnecting;
	bool over; /* the watch is gone: what leaves still, its messenger's thread being slow, is not awaited */
};

/* How many watches wait for an answer: only then can one be among what is received. */
extern _Atomic(int) pings_awaited;

void pings_init(struct pings *pings);
/* The watch is gone: nothing is awaited any more. */
void pings_reset(struct pings *pings);
void pings_sent(struct pings *pings, const struct ping *ping);
/* The newest ping went to the OSD at this address. */
void pings_went_to(struct pings *pings, const char *osd);
/* A reply of registration `gen` has come on connection `fd` (-1: any) to the message `tid` (0: not known, then the oldest): the ping
 * that it answers, in *ping. Each ping is answered once. */
enum pings_found {
	PINGS_NONE,      /* none awaits it */
	PINGS_FORGOTTEN, /* one that was sent before anybody looked, or too long ago to be kept */
	PINGS_SEEN,
};
enum pings_found pings_answered(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping);

/* The same for a reconnect, of which the newest alone counts. */
void pings_reconnect_sent(struct pings *pings, const struct ping *ping);
bool pings_reconnected(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping);

/* What the status page tells of them. */
struct fl_status_watch;
void pings_told(struct pings *pings, struct fl_status_watch *entry);

/* `unanswered` pings have been sent since the last acknowledged one, those kept included: the others left before anybody
 * recorded, and their answers come first. */
void pings_sent_before(struct pings *pings, uint32_t unanswered);

#endif
