/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WORDS_CHAIN_H
#define FENCELINE_CORRELATE_WORDS_CHAIN_H

#include "correlate/findings.h"

/* A sentence for each link, and for the side. */
int words_chain(const struct findings *findings, struct incident *incident);
int words_expiry(struct incident *incident); /* the timeline's line */
int words_where(const struct findings *findings, struct incident *incident);
/* Replaces *text. 0 or -ENOMEM. */
int words_say(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
