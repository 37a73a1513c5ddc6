/* SPDX-License-Identifier: MIT */
/* One incident folder: made, put together with an earlier one of the same fence, announced. */
#ifndef FENCELINE_DAEMON_FOLDER_H
#define FENCELINE_DAEMON_FOLDER_H

#include "daemon/daemon_options.h"
#include "saved/saved.h"

#define FOLDER_UNFINISHED ".unfinished-" /* what the name of one that is being made begins with */

/*
 * Read trace/ and logs/ in `all` with the read program; what it finds comes into found/0, found/1 … (incidents.json,
 * timeline.txt, timeline.html). Returns how many, or -errno, said.
 */
int folder_read(const struct daemon_options *options, const char *all, const char *found);

/*
 * Write the incident down that stands in `found`: a new folder. Where one tells of the same client and this may say more (noticed
 * just now, or stronger), that one is left for folder_write_again. 0 or -errno, said.
 */
int folder_write(const struct daemon_options *options, const char *all, const char *found, const struct verdict *verdict,
                 bool noticed);

/* After the last folder_write of a case: those that were left are made anew with what was recorded both times. It reads once for
 * all of them. 0 or -errno, said. */
int folder_write_again(const struct daemon_options *options, const char *all);

/* Calls the hook for each folder that was written since: somebody else's command, which may take its time. */
void folder_call_hooks(const struct daemon_options *options);

bool folder_same_client(const char *a, const char *b);

#endif
