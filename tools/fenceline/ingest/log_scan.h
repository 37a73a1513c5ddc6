/* SPDX-License-Identifier: MIT */
/*
 * Looks for any of many words in a large text, much faster than a line can be parsed: most lines of a log say nothing of
 * watches, fences or slow requests, and only those that may are looked at. Internal to ingest/. Not thread-safe.
 */
#ifndef FENCELINE_INGEST_LOG_SCAN_H
#define FENCELINE_INGEST_LOG_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define LOG_SCAN_WORDS    128
#define LOG_SCAN_SHORTEST 8  /* the longer the shortest word, the fewer places need a look */

/* A set of words, one bit each. */
__extension__ typedef unsigned __int128 log_words;

struct log_scan;

/* An empty one, to be freed with free(). */
struct log_scan *log_scan_new(void);
/* Adds a word of at least LOG_SCAN_SHORTEST bytes without a newline, borrowed; one that is there already gets the same bit.
 * Returns the word's bit, 0 for a shorter one. Aborts where there is no room: a table has grown too long, and each test sees it. */
log_words log_scan_add(struct log_scan *scan, const char *word);
/* A place where one of the words begins, in the first line of text[0, length) that holds any; NULL: no line does. */
const char *log_scan_find(const struct log_scan *scan, const char *text, size_t length);
/* The bits of all words that text[0, length) holds. */
log_words log_scan_words(const struct log_scan *scan, const char *text, size_t length);

#endif
