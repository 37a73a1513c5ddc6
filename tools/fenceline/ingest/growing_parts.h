/* SPDX-License-Identifier: MIT */
/* Inside growing*.c. */
#ifndef FENCELINE_INGEST_GROWING_PARTS_H
#define FENCELINE_INGEST_GROWING_PARTS_H

#include "ingest/intake.h"
#include "ingest/temporary.h"

#include <sys/types.h>

struct growing_trace; /* a folder with metadata */
struct growing_log;

struct growing {
	const struct ingest_options *options;
	char **paths;
	size_t path_count;     /* borrowed */
	struct ingest *ingest; /* owned: without inputs, it has the sources and the options */
	struct growing_trace *traces;
	struct growing_log *logs;
	uint64_t lost_events;
	int (*take)(struct event *event, void *arg);
	void *arg;
	bool more;
	struct temporary excerpt; /* of this round, if one is needed */
};

/* Copies the event, which is then of that source, and hands it on. */
int growing_hand_on(struct growing *growing, const struct event *event, struct source *source);
/* The traces in or beneath the folder that was named `input`. */
int growing_traces_round(struct growing *growing, const char *input);
int growing_log_round(struct growing *growing, const char *path);
void growing_traces_close(struct growing *growing);
void growing_logs_close(struct growing *growing);

#endif
