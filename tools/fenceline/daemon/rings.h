/* SPDX-License-Identifier: MIT */
/*
 * What a flight recorder holds after its end. Its rings are files in /dev/shm, which LTTng's consumer unlinks when a process ends
 * and when the session daemon dies; here they have a second name each, so that a VM that was killed, or a session daemon, takes
 * nothing away: lttng-crash makes a trace of them, into OUTPUT/work/recovered. Main thread.
 */
#ifndef FENCELINE_DAEMON_RINGS_H
#define FENCELINE_DAEMON_RINGS_H

#include "daemon/daemon_options.h"

#include <limits.h>
#include <sys/types.h>

struct rings;

/* Makes the folder that LTTng is told to put the rings in; what is in it stays. NULL: no memory, or somebody else has a folder of
 * that name, said. Then no second names are kept. */
struct rings *rings_new(const struct daemon_options *options);
/* Also takes the second names away: the recording has ended in good order. */
void rings_free(struct rings *rings);

/*
 * A new folder's name for lttng_set_session_shm_path, below the one that is looked at. LTTng makes the folder and takes it away;
 * the session daemon (2.13 and later) waits without end for that when the session is destroyed, and serves nobody meanwhile: so
 * rings_leave comes before each end of the session.
 */
const char *rings_folder(struct rings *rings);

/* The second names alone are left. */
void rings_leave(struct rings *rings);

/* Second names for rings that are new; those of processes that have ended stay for some minutes, a few of them. `all`: looks at
 * every process, not only at new ones, and whose processes they are (ring_users.h). Once a second. */
void rings_keep(struct rings *rings, bool all, pid_t consumer);

/* Whose processes' rings are in this snapshot of the session that has them comes beside them. */
void rings_tell_users(struct rings *rings, const char *folder);

/* The session is gone, whatever ended it: what it held is written down, by a process in the background. */
void rings_recover(struct rings *rings);

/* What was recovered some minutes ago goes. */
void rings_prune(struct rings *rings);

/* All of them as they are now, into `folder`, without LTTng's session daemon. */
void rings_take(struct rings *rings, const char *folder);

/* Those of processes that ended meanwhile, into `folder` (made if there are any), for a case. Bounded by their number; some ms.
 */
void rings_take_ended(struct rings *rings, const char *folder);

#endif
