/* SPDX-License-Identifier: MIT */
/* Logs, listings, documents and pastes. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_H
#define FENCELINE_INGEST_LOG_H

#include "ingest/intake.h"

struct line_reader;
struct log;

/* The reader stands at the first line and stays the caller's; of a large log it is taken over, and *reader becomes NULL. */
void log_open(struct ingest *ingest, const char *path, struct line_reader **reader);

/* What has been added to a log that is still being written (log_line.h has log_new), whole lines; `lines` stand before them. What it
 * tells becomes a feed. The reader stays the caller's. False: so far it holds nothing that is known. */
bool log_read_part(struct log *log, struct line_reader *part, uint64_t lines);

/* On stderr, of a log that gave no event: what it is, what it lacks, or the first line that is not understood. */
void log_say_what_it_held(const struct log *log);

#endif
