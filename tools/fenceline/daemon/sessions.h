/* SPDX-License-Identifier: MIT */
/*
 * The LTTng sessions of the record daemon. Main thread only, as liblttng-ctl is. Each function that asks LTTng returns -EAGAIN,
 * and changes nothing, while the session daemon does not answer (answers.h).
 *
 *   fenceline-daemon    the flight recorder: everything but the event per I/O, a ring per process or user, read by snapshot
 *   fenceline-fencers   on disk, small and bounded: what proves a fence in the fencer's process, which may live half a second and
 *                       takes a ring of its own with it. Its second channel holds nothing but blocklist commands, so that one is
 *                       noticed by a look at the files.
 *   fenceline-window    while a window is open: the event per I/O, in a ring of its own that cannot wash away the first one
 */
#ifndef FENCELINE_DAEMON_SESSIONS_H
#define FENCELINE_DAEMON_SESSIONS_H

#include "daemon/consumer.h"
#include "daemon/daemon_options.h"
#include "daemon/pages.h"
#include "daemon/rings.h"

#include <sys/types.h>

#define SESSION_RING    "fenceline-daemon"
#define SESSION_FENCERS "fenceline-fencers"
#define SESSION_WINDOW  "fenceline-window"
#define CHANNEL_SENT    "sent"
#define CHANNEL_RING    "incident" /* named after profiles, for `record status` */
#define CHANNEL_WINDOW  "full"

#define SESSIONS_TRACKED 1024

struct tracked {
	uint32_t pids[SESSIONS_TRACKED];
	size_t count;
};

struct sessions {
	const struct daemon_options *options; /* borrowed */
	struct rings *rings;                  /* borrowed; NULL: none are kept */
	char fencers[4096];                   /* folder of the fencers' session; "" while there is none */
	const struct live_pid *live;          /* of the last sessions_track; borrowed until the next look */
	size_t live_count;
	struct tracked ring, full; /* whom the flight recorder and the window's session record */
	bool window;               /* the session is there */
	bool taken_over;           /* an earlier daemon was killed; its flight recorder went on, and is used */
	int fails;                 /* in a row, of making them */
	struct consumer consumer;
	bool paused;        /* the fencers' session, since there is no room on the disk */
	bool late_metadata; /* LTTng writes the fencers' when they end (recording.h) */
	bool has_files;     /* the session daemon had written its pid down when the sessions began */
};

/* Starts a session daemon if none answers and makes the two sessions, or takes over those that a daemon left behind. 0 or -errno,
 * said. */
int sessions_begin(struct sessions *sessions, const struct daemon_options *options);

/* Makes LTTng's wait files for whoever runs VMs here now, and may soon: without them a VM in a sandbox is not recorded (its shim
 * looks again every 3 s). Walks through /proc. */
void sessions_wait_files(void);

/* Are they still there? A few round trips to the session daemon. 0; -ESTALE: sessions_begin is needed; -EAGAIN: it does not
 * answer. */
int sessions_check(struct sessions *sessions);

/*
 * These processes (by the pid that they call their own) are recorded by the rings, no others: a short-lived one would have to
 * wait at its start until its rings are made, and what counts of it is in the fencers' session. One that is stopped is chosen
 * when it goes on: the session daemon would wait for it, 30 s long, and who begins meanwhile would not be recorded. Cheap if
 * nothing has changed.
 */
int sessions_track(struct sessions *sessions, const struct live_pid *pids, size_t count);

/* What the rings hold, into this folder (made by LTTng). Returns 0, -ENODATA if nothing is in any, or -errno, said. Takes some
 * ms. */
int sessions_snapshot(struct sessions *sessions, const char *folder);

/* Nothing is written any more, or again. Cheap if that is so. */
void sessions_pause_fencers(struct sessions *sessions, bool pause);

/* If LTTng is late with them (recording.h), the fencers' metadata are written now, by a stop and a start of their session. What
 * happens in the milliseconds between is not recorded, and LTTng forgets how many events it has discarded (seen on 2.16.0).
 * Returns whether it was stopped. Its other ways do less or more: `regenerate` is not for buffers per process, a rotation writes
 * them while the recording goes on, and moves every file. */
bool sessions_write_metadata(struct sessions *sessions);

/* Opens the window's session, or ends it. 0 or -errno, said. */
int sessions_window(struct sessions *sessions, bool open);

/* Ends them all, and the session daemon if it is ours and has no other. */
void sessions_end(struct sessions *sessions);

/* Sub-buffers of a ring and their size: each snapshot costs one of each CPU's. */
#define RING_SUBBUFFERS   64
#define WINDOW_SUBBUFFERS 16
uint64_t sessions_ring_subbuffer(uint64_t ring_bytes, long cpus);

#endif
