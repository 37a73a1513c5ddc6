/* SPDX-License-Identifier: MIT */
/* When the inputs that name a year were written: a help for those whose stamps name none. Internal to ingest/. */
#ifndef FENCELINE_INGEST_DATED_H
#define FENCELINE_INGEST_DATED_H

#include "ingest/intake.h"

/* When the last of the inputs that name a year began; 0: none does. Only while inputs are opened. */
int64_t dated_ns(struct ingest *ingest);

#endif
