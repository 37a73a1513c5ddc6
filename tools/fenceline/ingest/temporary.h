/* SPDX-License-Identifier: MIT */
/* Temporary folders, which go with all that was made in them, also when a signal or want of memory ends the program. Internal to
 * ingest/. */
#ifndef FENCELINE_INGEST_TEMPORARY_H
#define FENCELINE_INGEST_TEMPORARY_H

#include <stddef.h>

struct temporary {
	char **made;       /* every file and folder, in order, the temporary folder first; owned */
	size_t made_count; /* 0: there is none */
	struct temporary *next; /* of all that exist */
};

/* Makes one, in TMPDIR or /tmp; `temporary` must not move until it is removed. 0 or -errno after saying why. */
int temporary_make(struct temporary *temporary);
/* A path in it, as long as it exists: what is made there will be removed. */
const char *temporary_path(struct temporary *temporary, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes a file there. 0 or -errno. */
int temporary_write(const char *path, const char *text);
/* Nothing if there is none. */
void temporary_remove(struct temporary *temporary);

#endif
