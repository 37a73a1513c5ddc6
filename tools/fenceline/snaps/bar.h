/* SPDX-License-Identifier: MIT */
/* The id space of a pool cut into equal cells, for bars of any width. */
#ifndef FENCELINE_SNAPS_BAR_H
#define FENCELINE_SNAPS_BAR_H

#include "snaps/numbers.h"

struct bar_cell {
	uint64_t ids, live, burnt; /* burnt: those that are known */
};

/* Fills cells[0, count): ids 1 to snap_seq. Returns how many cells are used: fewer than `count` if there are fewer ids. */
size_t bar_fill(const struct snaps_pool *pool, uint64_t snap_seq, struct bar_cell *cells, size_t count);

#endif
