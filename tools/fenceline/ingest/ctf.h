/* SPDX-License-Identifier: MIT */
/* All traces of all inputs: found, opened, and read as one feed. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_H
#define FENCELINE_INGEST_CTF_H

#include "ingest/intake.h"

struct ctf_set;

/* The set of this ingest; made with the first trace folder. */
struct ctf_set *ctf_set_of(struct ingest *ingest);
/* A trace, found beneath this input. */
void ctf_set_add(struct ctf_set *set, const char *input, const char *folder);
/* Once all inputs are known: the traces are opened, each by who will read it. 0 or -errno after saying why. */
int ctf_begin(struct ingest *ingest);

#endif
