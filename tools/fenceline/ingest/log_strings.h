/* SPDX-License-Identifier: MIT */
/* JSON and what Python prints, of no kind that log_document.h knows, whose strings are lines of a log or what a command printed: a
 * search's answer, a journal as a list, what an automation ran. */
#ifndef FENCELINE_INGEST_LOG_STRINGS_H
#define FENCELINE_INGEST_LOG_STRINGS_H

#include "ingest/tz.h"

#include <stddef.h>

/* `text` has one line or several, and lives until it returns. */
typedef void log_strings_fn(void *arg, const char *text, size_t length);

/* Each string in the values that the text begins with; strings that follow each other in a list are one text, and an object that
 * is a line of a log (unwrap_json.h) is handed over as it is. */
void log_strings_take(const char *text, size_t length, const struct stamp_zone *zone, log_strings_fn *take, void *arg);

#endif
