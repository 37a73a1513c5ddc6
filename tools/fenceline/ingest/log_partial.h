/* SPDX-License-Identifier: MIT */
/*
 * A container's line in pieces. What Kubernetes keeps of a container (CRI) cuts lines at 16 KiB: all pieces but the last are
 * marked P, the last F. Internal to ingest/. Not thread-safe.
 */
#ifndef FENCELINE_INGEST_LOG_PARTIAL_H
#define FENCELINE_INGEST_LOG_PARTIAL_H

#include "ingest/xalloc.h"
#include "ingest/line_reader.h"

#include <stdbool.h>

#define LOG_PARTIAL_MOST ((size_t)1 << 20) /* of a line put together; what is longer is cut */

struct log_partial {
	struct text_buffer text; /* "STAMP stderr F " and what has come */
	uint64_t number;         /* of its last piece's line */
	char stream[8];          /* "stderr"; "": no line is open */
};

/* A piece is kept: true, and nothing is to be done with the line. Its last piece: false, and *line is the whole, valid until
 * the next call. Any other line: false, untouched. */
bool log_partial_take(struct log_partial *partial, struct line *line);
/* Is a line open, whose other pieces must not be skipped? */
bool log_partial_is_open(const struct log_partial *partial);
/* No piece comes any more: true, and *line is what there was of an open one, valid until the next call. */
bool log_partial_end(struct log_partial *partial, struct line *line);
void log_partial_free(struct log_partial *partial);

#endif
