/* SPDX-License-Identifier: MIT */
/* Which inputs are pieces of one log. */
#ifndef FENCELINE_MODEL_SOURCES_H
#define FENCELINE_MODEL_SOURCES_H

#include "model/records.h"

/* How much of a path names the log: client.log and client.log.1.gz are pieces of one. */
size_t log_name_length(const char *path);
/* The clock of a log that names no host, by the path of the log that its pieces were. */
const char *clock_of_log(const struct model *model, const char *path);
/* Are both the same input, or pieces of one rotated log? */
bool same_log(const struct source *a, const struct source *b);
/* The name of the clock that a source's times come from: its host; "" (the monitors) for their logs, which name no host; else its path, of
 * a rotated log the path of the log that it is a piece of. */
const char *model_clock(const struct model *model, const struct source *source);
bool model_one_clock(const struct model *model, const struct source *a, const struct source *b);

#endif
