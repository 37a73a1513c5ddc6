/* SPDX-License-Identifier: MIT */
/* What lines.c (the table, OSD logs) and lines_dump.c (what `ceph` prints) share. */
#ifndef FENCELINE_SNAPS_LINES_INTERNAL_H
#define FENCELINE_SNAPS_LINES_INTERNAL_H

#include "snaps/line_cache.h"
#include "snaps/lines.h"
#include "snaps/log_line.h"

#define THREADS 64 /* whose placement group is remembered, by the low bits of the thread's number */

struct thread_context { /* what a thread's lines at debug 10 and 20 said last */
	uint64_t thread;
	int64_t pool;   /* -1: none */
	uint64_t epoch; /* the map that the group is moving to */
};

struct line_parser {
	struct account *account; /* borrowed */
	const char *path;        /* borrowed */
	struct thread_context threads[THREADS];
	struct line_cache cache;
	struct interval_set set, queue;
	uint64_t epoch; /* of the dump that is being read */
	int64_t ts_ns;
	char release[32];
	struct sighting open; /* a dump's pool line, waiting for the lines under it; .name owned */
	bool has_open;
	size_t snaptrim_column, snaptrim_end, state_column; /* of a pg dump, 0: not in one */
	struct place place;
};

/* What a form gets: the line, its envelope split off. */
struct taken {
	const struct line *line;
	struct log_line log;
};

/* A form of line: 1: it told something, 0: it did not, -ENOMEM. */
typedef int take_fn(struct line_parser *parser, struct taken *t);
take_fn take_epoch, take_modified, take_release, take_pool, take_dump_set, take_pg_header, take_pg_row, take_bare_set;

/* Hands the pool whose dump is being read to the account. */
int close_pool(struct line_parser *parser);
/* The set that stands at `at`; what is wrong with it is told. 1 if there is one (whole or not), 0 if not, -ENOMEM. */
int read_set(struct line_parser *parser, const struct taken *t, const char *at, struct interval_set *set, const char **end);
uint64_t read_number(const char *at, const char *end, const char **after);

#endif
