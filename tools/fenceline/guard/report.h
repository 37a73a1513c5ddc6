/* SPDX-License-Identifier: MIT */
/* A look and its verdict, for a person and for a program. Names in them are hostile: they are escaped here. */
#ifndef FENCELINE_GUARD_REPORT_H
#define FENCELINE_GUARD_REPORT_H

#include "guard/verdict.h"

#include <jansson.h>
#include <stdio.h>

/* The verdict and, each on a line, the facts it rests on. */
void report_text(const struct look *look, const struct judgement *judgement, FILE *out);
/* One line: "volumes/vm1: wait: the owner …". */
void report_line(const struct look *look, const struct judgement *judgement, FILE *out);
/* The program's own words on stderr, one line; what is in them is escaped. */
void report_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An element of "images" of fenceline/preflight/1. NULL: out of memory. */
json_t *report_json(const struct look *look, const struct judgement *judgement);
#endif
