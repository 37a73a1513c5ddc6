/* SPDX-License-Identifier: MIT */
/* JSON that is none of Ceph's, and holds lines of logs: what a search in a store of logs gave, a journal as a list, what an
 * automation printed. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_STRINGS_H
#define FENCELINE_INGEST_LOG_STRINGS_H

#include "ingest/log_line.h"

/* Takes each line of each string in text[0, length), JSON values one behind the other. `number` is the line's that they are told
 * as. An object with a line's own key (unwrap_json.h) is a line, with its host and time. */
void log_strings_take(struct log *log, const char *text, size_t length, uint64_t number);

#endif
