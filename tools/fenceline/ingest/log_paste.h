/* SPDX-License-Identifier: MIT */
/* Inputs that are small enough to be looked at line by line: a paste may hold several commands with what they printed, logs and
 * JSON, in any order. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_PASTE_H
#define FENCELINE_INGEST_LOG_PASTE_H

#include "ingest/log_line.h"

#define LOG_PASTE_MOST ((size_t)1 << 20)

/* All of the input, whose kind is set if a line of it has one. */
void log_paste_read(struct log *log, const char *text, size_t length);

/* All of an input of any size that is JSON. */
void log_paste_read_json(struct log *log, const char *text, size_t length);

#endif
