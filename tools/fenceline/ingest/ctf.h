/* SPDX-License-Identifier: MIT */
/* All traces of all inputs: found, opened, and read as one feed. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_H
#define FENCELINE_INGEST_CTF_H

#include "ingest/intake.h"

/* The traces in or beneath that folder will be read. 0, or -errno after saying on stderr why. */
int ctf_open_folder(struct ingest *ingest, const char *path);
/* Once all inputs are known: the traces are opened, each by who will read it. 0 or -errno after saying why. */
int ctf_begin(struct ingest *ingest);

#endif
