/* SPDX-License-Identifier: MIT */
/*
 * The LTTng session daemon: one is started if none answers, and only one that was started here is ended here.
 *
 * That it is ours is remembered in STATE/sessiond (its pid and its start time, since pids come again), where STATE is
 * /run/fenceline for root and $LTTNG_HOME/.lttng/fenceline (or under $HOME) for others; the folder is locked while a daemon is
 * started or ended, so that two recordings begun at once share one, and is removed with the daemon.
 */
#ifndef FENCELINE_RECORD_SESSIOND_H
#define FENCELINE_RECORD_SESSIOND_H

/* 1 if a session daemon answers, 0 if not. */
int sessiond_answers(void);

/* Make sure that a session daemon answers. *started is 1 if it had to be started. Returns 0, or -errno with the reason said. */
int sessiond_ensure(int *started);

/*
 * End the session daemon if it was started by sessiond_ensure (by whichever process) and has no session left; waits until it is
 * gone. Returns 1 if it was ended, 0 if it stays, -errno (said) if it should have gone and did not.
 */
int sessiond_release(void);

/* The pid that the session daemon of this user has written down, whosever it is; 0 if there is none. */
int sessiond_pid(void);

/* The pid of the session daemon if it is one that we started, else 0. */
int sessiond_ours(void);

#endif
