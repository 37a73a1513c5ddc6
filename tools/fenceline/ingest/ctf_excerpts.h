/* SPDX-License-Identifier: MIT */
/*
 * A damaged trace, stream file by stream file: each is put into a folder of its own beside the metadata, an *excerpt*, so that one
 * that libbabeltrace2 cannot open, or dies over, does not end the others; a file whose end is cut off is copied as far as it is
 * whole. Excerpts lie in one temporary folder, which is removed also when a signal ends the program. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_EXCERPTS_H
#define FENCELINE_INGEST_CTF_EXCERPTS_H

#include "ingest/ctf_trace.h"

#include <dirent.h>

/* Is the trace's metadata complete, and does every stream file end with a packet's end? libbabeltrace2 2.0 must not see what
 * is not: it reads cut metadata for ever, and ends the program over some packet headers. */
bool ctf_trace_is_whole(const struct ctf_trace *trace);
/* Lists the stream files of trace->folder; one that cannot be read has none. */
void ctf_trace_list_files(struct ctf_trace *trace);

/* Of a trace's folder: for scandir. */
int ctf_is_stream_file(const struct dirent *entry);

/* `whole` is the trace as it was found, and outlives the excerpts. NULL if nothing can be read of it, which is said. */
struct ctf_excerpts *ctf_excerpts_make(const struct ctf_trace *whole);
/* For each file of `whole`: the excerpt's folder, NULL if there is none; *cut: not all of the file is in it. Borrowed. */
const char *ctf_excerpts_folder(const struct ctf_excerpts *excerpts, size_t file, bool *cut);
/* Says what became of the trace, once all its excerpts (`traces`, as many as there are) have been tried. */
void ctf_excerpts_conclude(struct ctf_excerpts *excerpts, struct ctf_trace *const traces[], size_t count);
void ctf_excerpts_remove(struct ctf_excerpts *excerpts);

/* One line: the stream is damaged, and read up to there. */
void ctf_say_damage(const struct ctf_trace *trace, size_t stream, const char *cause);

#endif
