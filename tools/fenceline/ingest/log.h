/* SPDX-License-Identifier: MIT */
/* Logs, listings, documents and pastes. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_H
#define FENCELINE_INGEST_LOG_H

#include "ingest/intake.h"

struct line_reader;

/* The reader stands at the first line and stays the caller's; of a large log it is taken over, and *reader becomes NULL. */
void log_open(struct ingest *ingest, const char *path, struct line_reader **reader);

#endif
