/* SPDX-License-Identifier: MIT */
/* Lines of a paste that a terminal, a mail program or a ticket broke. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_WRAP_H
#define FENCELINE_INGEST_LOG_WRAP_H

#include "ingest/log_line.h"

/* The text with its broken lines put together, and *joined its length: each in its first line, the lines that it went on in are
 * empty, so that numbers of lines stay. NULL: none was broken. The caller frees it. */
char *log_wrap_join(struct log *log, const char *text, size_t length, size_t *joined);

#endif
