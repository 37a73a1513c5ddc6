/* SPDX-License-Identifier: MIT */
/* The chain at a glance: each link with its status, what is said of it and which lines of evidence carry it; then the side where
 * pings were lost, and witnesses that disagree. */
#ifndef FENCELINE_RENDER_TEXT_CHAIN_H
#define FENCELINE_RENDER_TEXT_CHAIN_H

#include "render/text.h"

/* The links of the verdict, each with its status, and what carries it. */
void text_chain(const struct text *text, const struct incident *incident);
/* The numbers of the lines of evidence with that role: "1, 3-5"; "" if there are none. Returns buf. */
const char *evidence_numbers(const struct incident *incident, unsigned int role, char buf[TEXT_BUF]);

#endif
