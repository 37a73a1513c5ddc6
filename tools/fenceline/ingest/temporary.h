/* SPDX-License-Identifier: MIT */
/* Temporary folders, which go with all that was made in them, also when a signal or want of memory ends the program. Internal to
 * ingest/. */
#ifndef FENCELINE_INGEST_TEMPORARY_H
#define FENCELINE_INGEST_TEMPORARY_H

#include <limits.h>
#include <stddef.h>

struct temporary {
	char folder[PATH_MAX]; /* "" if there is none */
	char **made;           /* every file and folder made, in order; owned */
	size_t made_count;
	struct temporary *next; /* of all that exist */
};

/* Makes one, in TMPDIR or /tmp; `temporary` must not move until it is removed. 0 or -errno after saying why. */
int temporary_make(struct temporary *temporary);
/* Before a file or folder is made there, so that it will be removed. */
void temporary_will_make(struct temporary *temporary, const char *path);
/* Makes a file there. 0 or -errno. */
int temporary_write(struct temporary *temporary, const char *path, const char *text);
/* Nothing if there is none. */
void temporary_remove(struct temporary *temporary);

#endif
