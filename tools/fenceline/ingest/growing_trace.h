/* SPDX-License-Identifier: MIT */
/* Internal to ingest/growing*.c. */
#ifndef FENCELINE_INGEST_GROWING_TRACE_H
#define FENCELINE_INGEST_GROWING_TRACE_H

#include "ingest/growing_parts.h"

/* The traces in or beneath the folder that was named `input`: what has been added becomes feeds. 0 or -errno. */
int growing_traces_round(struct growing *growing, const char *input);
void growing_traces_close(struct growing *growing);

#endif
