/* SPDX-License-Identifier: MIT */
/* The text of an audit line: which monitor command, from whom, and what became of it. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_AUDIT_H
#define FENCELINE_INGEST_LOG_AUDIT_H

#include "ingest/event.h"

#include <jansson.h>

/* True for a line that may hold a blocklist command; cheap, and true of a few others. */
bool audit_maybe(const char *line, size_t length);

/* `text` is what the envelope holds; it is cut into strings that *audit points into, others lie in *command, which the
 * caller owns. 1: a blocklist command that changes something; 0: another line; -EINVAL: malformed. */
int audit_parse(char *text, struct audit_blocklist *audit, json_t **command);

#endif
