/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WORDS_MISSING_H
#define FENCELINE_CORRELATE_WORDS_MISSING_H

#include "correlate/findings.h"

/* What would strengthen the links. */
int words_missing(const struct findings *findings, struct incident *incident);
int missing_add(struct incident *incident, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
