/* SPDX-License-Identifier: MIT */
/* One CTF trace folder through libbabeltrace2: source.ctf.fs, a muxer, and a sink that hands out messages. Internal to ingest/. */
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
/* 1: *message is the next one, valid until the next call; 0: the end; -1: damaged, *cause says how (owned by the caller). */
int ctf_graph_next(struct ctf_graph *graph, const bt_message **message, char **cause);
void ctf_graph_close(struct ctf_graph *graph);

#endif
