/* SPDX-License-Identifier: MIT */
/*
 * The fencers' trace on disk: is there a new blocklist command in it, and what can be removed? The files of the channel `sent`
 * hold nothing else, so only the length of their packets is looked at.
 */
#ifndef FENCELINE_DAEMON_FENCERS_H
#define FENCELINE_DAEMON_FENCERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fencers;

/* NULL: no memory. */
struct fencers *fencers_new(void);
void fencers_free(struct fencers *fencers);

/* Looks through `folder`, a session's from its beginning on. Returns how many bytes of events in channel `sent` are new since the
 * last look. */
uint64_t fencers_look(struct fencers *fencers, const char *folder);

/*
 * Was a process that lives without metadata at the last look? What it sent could not be read. LTTng 2.16 writes them when the
 * process ends or the session is stopped. Asked once for each such process.
 */
bool fencers_want_metadata(struct fencers *fencers);

/*
 * Takes away what has not been written to for `age_s` seconds: the folders of processes that have ended (LTTng's consumer, 0: not known,
 * has none of their files open any more; a process in a container has another pid there), and whole folders of earlier sessions (all in
 * `above`, but `folder`).
 */
void fencers_prune(struct fencers *fencers, const char *above, const char *folder, pid_t consumer, int64_t age_s);

#endif
