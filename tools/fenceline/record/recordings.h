/* SPDX-License-Identifier: MIT */
/* The recordings that the session daemon has. Main thread; errors are said on stderr, in one line, and returned as -errno. */
#ifndef FENCELINE_RECORD_RECORDINGS_H
#define FENCELINE_RECORD_RECORDINGS_H

#include "record/profile.h"
#include "record/reach.h"

#include <stdint.h>

/* The record daemon's session of what proves a fence (daemon/sessions.h); the name is its channel's, too. */
#define RECORDING_FENCERS "fencers"

struct recording {
	char session[256];
	char output[4096];   /* folder, or LTTng's description of the relay daemon */
	char profile[256];   /* name of the channel; "" for a session without one of ours */
	unsigned subbuffers; /* of each ring of that channel */
	enum buffers buffers;
	int active, flight_recorder;
	int64_t since_ns;   /* when the session was created, since the epoch */
	uint64_t bytes;     /* written so far; 0 if it is not written here */
	uint64_t discarded; /* events that found the buffers full */
	struct reach reach; /* of a flight recorder, by its last snapshot; measured_ns 0: not known */
};

/*
 * The recordings of the session daemon. *list is owned by the caller (free), *others counts sessions that are not ours.
 * Returns how many, 0 without a session daemon, or -errno.
 */
int recordings_list(struct recording **list, int *others);

/* 0 with the recording of that session in `found`; -ENOENT: there is none. */
int recordings_find(const char *session, struct recording *found);

/* Fills in anew what the session's UST channel tells. Returns 0 if it is one of ours, -ENOENT if not. */
int recordings_read_channel(struct recording *recording);

#endif
