/* SPDX-License-Identifier: MIT */
/* The envelope of a daemon's log line: STAMP THREAD LEVEL text. */
#ifndef FENCELINE_SNAPS_LOG_LINE_H
#define FENCELINE_SNAPS_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_line {
	const char *stamp; /* NULL: none */
	uint64_t thread;   /* 0: none */
	const char *text;
	size_t length; /* of the text */
};

/* Splits the envelope off. Without one the whole line is text; if a stamp stands later in the line (grep's file name, the
 * journal's prefix), the envelope is taken from there. */
void log_line_split(const char *line, size_t length, struct log_line *out);

bool char_in(char c, const char *set); /* is it one of the set? NUL is in none */
bool text_begins(const char *text, size_t length, const char *prefix);
/* Finds `what` in the first `within` bytes of text; NULL if it is not there. */
const char *text_find(const char *text, size_t length, size_t within, const char *what);

#endif
