/* SPDX-License-Identifier: MIT */
/* What is said of an input that gave no event. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_END_H
#define FENCELINE_INGEST_LOG_END_H

#include "ingest/log_line.h"

/* On stderr: what it is, what it lacks, or the first line that is not understood. Nothing if it gave events. */
void log_say_what_it_held(const struct log *log);

#endif
