/* SPDX-License-Identifier: MIT */
#include "snaps/maps.h"

#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct map *maps_add(struct maps *maps, const char *path)
{
	XROOM(maps->maps, maps->count);
	maps->maps[maps->count] = (struct map){ .path = path, .order = maps->count };
	return &maps->maps[maps->count++];
}

struct map_pool *maps_pool(struct map *map, int64_t id)
{
	struct map_pool *pool = map->pools;

	while (pool && (id < 0 || pool->id != id))
		pool = pool->next;
	if (pool)
		return pool;
	pool = XNEW(struct map_pool, .id = id);
	if (map->last)
		map->last->next = pool;
	else
		map->pools = pool;
	return map->last = pool;
}

static int by_epoch(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void maps_sort(struct maps *maps)
{
	if (maps->count)
		qsort(maps->maps, maps->count, sizeof *maps->maps, by_epoch);
}

void maps_free(struct maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		struct map_pool *pool = maps->maps[i].pools, *next;

		for (; pool; pool = next) {
			next = pool->next;
			free(pool->name);
			free(pool->removed);
			interval_set_free(&pool->pool_snaps);
			interval_set_free(&pool->queue);
			interval_set_free(&pool->newly_removed);
			interval_set_free(&pool->purged);
			free(pool);
		}
		free(maps->maps[i].release);
		free(maps->maps[i].flags);
	}
	free(maps->maps);
	memset(maps, 0, sizeof *maps);
}
