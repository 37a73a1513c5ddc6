/* SPDX-License-Identifier: MIT */
/* Events of one trace folder, in order of time: the graph and the decoder together. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_READER_H
#define FENCELINE_INGEST_CTF_READER_H

#include "ingest/ctf_decode.h"
#include "ingest/ctf_graph.h"

/* How far a stream has been read, to take it up again elsewhere. */
struct ctf_position {
	char *file;        /* base name of the stream's first file; owned */
	uint64_t messages; /* events and discarded-events messages */
	const bt_stream *stream; /* only compared, never followed */
};

struct ctf_reader {
	struct ctf_graph *graph; /* owned */
	struct ctf_decoder decoder;
	struct event event;
	char host[256]; /* "" until the first stream */
	struct ctf_position *positions; /* owned */
	size_t position_count, last_position;
};

/* NULL and *cause (owned by the caller) if it cannot be read. */
struct ctf_reader *ctf_reader_open(const char *folder, bool no_io, char **cause);
/* 1: reader->event, valid until the next call; 0: the end; -1: damaged, *cause says how (owned by the caller). */
int ctf_reader_next(struct ctf_reader *reader, char **cause);
/* Messages read of the stream that begins with that file; 0 if none. */
uint64_t ctf_reader_position(const struct ctf_reader *reader, const char *file);
void ctf_reader_close(struct ctf_reader *reader);

#endif
