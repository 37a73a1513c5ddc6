/* SPDX-License-Identifier: MIT */
/*
 * A damaged trace, stream file by stream file: each is put into a folder of its own beside the metadata, an *excerpt*, so that one
 * that libbabeltrace2 cannot open, or dies over, does not end the others; a file whose end is cut off is copied as far as it is
 * whole. Excerpts lie in one temporary folder, which is removed also when a signal ends the program. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_EXCERPTS_H
#define FENCELINE_INGEST_CTF_EXCERPTS_H

#include "ingest/ctf_trace.h"

/* Is the trace's metadata complete, and does every stream file end with a packet's end? libbabeltrace2 2.0 must not see what
 * is not: it reads cut metadata for ever, and ends the program over some packet headers. */
bool ctf_trace_is_whole(const struct ctf_trace *trace);

/* Adds a trace for each file of `whole` of which something can be read, one after the other; that reader reads them. If it is none
 * of them, that is said. */
void ctf_take_apart(struct ctf_traces *traces, struct ctf_trace *whole, unsigned reader);
/* Says what became of the trace whose parts begin at `first`, once all of them have been tried. */
void ctf_parts_conclude(const struct ctf_traces *traces, size_t first);

#endif
