/* SPDX-License-Identifier: MIT */
/*
 * Verdicts in the store: one episode, one row. Each of several watchers may write. An episode's row is written anew, with a higher
 * version, only when it says something else.
 */
#ifndef FENCELINE_FLEET_STORED_H
#define FENCELINE_FLEET_STORED_H

#include "fleet/query.h"

struct stored {
	struct stored *next;
	char ip[64], kind[16];
	uint64_t nonce;
	int64_t episode_ns, begin_ns;
	int64_t until_ns;     /* when the fence ends */
	uint64_t version;
	char *verdict;        /* JSON, as it stands in the store; owned */
	int64_t first_ms;     /* when this watcher first had it, CLOCK_MONOTONIC */
	bool fresh;           /* this watcher wrote it, in this run */
	bool unwritten;       /* and is about to, or failed to */
	/* claims.h: */
	bool wanted;          /* its hook is to be called, */
	bool announced;       /* and that is done, by whomever */
	bool claiming;
	int64_t claimed_ms;   /* by this watcher; 0: not */
	char first[256];      /* who claimed it first; "": nobody has */
};

/* Not all was read of what begins outside of it. */
struct stored_range {
	int64_t begin_ns, end_ns;
	uint64_t version;
};

struct stored_book {
	struct store *store;
	const char *watcher;
	struct stored *list;    /* owned */
};

/* What the store holds of the time from begin_ns to end_ns, and of the day before: what was fenced then may still be. 0 or
 * -errno, said. */
int stored_read(struct stored_book *book, int64_t begin_ns, int64_t end_ns);
/* Writes each verdict of the document (fenceline/incidents/1) that begins within the range and is new or says something else. 0 or
 * -errno, said. */
int stored_write(struct stored_book *book, json_t *document, const struct stored_range *range);
void stored_day(const struct stored *stored, char day[16]); /* that its rows are put down to */
void stored_free(struct stored_book *book);

#endif
