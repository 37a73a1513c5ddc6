/* SPDX-License-Identifier: MIT */
/* JSON, and what Python prints, in a text: where a value begins, what it is, and the texts in its strings. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_JSON_H
#define FENCELINE_INGEST_LOG_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The object's string of that key; "" if it has none. */
const char *log_json_text(const json_t *object, const char *key);

/* True if an input with such a head can only be JSON. */
bool log_json_recognise(const char *head, size_t length);
/* Where such a value may begin in the first line of text[0, length): behind marks, or behind "mon1 | SUCCESS => "; NULL: nowhere. */
const char *log_json_in(const char *text, size_t length, size_t line);
/* The value at or behind text[*at], which the caller frees; *at is the place behind it then. NULL: there is none, and *at is
 * `length`, or it is damaged. */
json_t *log_json_next(const char *text, size_t length, size_t *at);

/* `text` has one line or several, and lives until it returns. */
typedef void log_json_fn(void *arg, const char *text, size_t length);
/* Each string in the value; strings that follow each other in a list are one text, and an object that is a line of a log
 * (unwrap_json.h) is handed over as it is. */
void log_json_strings(const json_t *value, log_json_fn *take, void *arg);

#endif
