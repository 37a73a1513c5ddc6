/* SPDX-License-Identifier: MIT */
/* Inside growing*.c. */
#ifndef FENCELINE_INGEST_GROWING_PARTS_H
#define FENCELINE_INGEST_GROWING_PARTS_H

#include "ingest/growing.h"

#include <sys/types.h>

struct growing_trace; /* a folder with metadata */
struct growing_log;

struct growing {
	struct ingest_options options;
	char **paths; size_t path_count; /* borrowed */
	struct source **sources; size_t source_count;
	struct growing_trace *traces;
	struct growing_log *logs;
	uint64_t lost_events;
	int (*take)(struct event *event, void *arg);
	void *arg;
	bool more;
	char view[4096]; /* temporary folder of this round; "" if none is needed */
};

/* The one source of that path, kind and host; NULL: out of memory. */
struct source *growing_source(struct growing *growing, const char *path, const char *kind, const char *host);
/* Copies the event, which is then of that source, and hands it on. */
int growing_hand_on(struct growing *growing, const struct event *event, struct source *source);
/* A new empty temporary folder in growing->view, and its end with all that is in it. */
int growing_view_make(struct growing *growing);
void growing_view_remove(struct growing *growing);
/* Bytes begin to end of the one file, at the end of the other. 0 or -errno. */
int growing_copy(int from, int to, uint64_t begin, uint64_t end);

/* The traces in or beneath the folder that was named `input`. */
int growing_traces_round(struct growing *growing, const char *input);
int growing_log_round(struct growing *growing, const char *path);
void growing_traces_close(struct growing *growing);
void growing_logs_close(struct growing *growing);

#endif
