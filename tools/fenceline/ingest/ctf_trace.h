/* SPDX-License-Identifier: MIT */
/* One CTF trace folder, as the process that reads it and the one that gets its events know it. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_TRACE_H
#define FENCELINE_INGEST_CTF_TRACE_H

#include "ingest/feed.h"

struct ctf_excerpts;

/* What has become of a stream: a process that takes over from one that died begins from here. */
struct ctf_stream {
	uint64_t delivered; /* its events that have arrived */
	bool ended;         /* at its end, or what follows cannot be read */
};

struct ctf_file {
	char *name; /* owned */
	uint64_t bytes;
};

struct ctf_trace {
	char *input, *folder;    /* as named on the command line; the trace's own, named in messages; owned */
	char *excerpt, *file;       /* of a damaged trace: the folder that stands for one of its stream files, and that file; owned */
	struct ctf_excerpts *excerpts; /* borrowed; NULL: the folder itself is read */
	bool cut;                /* the file's end is missing, which has been said */
	struct ctf_file *files;  /* its stream files that are not empty, by name; owned */
	size_t file_count;
	/* The place among the traces: first by folder, then by file. Equal times come in this order. */
	uint32_t rank, subrank;
	/* Who reads it: all readers, the streams being dealt out among them, or just this one. */
	bool dealt_out;
	unsigned reader;

	enum { TRACE_PLANNED, TRACE_OPEN, TRACE_FAILED } state;
	char *cause;  /* why it failed; owned */
	char host[256]; /* "" until its first event */
	struct ctf_stream *streams; /* owned */
	size_t stream_count;
	uint64_t events, skipped, unknown;
	uint32_t owner; /* 1 + the uid; 0: not known */
	struct source *source; /* borrowed; NULL until its first event */
};

#endif
