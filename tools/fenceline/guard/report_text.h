/* SPDX-License-Identifier: MIT */
/* A look and its verdict, for a person. Names in them are hostile: they are escaped here. */
#ifndef FENCELINE_GUARD_REPORT_TEXT_H
#define FENCELINE_GUARD_REPORT_TEXT_H

#include "guard/verdict.h"

#include <stdio.h>

/* The verdict and, each on a line, the facts it rests on. */
void report_text(const struct look *look, const struct judgement *judgement, FILE *out);
/* One line: "volumes/vm1: wait: the owner …". */
void report_line(const struct look *look, const struct judgement *judgement, FILE *out);
/* The program's own words on stderr, one line; what is in them is escaped. */
void report_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
