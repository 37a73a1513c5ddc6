/* SPDX-License-Identifier: MIT */
/*
 * A recording: an LTTng session with a channel named after its profile (a flight recorder of profile full has a second ring,
 * `incident`, for all but the event per I/O), that records fenceline:* of every process on the
 * host that runs under the shim, whoever's it is if the session daemon is root's. Buffers in discard mode: a full buffer drops
 * events and counts them, it never stops a VM.
 *
 * All functions: main thread; errors are said on stderr, in one line, and returned as -errno.
 */
#ifndef FENCELINE_RECORD_RECORDING_H
#define FENCELINE_RECORD_RECORDING_H

#include "record/profile.h"
#include "record/recordings.h"
#include "record/wait_make.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_NAME "fenceline"

struct recording_options {
	const char *session; /* borrowed */
	const char *output;  /* borrowed; where to write, a folder; NULL with relayd */
	const char *relayd;  /* borrowed; HOST[:PORT] or an LTTng URL; NULL: write here */
	enum profile profile;
	enum buffers buffers;
	const struct wait_users
	        *users;        /* borrowed; more users to make LTTng's wait files for, beside those that are found; may be NULL */
	uint64_t flight_bytes; /* not 0: keep the last so many bytes in memory and write only on `snapshot` */
};

/* How many rings a process or user has: one for each CPU. */
unsigned recording_rings(void);

/* Begin one. Starts a session daemon if none answers. As root, makes LTTng's wait files first. Leaves nothing else behind when it
 * fails. */
int recording_start(const struct recording_options *options);

/*
 * End one: waits until all data is written (at most 30 s; *pending is 1 if that was not enough), destroys the session, ends the
 * session daemon if we started it and no session is left. `last` gets its state as it was at the end.
 */
int recording_stop(const char *session, struct recording *last, int *pending);

/* Flight recorder: write what the buffers hold into a new folder below the session's output. */
int recording_snapshot(const char *session);

/* CTF 1.8, whatever this LTTng's default is. For a session that is about to be created. */
struct lttng_session_descriptor;
void recording_set_format(struct lttng_session_descriptor *descriptor);

/* Without a switch timer of its own the metadata would reach the disk only at the end, and no growing trace could be read. Before
 * the first channel of a session that is written to disk. LTTng 2.16 gives them none: *late. Returns 0 or LTTng's code. */
struct lttng_handle;
int recording_enable_metadata(struct lttng_handle *handle, enum buffers buffers, bool *late);

/* The events of this name, or "*" for all, but not the event per I/O if `without_io`, into a channel. Returns 0 or LTTng's code.
 */
int recording_enable_event(struct lttng_handle *handle, const char *channel, const char *name, bool without_io);

#endif
