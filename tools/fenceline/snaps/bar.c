/* SPDX-License-Identifier: MIT */
#include "snaps/bar.h"

#include <string.h>

struct scale {
	uint64_t ids;
	size_t cells;
};

static uint64_t first_id(const struct scale *scale, size_t cell)
{
	return (uint64_t)((unsigned __int128)scale->ids * cell / scale->cells) + 1;
}

static size_t cell_of(const struct scale *scale, uint64_t id)
{
	size_t cell = (size_t)((unsigned __int128)(id - 1) * scale->cells / scale->ids);

	/* rounding down twice can end one cell too early */
	while (cell + 1 < scale->cells && first_id(scale, cell + 1) <= id)
		cell++;
	return cell;
}

/* Adds a run of ids to the member at `offset` of the cells that it crosses. */
static void add_run(const struct scale *scale, struct bar_cell *cells, const struct interval *run, size_t offset)
{
	uint64_t id = run->start ? run->start : 1, end = interval_end(run);

	while (id < end && id <= scale->ids) {
		size_t cell = cell_of(scale, id);
		uint64_t next = cell + 1 < scale->cells ? first_id(scale, cell + 1) : scale->ids + 1;
		uint64_t until = end < next ? end : next;

		*(uint64_t *)(void *)((char *)&cells[cell] + offset) += until - id;
		id = until;
	}
}

size_t bar_fill(const struct snaps_pool *pool, uint64_t snap_seq, struct bar_cell *cells, size_t count)
{
	const struct scale scale = { snap_seq, snap_seq < count ? (size_t)snap_seq : count };
	struct interval run;
	size_t at = 0;

	if (!scale.cells)
		return 0;
	memset(cells, 0, count * sizeof *cells);
	for (size_t i = 0; i < scale.cells; i++)
		cells[i].ids = (i + 1 < scale.cells ? first_id(&scale, i + 1) : snap_seq + 1) - first_id(&scale, i);
	while (next_live(pool, snap_seq, &at, &run))
		add_run(&scale, cells, &run, offsetof(struct bar_cell, live));
	for (size_t i = 0; i < pool->burnt.count; i++)
		add_run(&scale, cells, &pool->burnt.items[i], offsetof(struct bar_cell, burnt));
	return scale.cells;
}
