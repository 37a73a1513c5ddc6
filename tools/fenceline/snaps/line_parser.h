/* SPDX-License-Identifier: MIT */
/* What lines.c (what a line may be wrapped in, documents among lines) and its parts share: lines_osd.c (OSD logs), lines_dump.c
 * and lines_pg.c (what `ceph` prints). */
#ifndef FENCELINE_SNAPS_LINE_PARSER_H
#define FENCELINE_SNAPS_LINE_PARSER_H

#include "ingest/line_reader.h"
#include "ingest/text_in.h"
#include "ingest/unwrap.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"
#include "snaps/json_read.h"
#include "snaps/line_cache.h"
#include "snaps/maps.h"

#define THREADS 64 /* whose placement group is remembered, by the low bits of the thread's number */

struct thread_context { /* what a thread's lines at debug 10 and 20 said last */
	uint64_t thread;
	int64_t pool;   /* -1: none */
	uint64_t epoch; /* the map that the group is moving to */
};

#define HOLDS_WITHIN 512 /* where in a line something is looked for that does not begin it */

#define PG_COLUMNS 64
enum pg_column { PG_COLUMN_OTHER, PG_COLUMN_STAMP, PG_COLUMN_STATE, PG_COLUMN_OSDS, PG_COLUMN_QUEUE };

/* A table of placement groups, read by words: columns move when it is pasted, words keep their order. */
struct pg_rows {
	enum { PG_ROWS_NONE, PG_ROWS_HEAD, PG_ROWS_ROW, PG_ROWS_BETWEEN } where;
	enum pg_column columns[PG_COLUMNS];
	size_t count;
	size_t last; /* the last column that is of interest */
	/* the row that is being read: it may go on in the next line */
	size_t at;
	bool in_stamp, in_osds;
	struct pg_sighting pg;
	char state[128];
};

struct line_parser {
	struct account *account; /* borrowed */
	const char *path;        /* borrowed */
	struct thread_context threads[THREADS];
	struct line_cache cache;
	struct interval_set set, queue, listed;
	uint64_t epoch; /* of the dump that is being read */
	int64_t ts_ns;
	struct sighting open; /* a dump's pool line, waiting for the lines under it; .name owned, NULL: there is none */
	bool refused;         /* the lines under a pool's line that was refused are its */
	bool set_unread;      /* the pool's set stands there and could not be read: it is not known */
	struct bare_pool {
		int64_t id;
		bool queue; /* a queue stood under it */
	} * bare; /* owned; pools of this dump that had no line with a set under them */
	size_t bare_count;
	struct pg_rows rows;
	struct text_buffer held; /* a line that goes on in the next one, if has_held */
	uint64_t held_number;
	bool has_held, releasing; /* releasing: what is held is told as it is */
	struct text_buffer plain; /* a line without its escapes */
	struct unwrap *unwrap;    /* owned */
	const char *whole;        /* the line that place.column counts in; NULL: what is looked at lies in none */
	size_t whole_length;
	struct json_read *json;
	struct maps *maps, own; /* where documents go: the caller's, or those of this input alone */
	struct place place;
};

/* What a form gets: the line, its envelope split off. */
struct taken {
	const struct line *line;
	const char *stamp; /* NULL: none */
	uint64_t thread;   /* 0: none */
	const char *text, *end;
};

static inline size_t left(const struct taken *t)
{
	return (size_t)(t->end - t->text);
}

/* A form of line: true: it told something. */
typedef bool take_fn(struct line_parser *parser, struct taken *t);

/* A form of line that is known, by its beginning; indentation before it is of no account. Each file has its forms as a table. */
struct line_form {
	const char *begins; /* NULL behind the last */
	bool enveloped;     /* a daemon's log has it; the others stand without a thread before them */
	take_fn *take;
	const char *example; /* what an envelope held, or stands bare */
};
extern const struct line_form lines_osd_forms[], lines_dump_forms[], lines_pg_forms[];

/* The set that stands at `at`; what is wrong with it is told. True if there is one (whole or not). */
bool read_set(struct line_parser *parser, const struct taken *t, const char *at, struct interval_set *set, const char **end);
uint64_t read_number(const char *at, const char *end, const char **after);
/* The time of the stamp; 0: it has none. */
int64_t taken_ns(const struct taken *t);

/* A set that was wrapped: its line is held until it is whole. False: this line cannot be. */
bool hold(struct line_parser *parser, const struct line *line);
/* Holds the line if it breaks off inside a set that begins at `at`. */
bool hold_if_open(struct line_parser *parser, const struct taken *t, const char *at);
/* Adds the line to the held one, if it goes on with its set; WHOLE: up to the set's end. */
enum joined { NOT_JOINED, JOINED, JOINED_WHOLE } join_held(struct line_parser *parser, const struct line *line);

#endif
