/* SPDX-License-Identifier: MIT */
/*
 * A damaged trace, read stream file by stream file: each is put into a folder of its own beside the metadata, so that
 * the damage of one does not end the others; a file whose end is cut off is copied as far as it is whole. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_PARTS_H
#define FENCELINE_INGEST_CTF_PARTS_H

#include "ingest/ctf_reader.h"

struct ctf_parts;

/* Is the trace's metadata complete, and does every stream file end with a packet's end? libbabeltrace2 2.0 must not see what
 * is not: it reads cut metadata for ever, and ends the program over some packet headers. */
bool ctf_trace_is_whole(const char *folder);

/* `folder` is the trace's. `done`: what has been delivered of it already, NULL for nothing. `cause`: why it could not be read
 * at once; said on stderr unless a more telling damage is found. NULL if nothing can be read of it, which is said. */
struct ctf_parts *ctf_parts_open(const char *folder, const struct ctf_reader *done, const char *cause, bool no_io);
/* 1: *event, valid until the next call, and the host; 0: the end. */
int ctf_parts_next(struct ctf_parts *parts, struct event **event, const char **host);
uint64_t ctf_parts_skipped_io(const struct ctf_parts *parts);
void ctf_parts_close(struct ctf_parts *parts);

#endif
