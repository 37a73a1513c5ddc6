/* SPDX-License-Identifier: MIT */
/* The text of an audit line: which monitor command, from whom, and what became of it. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_AUDIT_H
#define FENCELINE_INGEST_LOG_AUDIT_H

#include "ingest/event_list.h"

/* Commands that are told, too, as is one that sets WATCH_TIMEOUT. */
#define AUDIT_PAUSE      "osd pause\""
#define AUDIT_UNPAUSE    "osd unpause\""
#define AUDIT_PAUSE_FLAG "\"key\": \"pause"

/* `text` is what the envelope holds. 1: a command that changes the blocklist, or the watches' timeout, and is set as fact and
 * payload, with its strings kept by `list`; 0: another line; -EINVAL: malformed. */
int audit_parse(const char *text, struct event *event, struct event_list *list);

#endif
