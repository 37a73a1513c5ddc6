/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_WANTED_H
#define FENCELINE_CORRELATE_WANTED_H

#include "correlate/findings.h"

/* The header of the image whose lock the fencer wanted, by its own trace; not known where it works on several at once over one
 * connection. */
void findings_wanted(struct findings *findings);
/* Was that call under way when the command was sent? */
bool is_open_at(const struct snapshot_call *call, int64_t at_ns);

#endif
