/* SPDX-License-Identifier: MIT */
/*
 * One CTF trace folder through libbabeltrace2: source.ctf.fs, and a sink with one iterator for each stream, so that streams
 * are read one by one: a stream that is not wanted costs nothing, a damaged one does not end the others, and no muxer weighs
 * each event against the others. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_GRAPH_H
#define FENCELINE_INGEST_CTF_GRAPH_H

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stddef.h>

struct ctf_graph;

/* Loads libbabeltrace2's plugins, which is done once in a process. False: they are not there. */
bool ctf_graph_prepare(void);
/* Returns NULL and the cause (owned by the caller, NULL when out of memory) if the folder cannot be read as a trace. */
struct ctf_graph *ctf_graph_open(const char *folder, char **cause);
/* Streams in the order of their files' names; one that holds nothing does not count. */
size_t ctf_graph_streams(const struct ctf_graph *graph);
/* True: *message is the stream's next one, valid until the next call for that stream. False: it ends; *cause (owned by the caller)
 * says how it is damaged, NULL: it is not. Then nothing more may be asked of that stream. */
bool ctf_graph_next(struct ctf_graph *graph, size_t stream, const bt_message **message, char **cause);
void ctf_graph_close(struct ctf_graph *graph);

#endif
