/* SPDX-License-Identifier: MIT */
/* While the command runs: once a second, do those that lived before it still have their watches, and are they fenced? */
#ifndef FENCELINE_GUARD_FOLLOW_H
#define FENCELINE_GUARD_FOLLOW_H

#include "guard/asker.h"

struct follower;

/* Starts a thread, which has the asker to itself until follow_end. It says on stderr what changes, once. NULL if there is no
 * thread to be had. */
struct follower *follow_begin(struct asker *asker, struct asked *asked, const struct look *before);
/* Ends it. True if it saw one of them fenced; *watch_was_gone if it saw the owner without its watch. Takes NULL. */
bool follow_end(struct follower *follower, bool *watch_was_gone);

#endif
