/* SPDX-License-Identifier: MIT */
#include "snaps/pgs.h"

#include "ingest/text_in.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_BOUND ((size_t)1 << 17) /* Ceph lets a pool have 65536 by default */

enum pg_bits { PG_TRIMMING = 1, PG_WAITING = 2, PG_ERROR = 4, PG_QUEUE_KNOWN = 8 };

struct pg {
	uint64_t key; /* the seed + 1 */
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

void pg_table_take(struct pg_table *table, const struct pg_sighting *pg)
{
	struct pg *slot = hash_set_find(&table->groups, sizeof(*slot), pg->seed + 1);

	if (!slot && (pg->seed > UINT32_MAX || table->groups.count == GROUPS_BOUND))
		return;
	if (!slot)
		slot = hash_set_add(&table->groups, sizeof(*slot), pg->seed + 1);
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
	struct pg *slot = hash_set_find(&table->groups, sizeof(*slot), seed + 1);

	if (!slot || (!slot->queued && !(slot->bits & (PG_TRIMMING | PG_WAITING))))
		return;
	sum(table, slot, UINT64_MAX);
	slot->queued = 0;
	slot->bits &= ~(uint32_t)(PG_TRIMMING | PG_WAITING);
	sum(table, slot, 1);
}

void pg_table_free(struct pg_table *table)
{
	free(table->groups.slots);
	memset(table, 0, sizeof *table);
}
