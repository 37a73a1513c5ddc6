/* SPDX-License-Identifier: MIT */
#include "snaps/intervals/interval_set.h"

#include "ingest/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void interval_set_free(struct interval_set *set)
{
	free(set->items);
	memset(set, 0, sizeof *set);
}

void interval_set_clear(struct interval_set *set)
{
	set->count = 0;
	set->ids = 0;
}

void interval_set_swap(struct interval_set *a, struct interval_set *b)
{
	struct interval_set tmp = *a;

	*a = *b;
	*b = tmp;
}

static void reserve(struct interval_set *set, size_t count)
{
	size_t capacity = set->capacity + set->capacity / 2;

	if (count <= set->capacity)
		return;
	if (capacity < count)
		capacity = count < 16 ? 16 : count;
	set->items = xreallocarray(set->items, capacity, sizeof *set->items);
	set->capacity = capacity;
}

void interval_set_copy(struct interval_set *to, const struct interval_set *from)
{
	reserve(to, from->count);
	if (from->count)
		memcpy(to->items, from->items, from->count * sizeof *from->items);
	to->count = from->count;
	to->ids = from->ids;
}

/* The first interval whose end is at or after `start`: the first that [start, …) could overlap or touch. */
static size_t first_reaching(const struct interval_set *set, uint64_t start)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (interval_end(&set->items[mid]) < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t overlap(const struct interval *i, uint64_t start, uint64_t end)
{
	uint64_t from = i->start > start ? i->start : start;
	uint64_t to = interval_end(i) < end ? interval_end(i) : end;

	return from < to ? to - from : 0;
}

int interval_set_insert(struct interval_set *set, uint64_t start, uint64_t length)
{
	uint64_t end, already = 0, merged_start = start, merged_end;
	size_t from, to;

	if (!length || __builtin_add_overflow(start, length, &end))
		return -ERANGE;
	reserve(set, set->count + 1);
	merged_end = end;
	from = set->count && interval_end(&set->items[set->count - 1]) < start ? set->count : first_reaching(set, start);
	for (to = from; to < set->count && set->items[to].start <= end; to++) {
		already += overlap(&set->items[to], start, end);
		if (set->items[to].start < merged_start)
			merged_start = set->items[to].start;
		if (interval_end(&set->items[to]) > merged_end)
			merged_end = interval_end(&set->items[to]);
	}
	/* items[from, to) become one */
	memmove(&set->items[from + 1], &set->items[to], (set->count - to) * sizeof *set->items);
	set->items[from] = (struct interval){ merged_start, merged_end - merged_start };
	set->count = set->count - (to - from) + 1;
	set->ids += length - already;
	return already ? -EEXIST : 0;
}

uint64_t interval_set_ids_within(const struct interval_set *set, uint64_t start, uint64_t end)
{
	uint64_t ids = 0;

	for (size_t i = first_reaching(set, start); i < set->count && set->items[i].start < end; i++)
		ids += overlap(&set->items[i], start, end);
	return ids;
}

bool interval_set_contains(const struct interval_set *set, uint64_t id)
{
	return interval_set_ids_within(set, id, id + 1) > 0;
}

bool interval_set_equal(const struct interval_set *a, const struct interval_set *b)
{
	return a->count == b->count && (!a->count || !memcmp(a->items, b->items, a->count * sizeof *a->items));
}

bool interval_set_subset(const struct interval_set *a, const struct interval_set *b)
{
	size_t j = 0;

	if (a->ids > b->ids)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		while (j < b->count && interval_end(&b->items[j]) < interval_end(&a->items[i]))
			j++;
		if (j == b->count || b->items[j].start > a->items[i].start)
			return false;
	}
	return true;
}

uint64_t interval_set_range_end(const struct interval_set *set)
{
	return set->count ? interval_end(&set->items[set->count - 1]) : 0;
}

void interval_set_add(struct interval_set *to, const struct interval_set *more)
{
	for (size_t i = 0; i < more->count; i++)
		interval_set_insert(to, more->items[i].start, more->items[i].length);
}

void interval_set_difference(struct interval_set *to, const struct interval_set *a, const struct interval_set *b)
{
	size_t j = 0;

	interval_set_clear(to);
	reserve(to, a->count + b->count + 1);
	for (size_t i = 0; i < a->count; i++) {
		uint64_t start = a->items[i].start, end = interval_end(&a->items[i]);

		while (j < b->count && interval_end(&b->items[j]) <= start)
			j++;
		for (size_t k = j; start < end; k++) {
			uint64_t hole = k < b->count && b->items[k].start < end ? b->items[k].start : end;

			if (start < hole)
				interval_set_insert(to, start, hole - start);
			if (hole == end)
				break;
			start = interval_end(&b->items[k]);
		}
	}
}

void interval_set_complement(struct interval_set *to, const struct interval_set *set, uint64_t end)
{
	struct interval_set all = INTERVAL_SET_EMPTY;

	interval_set_insert(&all, 1, end - 1); /* refused where there is none: of end 0 and 1 */
	interval_set_difference(to, &all, set);
	interval_set_free(&all);
}

static unsigned int hex_digits(uint64_t value)
{
	return value ? (64 - (unsigned int)__builtin_clzll(value) + 3) / 4 : 1;
}

uint64_t interval_set_text_bytes(const struct interval_set *set)
{
	uint64_t bytes = 2 + (set->count ? set->count - 1 : 0); /* brackets and commas */

	for (size_t i = 0; i < set->count; i++)
		bytes += hex_digits(set->items[i].start) + 1 + hex_digits(set->items[i].length);
	return bytes;
}

uint64_t interval_set_encoded_bytes(const struct interval_set *set)
{
	return 4 + 16 * (uint64_t)set->count;
}
