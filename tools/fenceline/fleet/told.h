/* SPDX-License-Identifier: MIT */
/*
 * Verdicts in the store: one episode, one row. Of several watchers each may write; the row of an episode is written anew only when it says
 * something else, with a higher version.
 */
#ifndef FENCELINE_FLEET_TOLD_H
#define FENCELINE_FLEET_TOLD_H

#include "fleet/query.h"

struct told {
	struct told *next;
	char ip[64], kind[16];
	uint64_t nonce;
	int64_t episode_ns, begin_ns;
	uint64_t version;
	char *verdict;        /* JSON, as it stands in the store; owned */
	int64_t first_ms;     /* when this watcher first had it, CLOCK_MONOTONIC */
	bool fresh;           /* this watcher wrote it, in this run */
	bool announced;       /* its hook was called, by whomever */
};

struct told_book {
	struct store *store;
	const char *watcher;
	struct told *list;    /* owned */
};

/* What the store holds of the time from begin_ns to end_ns. 0 or -errno, said. */
int told_read(struct told_book *book, int64_t begin_ns, int64_t end_ns);
/* Writes each verdict of the document (fenceline/incidents/1) that is new or says something else. 0 or -errno, said. */
int told_write(struct told_book *book, json_t *document, uint64_t version);
/* Is it for this watcher to call the hook? Asks the store: the first one that claims it. 0: no; 1: yes; -errno. */
int told_claim(struct told_book *book, struct told *told);
void told_free(struct told_book *book);

#endif
