/* SPDX-License-Identifier: MIT */
/*
 * What was recorded of fences that could not be written down: the folders of their cases, in OUTPUT/work/unwritten. One that an earlier
 * daemon left is tried once more; the newest few stay there, for whoever reads them by hand.
 */
#ifndef FENCELINE_DAEMON_UNWRITTEN_H
#define FENCELINE_DAEMON_UNWRITTEN_H

#include <limits.h>
#include <stdint.h>

/* The folder of a case is named for when it was begun, ms since the epoch, and a number. */
#define UNWRITTEN_NAME "%lld-%u"

/* At a start: what is in OUTPUT/work/cases belongs there. Returns how many can be tried once more. */
unsigned unwritten_gather(const char *output);

/* A case's folder goes there, its new path into `path`. One that is there already will not be tried again. 0 or -errno. */
int unwritten_take(const char *output, const char *folder, char path[PATH_MAX]);

/* The newest that can be tried once more; *begun_ns: when its case was begun, since the epoch. 0 or -ENOENT. */
int unwritten_next(const char *output, char path[PATH_MAX], int64_t *begun_ns);

#endif
