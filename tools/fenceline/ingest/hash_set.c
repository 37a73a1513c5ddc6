/* SPDX-License-Identifier: MIT */
#include "ingest/hash_set.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

static uint64_t *hash_set_slot(const struct hash_set *set, size_t size, uint64_t key)
{
	size_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	uint64_t *slot;

	for (;; at++) {
		slot = (uint64_t *)((char *)set->slots + (at & (set->capacity - 1)) * size);
		if (!*slot || *slot == key)
			return slot;
	}
}

void *hash_set_find(const struct hash_set *set, size_t size, uint64_t key)
{
	uint64_t *slot = set->capacity ? hash_set_slot(set, size, key) : NULL;

	return slot && *slot ? slot : NULL;
}

static void hash_set_grow(struct hash_set *set, size_t size)
{
	struct hash_set larger = { .capacity = set->capacity ? 2 * set->capacity : 64, .count = set->count };

	larger.slots = xcalloc(larger.capacity, size);
	for (char *old = set->slots; old && old < (char *)set->slots + set->capacity * size; old += size)
		if (*(uint64_t *)old)
			memcpy(hash_set_slot(&larger, size, *(uint64_t *)old), old, size);
	free(set->slots);
	*set = larger;
}

void *hash_set_add(struct hash_set *set, size_t size, uint64_t key)
{
	uint64_t *slot;

	if (2 * (set->count + 1) > set->capacity)
		hash_set_grow(set, size);
	slot = hash_set_slot(set, size, key);
	set->count += !*slot;
	*slot = key;
	return slot;
}
