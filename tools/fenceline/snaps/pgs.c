/* SPDX-License-Identifier: MIT */
#include "snaps/pgs.h"

#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_BOUND ((size_t)1 << 17) /* Ceph lets a pool have 65536 by default */

enum pg_bits { PG_TRIMMING = 1, PG_WAITING = 2, PG_ERROR = 4, PG_QUEUE_KNOWN = 8 };

struct pg {
	uint64_t seed;
	uint32_t bits;
	uint64_t queued;
};

size_t pg_name_parse(const char *text, size_t length, struct pg_sighting *pg)
{
	uint64_t pool = 0, seed = 0;
	size_t i = 0, digits;
	int digit;

	for (; i < length && isdigit((unsigned char)text[i]) && i < 18; i++)
		pool = pool * 10 + (uint64_t)(text[i] - '0');
	if (!i || i >= length || text[i] != '.')
		return 0;
	digits = ++i;
	for (; i < length && i < digits + 8 && (digit = hex_digit(text[i])) >= 0; i++)
		seed = seed << 4 | (unsigned int)digit;
	if (i == digits)
		return 0;
	if (i < length && text[i] == 's')
		for (i++; i < length && isdigit((unsigned char)text[i]);)
			i++;
	if (i < length && (isalnum((unsigned char)text[i]) || text[i] == '.' || text[i] == '_'))
		return 0; /* "1.2ghz" */
	pg->pool = (int64_t)pool;
	pg->seed = seed;
	return i;
}

/* Adds the group's part to the sums, or takes it off (sign -1). */
static void sum(struct pg_table *table, const struct pg *pg, uint64_t sign)
{
	table->trimming += sign * !!(pg->bits & PG_TRIMMING);
	table->waiting += sign * !!(pg->bits & PG_WAITING);
	table->errors += sign * !!(pg->bits & PG_ERROR);
	table->busy += sign * (pg->queued || pg->bits & (PG_TRIMMING | PG_WAITING));
	table->with_queue += sign * !!(pg->bits & PG_QUEUE_KNOWN);
	table->queued += sign * pg->queued;
	table->over += sign * (pg->queued >= PG_QUEUE_WARN);
}

static uint32_t bits_of(const char *state)
{
	const char *trim = strstr(state, "snaptrim");
	uint32_t bits = 0;

	for (; trim; trim = strstr(trim + 8, "snaptrim"))
		bits |= !strncmp(trim + 8, "_wait", 5) ? PG_WAITING : !strncmp(trim + 8, "_error", 6) ? PG_ERROR : PG_TRIMMING;
	return bits;
}

static int by_seed(const void *a, const void *b)
{
	const struct pg *left = a, *right = b;

	return left->seed < right->seed ? -1 : left->seed > right->seed;
}

static struct pg *group_of(const struct pg_table *table, uint64_t seed)
{
	struct pg *const *found = tfind(&(struct pg){ .seed = seed }, &table->groups, by_seed);

	return found ? *found : NULL;
}

void pg_table_take(struct pg_table *table, const struct pg_sighting *pg)
{
	struct pg *slot = group_of(table, pg->seed);

	if (!slot && (pg->seed > UINT32_MAX || table->group_count == GROUPS_BOUND))
		return;
	if (!slot) {
		slot = XNEW(struct pg, .seed = pg->seed);
		xtsearch(slot, &table->groups, by_seed);
		table->group_count++;
	}
	sum(table, slot, UINT64_MAX);
	if (pg->state && *pg->state)
		slot->bits = (slot->bits & PG_QUEUE_KNOWN) | bits_of(pg->state);
	if (pg->has_queue) {
		slot->bits |= PG_QUEUE_KNOWN;
		slot->queued = pg->queued;
	}
	sum(table, slot, 1);
}

void pg_table_drained(struct pg_table *table, uint64_t seed)
{
	struct pg *slot = group_of(table, seed);

	if (!slot || (!slot->queued && !(slot->bits & (PG_TRIMMING | PG_WAITING))))
		return;
	sum(table, slot, UINT64_MAX);
	slot->queued = 0;
	slot->bits &= ~(uint32_t)(PG_TRIMMING | PG_WAITING);
	sum(table, slot, 1);
}

void pg_table_free(struct pg_table *table)
{
	tdestroy(table->groups, free);
	memset(table, 0, sizeof *table);
}
