/* SPDX-License-Identifier: MIT */
/* How far back a flight recorder reaches, measured on a snapshot of it. */
#ifndef FENCELINE_RECORD_REACH_H
#define FENCELINE_RECORD_REACH_H

#include <stdbool.h>
#include <stdint.h>

struct reach {
	unsigned rings;      /* of processes (buffers per pid) or users, with an event in them */
	unsigned cpus;       /* that wrote into the ring that reaches least far */
	int64_t least_s;     /* of the ring that reaches least far; 0: not known, nothing was written for long enough */
	int64_t most_s;      /* of the one that reaches farthest */
	bool wrapped;        /* least_s was seen: the ring has been written around; else computed from how fast it fills */
	int64_t measured_ns; /* since the epoch */
};

/*
 * Looks at the packets in `folder`, a snapshot, or several, of a session whose rings have `subbuffers` of each CPU; channels called
 * `channel` alone. A CPU's ring that has been written around reaches from its oldest packet to its newest; one that has not, as far
 * as it will at the rate of these. A process's reach is that of its fastest CPU. Returns 0, or -ENODATA.
 */
int reach_measure(const char *folder, const char *channel, unsigned subbuffers, struct reach *reach);

/* To and from a file, for `record status`. 0 or -errno. */
int reach_save(const struct reach *reach, const char *path);
int reach_load(const char *path, struct reach *reach);

/* "3 h 12 min", "4 min", "30 s"; buf is returned. */
char *reach_words(int64_t seconds, char buf[32]);

#endif
