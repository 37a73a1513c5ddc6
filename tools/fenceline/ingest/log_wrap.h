/* SPDX-License-Identifier: MIT */
/* Lines of a paste that a terminal, a mail, or a ticket broke. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_WRAP_H
#define FENCELINE_INGEST_LOG_WRAP_H

#include "ingest/log_line.h"

/* The text as it was before it was sent and pasted, and *whole its length: each broken line in its first line, the lines that it
 * went on in are empty, so that numbers of lines stay. NULL: none was broken, and *whole is `length`. The caller frees it. */
char *log_wrap_join(struct log *log, const char *text, size_t length, size_t *whole);

#endif
