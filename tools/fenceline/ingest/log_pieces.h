/* SPDX-License-Identifier: MIT */
/*
 * What stands in several lines of a log. What Kubernetes keeps of a container (CRI) cuts lines at 16 KiB: all pieces but the last are
 * marked P, the last F. `journalctl -o verbose` and `-o export` print an entry's time in a line of its own, before the message.
 * Internal to ingest/. Not thread-safe.
 */
#ifndef FENCELINE_INGEST_LOG_PIECES_H
#define FENCELINE_INGEST_LOG_PIECES_H

#include "ingest/line_reader.h"
#include "ingest/tz.h"
#include "ingest/xalloc.h"

#define LOG_PIECES_MOST ((size_t)1 << 20) /* of a line put together; what is longer is cut */

struct log_pieces {
	struct text_buffer text; /* owned: "STAMP stderr F " and what has come */
	uint64_t number;         /* of its last piece's line */
	char stream[8];          /* "stderr"; "": no line is open; else no other piece may be skipped */
	struct stamp stamp;      /* of the journal's entry whose lines come; ns 0: none */
};

/* A piece is kept: true, and nothing is to be done with the line. Its last piece: false, and *line is the whole, valid until
 * the next call. Any other line: false, untouched. */
bool log_pieces_take(struct log_pieces *pieces, struct line *line);
/* No piece comes any more: true, and *line is what there was of an open one, valid until the next call. */
bool log_pieces_end(struct log_pieces *pieces, struct line *line);

/* A line that tells when a journal's entry was made: true if it is such a one. */
bool log_pieces_stamp(struct log_pieces *pieces, const struct line *line, const struct stamp_zone *zone);
/* That time, for the entry's message, if the message's own line has none. */
void log_pieces_give_stamp(const struct log_pieces *pieces, const struct line *line, struct stamp *stamp);

#endif
