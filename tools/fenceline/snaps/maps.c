/* SPDX-License-Identifier: MIT */
#include "snaps/maps.h"

#include "ingest/xalloc.h"
#include "snaps/intervals/interval_text.h"

#include <inttypes.h>
#include <stdio.h>
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
	struct map_pool **at = &map->pools;

	while (*at && (id < 0 || (*at)->id != id))
		at = &(*at)->next;
	if (!*at)
		*at = XNEW(struct map_pool, .id = id);
	return *at;
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

/* ---- into the account ---- */

struct fault_arg {
	struct account *account;
	const struct place *place;
	const struct map_pool *pool;
};

static void tell_fault(void *arg, const char *fault, const char *at)
{
	struct fault_arg *f = arg;
	char whose[40];

	snprintf(whose, sizeof whose, "pool %" PRId64 ": ", f->pool->id);
	warn_interval(&f->account->warnings, f->place, whose, fault, at, f->pool->removed + strlen(f->pool->removed));
}

/* Does a map hold no set although it must, up to Nautilus? (README.md) */
static bool keeps_no_set(const struct account *account, const struct map_pool *pool)
{
	return pool->removed && !strcmp(pool->removed, "[]") && pool->mode != SNAP_MODE_POOL &&
	       (account_release_number(account) >= RELEASE_OCTOPUS || (pool->mode == SNAP_MODE_SELFMANAGED && pool->snap_seq));
}

/* The set of removed ids in `set`; false where the map does not hold one (Octopus and later). */
static bool removed_set(struct account *account, const struct map_pool *pool, const struct place *place, struct interval_set *set)
{
	struct fault_arg arg = { account, place, pool };

	/* In pool-snapshot mode the map lists the live ones; all others up to snap_seq are removed
	 * (pg_pool_t::build_removed_snaps). */
	if (pool->mode == SNAP_MODE_POOL && pool->snap_seq) {
		interval_set_complement(set, &pool->pool_snaps, pool->snap_seq + 1);
		return true;
	}
	if (!pool->removed || !strcmp(pool->removed, "[]"))
		return false;
	return !interval_text_parse(pool->removed, strlen(pool->removed), set, NULL, tell_fault, &arg);
}

/* The queue after an incremental map: what was queued, and newly removed, and not purged. */
static void advance_queue(const struct snaps_pool *known, const struct map_pool *pool, struct interval_set *queue)
{
	struct interval_set both = INTERVAL_SET_EMPTY;

	if (known)
		interval_set_copy(&both, &known->queue);
	interval_set_add(&both, &pool->newly_removed);
	interval_set_difference(queue, &both, &pool->purged);
	interval_set_free(&both);
}

static void apply_pool(const struct map *map, const struct map_pool *pool, struct account *account)
{
	const struct snaps_pool *known = account_pool(account, pool->id);
	struct interval_set removed = INTERVAL_SET_EMPTY, queue = INTERVAL_SET_EMPTY;
	struct sighting s = {
		.place = { .path = map->path, .epoch = map->epoch },
		.pool = pool->id,
		.apart = pool->id < 0,
		.name = pool->name,
		.epoch = map->epoch,
		.ts_ns = map->ts_ns,
		.snap_seq = pool->snap_seq,
		.mode = pool->mode,
		.each_is_a_sample = true,
		.keeps_no_set = keeps_no_set(account, pool),
	};

	if (removed_set(account, pool, &s.place, &removed))
		s.removed = &removed;
	if (pool->mode == SNAP_MODE_POOL)
		s.listed = &pool->pool_snaps;
	if (map->has_queue && account_release_number(account) >= RELEASE_MIMIC)
		s.queue = &pool->queue;
	if (map->incremental && (pool->newly_removed.count || pool->purged.count)) {
		advance_queue(known, pool, &queue);
		s.queue = &queue;
	}
	/* a full map shows every pool at every epoch; one that never had a snapshot is of no interest */
	if (s.snap_seq || (s.queue && s.queue->count) || removed.count || (known && known->sample_count))
		account_sighting(account, &s);
	interval_set_free(&removed);
	interval_set_free(&queue);
}

void map_apply(const struct map *map, struct account *account)
{
	if (map->release)
		account_release(account, map->release, map->epoch);
	if (map->flags)
		account_flags(account, map->flags, strlen(map->flags));
	account_dated(account, map->least, 0,
	              map->least == RELEASE_MIMIC ? "removed_snaps_queue" : "pg_autoscale_mode in the pools");
	account_dated(account, 0, map->most, "crush_ruleset in the pools");
	for (const struct map_pool *pool = map->pools; pool; pool = pool->next) {
		account->pools_listed++;
		apply_pool(map, pool, account);
	}
}
