/* SPDX-License-Identifier: MIT */
/*
 * One CTF trace folder through libbabeltrace2: source.ctf.fs, and a sink with one iterator for each stream, so that streams
 * are read one by one: a stream that is not wanted costs nothing, a damaged one does not end the others, and no muxer weighs
 * each event against the others. Its events become struct event by the field table. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_CTF_GRAPH_H
#define FENCELINE_INGEST_CTF_GRAPH_H

#include "ingest/event.h"

struct ctf_graph;

/* Loads libbabeltrace2's plugins, which is done once in a process. False: they are not there. */
bool ctf_graph_prepare(void);
/* Returns NULL and the cause (owned by the caller, NULL when out of memory) if the folder cannot be read as a trace. */
struct ctf_graph *ctf_graph_open(const char *folder, bool no_io, char **cause);
/* Streams in the order of their files' names; one that holds nothing does not count. */
size_t ctf_graph_streams(const struct ctf_graph *graph);
enum ctf_message {
	MESSAGE_END,     /* nothing more may be asked of that stream; *text: how it is damaged, NULL: it is not */
	MESSAGE_HOST,    /* the first one; *text: the host, "" if it is not known */
	MESSAGE_EVENT,   /* *event is filled in but for its source */
	MESSAGE_SKIPPED, /* an `io` event, of which the graph was opened with no_io */
	MESSAGE_UNKNOWN, /* an event that is not fenceline's, or of a kind that this build does not know */
	MESSAGE_OTHER,
};

/* What the stream's next message is. All texts are borrowed until the next call for that stream, or close. */
enum ctf_message ctf_graph_next(struct ctf_graph *graph, size_t stream, struct event *event, const char **text);
void ctf_graph_close(struct ctf_graph *graph);

#endif
