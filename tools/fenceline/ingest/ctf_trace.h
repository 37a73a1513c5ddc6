/* SPDX-License-Identifier: MIT */
/* CTF trace folders, as the processes that read them and the one that gets their events know them. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_TRACE_H
#define FENCELINE_INGEST_CTF_TRACE_H

#include "ingest/event.h"
#include "ingest/ingest_options.h"
#include "ingest/temporary.h"

struct ctf_found {
	char **folders; /* those that hold a trace; owned */
	size_t count;
	bool any;         /* there is something in one of the folders that were looked at */
	char *unreadable; /* the folder that ended the search; owned; NULL: none */
};

/* Looks for traces in the folder and beneath it, by name. A folder that cannot be read ends the search if `strict`; else it is left
 * out. 0 or -errno. */
int ctf_find(struct ctf_found *found, const char *folder, bool strict);
void ctf_found_free(struct ctf_found *found);

/* What has become of a stream: a process that takes over from one that died begins from here. */
struct ctf_stream {
	uint64_t delivered; /* its events that have arrived */
	bool ended;         /* at its end, or what follows cannot be read */
};

struct ctf_file {
	char *path;       /* owned */
	const char *name; /* its last part */
	uint64_t bytes;
	unsigned reader; /* who reads it */
};

struct ctf_trace {
	char *input, *folder;    /* as named on the command line; the trace's own, named in messages; owned */
	struct ctf_file *files;  /* its stream files that are not empty, by name; owned */
	size_t file_count;
	/* The place among the traces: first by folder, then by file. Equal times come in this order. */
	uint32_t rank, subrank;

	/* A damaged trace is read in parts: each of its stream files is a trace of its own. */
	struct temporary parts;  /* their folders */
	size_t damages;          /* said of it so far */
	struct ctf_trace *whole; /* of a part: the damaged trace; borrowed; else NULL */
	const char *part;        /* the folder that stands for the part; borrowed from `whole` */
	bool cut;                /* the part's end is missing, which has been said */

	enum { TRACE_PLANNED, TRACE_OPEN, TRACE_FAILED, TRACE_IN_PARTS } state;
	char *cause;  /* why it failed; owned */
	int failures; /* of one that grows: rounds in a row that could not be read */
	char host[256]; /* "" until its first event */
	struct ctf_stream *streams; /* owned */
	size_t stream_count;
	uint64_t events, skipped, unknown;
	uint32_t owner; /* 1 + the uid; 0: not known */
	struct source *source; /* borrowed; NULL until its first event */
};

struct ctf_traces {
	struct ctf_trace **traces; /* owned, and they, too; only added to: a trace is known by its place */
	size_t count;
	const struct ingest_options *options; /* borrowed */
};

struct ctf_trace *ctf_trace_add(struct ctf_traces *traces, const char *input, const char *folder);
void ctf_traces_free(struct ctf_traces *traces);
void ctf_trace_add_file(struct ctf_trace *trace, const char *name, uint64_t bytes);
/* Lists the stream files of trace->folder as they are now; one that cannot be read has none. */
void ctf_trace_list_files(struct ctf_trace *trace);

/* Does that reader read the stream? Streams are in the order of their files; should there be fewer, a file holds several. */
bool ctf_trace_stream_is_of(const struct ctf_trace *trace, size_t stream, unsigned reader);
/* Does it read any? A trace without streams is opened by the first reader. */
bool ctf_trace_is_of(const struct ctf_trace *trace, unsigned reader);

/* One line about its damage; `file` is "" or one of its files. */
void ctf_trace_say(struct ctf_trace *trace, const char *file, const char *format, const char *detail);

#endif
