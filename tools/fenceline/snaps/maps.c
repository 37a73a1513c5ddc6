/* SPDX-License-Identifier: MIT */
#include "snaps/maps.h"

#include "snaps/interval_text.h"
#include "snaps/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ceph-dencoder and older releases write some numbers as strings */
static uint64_t number_of(const json_t *value)
{
	if (json_is_string(value))
		return strtoull(json_string_value(value), NULL, 10);
	return json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}

static uint64_t number_at(const json_t *object, const char *key)
{
	return number_of(json_object_get(object, key));
}

static const char *string_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static struct map_pool *pool_of(struct map *map, int64_t id)
{
	struct map_pool **end = &map->pools;

	for (; *end; end = &(*end)->next)
		if ((*end)->id == id)
			return *end;
	*end = calloc(1, sizeof **end);
	if (*end)
		(*end)->id = id;
	return *end;
}

static void warn_bad_interval(struct account *account, const struct map *map, int64_t pool, uint64_t begin, uint64_t length)
{
	const struct place place = { .path = map->path, .epoch = map->epoch };

	warn_at(&account->warnings, &place,
	        "pool %" PRId64 ": interval {begin %" PRIu64 ", length %" PRIu64 "} is empty or past the 64-bit range; left out",
	        pool, begin, length);
}

/* [{"begin": 5, "length": 1}, …] */
static int read_intervals(struct account *account, const struct map *map, int64_t pool, const json_t *snaps,
                          struct interval_set *set)
{
	const json_t *item;
	size_t i;

	json_array_foreach(snaps, i, item)
	{
		uint64_t begin = number_at(item, "begin"), length = number_at(item, "length");
		int ret = interval_set_insert(set, begin, length);

		if (ret == -ENOMEM)
			return ret;
		if (ret == -ERANGE)
			warn_bad_interval(account, map, pool, begin, length);
	}
	return 0;
}

/* [{"pool": 3, "snaps": […]}, …] under `key`, into the member of each pool that lies at `offset` */
static int read_pool_intervals(struct account *account, struct map *map, const json_t *root, const char *key, size_t offset)
{
	const json_t *list = json_object_get(root, key), *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		int64_t id = (int64_t)number_at(item, "pool");
		struct map_pool *pool;
		int ret;

		if (!json_object_get(item, "pool")) /* 14's dump of an incremental nests two lists of other things in this one */
			continue;
		pool = pool_of(map, id);
		ret = pool ? read_intervals(account, map, id, json_object_get(item, "snaps"),
		                            (struct interval_set *)(void *)((char *)pool + offset))
		           : -ENOMEM;

		if (ret)
			return ret;
	}
	return 0;
}

static int copy_string(const char *from, char **to)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int read_pool(struct map *map, const json_t *item)
{
	const json_t *id = json_object_get(item, "pool"), *snap, *snaps = json_object_get(item, "pool_snaps");
	const char *mode = string_at(item, "snap_mode");
	struct map_pool *pool;
	size_t i;

	if (!id)
		id = json_object_get(item, "pool_id");
	pool = pool_of(map, id ? (int64_t)number_of(id) : -1);
	if (!pool)
		return -ENOMEM;
	pool->snap_seq = number_at(item, "snap_seq");
	if (mode)
		pool->mode = !strcmp(mode, "selfmanaged") ? SNAP_MODE_SELFMANAGED
		             : !strcmp(mode, "pool")      ? SNAP_MODE_POOL
		                                          : SNAP_MODE_UNKNOWN;
	json_array_foreach(snaps, i, snap) if (interval_set_insert(&pool->pool_snaps, number_at(snap, "snapid"), 1) ==
	                                       -ENOMEM) return -ENOMEM;
	if (!pool->name && copy_string(string_at(item, "pool_name"), &pool->name))
		return -ENOMEM;
	return pool->removed ? 0 : copy_string(string_at(item, "removed_snaps"), &pool->removed);
}

static struct map *add_map(struct maps *maps, const char *path)
{
	if (maps->count == maps->capacity) {
		size_t capacity = maps->capacity ? maps->capacity * 2 : 16;
		struct map *more = reallocarray(maps->maps, capacity, sizeof *more);

		if (!more)
			return NULL;
		maps->maps = more;
		maps->capacity = capacity;
	}
	maps->maps[maps->count] = (struct map){ .path = path, .order = maps->count };
	return &maps->maps[maps->count++];
}

