/* SPDX-License-Identifier: MIT */
/* What follows from a pool's account: the numbers that every output shows. */
#ifndef FENCELINE_SNAPS_NUMBERS_H
#define FENCELINE_SNAPS_NUMBERS_H

#include "snaps/account.h"

enum pays { PAYS_UNKNOWN = -1, PAYS_NO = 0, PAYS_YES = 1, PAYS_IN_PART = 2 };

struct numbers {
	bool known;           /* the set of removed ids is; else only snap_seq and the queue are */
	const char *seq_from; /* "input", "last removed id", "last snapshot" */
	uint64_t snap_seq, intervals, removed;
	uint64_t live;    /* ids up to snap_seq that are not removed: the least, where snap_seq itself is not known */
	bool live_known;  /* it is their number */
	bool burnt_known; /* the number of burnt ids is */
	uint64_t burnt;
	struct interval largest_gap; /* live ids between removed ones; length 0: there is none */
	uint64_t gaps, gap_ids, gaps_of_one;
	double fragmentation; /* gaps / gap_ids: 1 if each live snapshot is a gap of its own, 0 if there is no gap */
	double growth_per_deletion; /* intervals; nothing where the history has no deletion */
	bool churn_known;
	double churn_per_day; /* snapshot ids taken, by creations and by deletions */
	double days;          /* of the history */
	enum pays pays_at_start;
	char pays_why[320]; /* a sentence */
};

void numbers_of(const struct account *account, const struct snaps_pool *pool, struct numbers *numbers);

/* Fills `live` with the ids up to snap_seq that are not removed. */
void live_ids(const struct snaps_pool *pool, uint64_t snap_seq, struct interval_set *live);

/* Which snapshots to delete together: gaps of few ids, the smallest first, and not too many of them; the ids lie between removed
 * ones, so that two intervals become one. Returns how many there are. */
#define GROUPS_MOST    50
#define GROUP_IDS_MOST 16
size_t delete_together(const struct snaps_pool *pool, struct interval groups[GROUPS_MOST]);

#endif
