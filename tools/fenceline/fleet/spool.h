/* SPDX-License-Identifier: MIT */
/*
 * What could not be shipped yet, on disk: one file per batch of rows, written beside and renamed. Bounded: when it is full, routine
 * rows give way to rare ones and old ones to new ones, and each that is lost is counted, with the time that it was of. One process
 * at a time has a spool.
 */
#ifndef FENCELINE_FLEET_SPOOL_H
#define FENCELINE_FLEET_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool;

struct spool_lost { /* since it was last told */
	uint64_t rows;
	int64_t begin_ns, end_ns;
};

/* Makes the folder. Returns 0, -EWOULDBLOCK if another process has it, or -errno. */
int spool_open(const char *folder, uint64_t most_bytes, struct spool **made);
void spool_close(struct spool *spool);

/* Takes a copy of the batch; 0 or -errno (then not all of it is kept; what is not is counted as lost). */
int spool_add(struct spool *spool, bool rare, const char *rows, size_t size);
/* The next to be shipped, rare ones first, then the oldest: *rows is to be freed. False: it is empty. */
bool spool_first(struct spool *spool, bool *rare, char **rows, size_t *size);
/* It has been shipped. */
void spool_drop_first(struct spool *spool);

uint64_t spool_bytes(const struct spool *spool);
/* What was lost; the caller says so in the store and then forgets it. */
struct spool_lost spool_lost(const struct spool *spool);
void spool_forget_lost(struct spool *spool);

/* A row that the store refuses, and why: kept in FOLDER/refused.ndjson, bounded, never shipped again. */
void spool_refuse(struct spool *spool, const char *row, size_t size, const char *why);

#endif