/* An OSDMap, full or incremental, or the array that `osd pool ls detail` prints. */
static int read_map(struct maps *maps, struct account *account, const char *path, const json_t *root)
{
	const json_t *pools = json_is_array(root) ? root : json_object_get(root, "pools"), *item, *names;
	struct map *map = add_map(maps, path);
	const char *modified = string_at(root, "modified"), *release;
	size_t i;

	if (!map)
		return -ENOMEM;
	map->incremental = !pools;
	if (!pools)
		pools = json_object_get(root, "new_pools");
	map->epoch = number_at(root, "epoch");
	map->ts_ns = modified ? line_stamp(modified, strlen(modified)) : 0;
	release = string_at(root, map->incremental ? "new_require_osd_release" : "require_osd_release");
	if (copy_string(release, &map->release))
		return -ENOMEM;
	json_array_foreach(pools, i, item) if (read_pool(map, item)) return -ENOMEM;
	names = json_object_get(root, "new_pool_names");
	json_array_foreach(names, i, item)
	{
		struct map_pool *pool = pool_of(map, (int64_t)number_at(item, "pool"));

		if (!pool || (!pool->name && copy_string(string_at(item, "name"), &pool->name)))
			return -ENOMEM;
	}
	if (!map->incremental && json_object_get(root, "removed_snaps_queue"))
		for (struct map_pool *pool = map->pools; pool; pool = pool->next)
			pool->has_queue = true;
	if (read_pool_intervals(account, map, root, "removed_snaps_queue", offsetof(struct map_pool, queue)) ||
	    read_pool_intervals(account, map, root, "new_removed_snaps", offsetof(struct map_pool, newly_removed)))
		return -ENOMEM;
	return read_pool_intervals(account, map, root, "new_purged_snaps", offsetof(struct map_pool, purged));
}

static int read_pgs(struct account *account, const json_t *stats)
{
	const json_t *pg;
	size_t i;

	json_array_foreach(stats, i, pg)
	{
		const char *pgid = string_at(pg, "pgid"), *state = string_at(pg, "state");
		int ret;

		if (!pgid || !json_object_get(pg, "snaptrimq_len"))
			continue;
		ret = account_snaptrim(account, strtoll(pgid, NULL, 10), number_at(pg, "snaptrimq_len"),
		                       state && strstr(state, "snaptrim"));
		if (ret)
			return ret;
	}
	return 0;
}

/* 1: it told something, 0: not, -ENOMEM. */
static int read_document(struct maps *maps, struct account *account, const char *path, const json_t *root)
{
	const json_t *pg_map = json_object_get(root, "pg_map");
	const json_t *stats = json_object_get(pg_map ? pg_map : root, "pg_stats"), *first = json_array_get(root, 0);
	int ret;

	if (json_is_array(stats)) {
		ret = read_pgs(account, stats);
		return ret ? ret : 1;
	}
	if (json_is_object(root) ? !json_object_get(root, "pools") && !json_object_get(root, "new_pools")
	                         : !json_object_get(first, "snap_seq"))
		return 0;
	ret = read_map(maps, account, path, root);
	return ret ? ret : 1;
}

static uint64_t line_of(const char *text, size_t offset)
{
	uint64_t line = 1;

	for (const char *at = text; (at = memchr(at, '\n', (size_t)(text + offset - at))); at++)
		line++;
	return line;
}

int maps_read(struct maps *maps, struct account *account, const char *path, const char *text, size_t length)
{
	size_t offset = 0;
	int told = 0, ret;

	for (;;) {
		json_error_t error;
		json_t *root;

		while (offset < length && strchr(" \t\r\n", text[offset]))
			offset++;
		if (offset >= length)
			return told;
		root = json_loadb(text + offset, length - offset, JSON_DISABLE_EOF_CHECK, &error);
		if (!root) {
			const struct place place = { path, line_of(text, offset) + (uint64_t)error.line - 1, 0, 0 };

			warn_at(&account->warnings, &place, "this JSON is broken (%s); %d documents before it are counted",
			        error.text, told);
			return told;
		}
		offset += (size_t)error.position;
		ret = read_document(maps, account, path, root);
		json_decref(root);
		if (ret < 0)
			return ret;
		told += ret;
	}
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
	}
	free(maps->maps);
	memset(maps, 0, sizeof *maps);
}
