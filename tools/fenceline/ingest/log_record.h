/* SPDX-License-Identifier: MIT */
/* An entry of a journal that is spread over lines, as `journalctl -o verbose` and `-o export` print it: its time stands in a line of
 * its own, before the message. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_RECORD_H
#define FENCELINE_INGEST_LOG_RECORD_H

#include "ingest/line_reader.h"
#include "ingest/tz.h"

struct log_record {
	struct stamp stamp; /* of the entry whose lines come; ns 0: none */
};

/* A line that tells when the entry was made: true if it is such a one. */
bool log_record_begins(struct log_record *record, const struct line *line, const struct stamp_zone *zone);
/* The entry's time, for its message, if the message's own line has none. */
void log_record_give(const struct log_record *record, const struct line *line, struct stamp *stamp);

#endif
