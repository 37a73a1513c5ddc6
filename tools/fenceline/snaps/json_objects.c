/* SPDX-License-Identifier: MIT */
#include "snaps/json_objects.h"

#include "ingest/tz.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static struct frame *object_around(struct json_read *read, size_t depth)
{
	while (depth && read->frames[depth].array)
		depth--;
	return &read->frames[depth];
}

static struct map *map_of(struct json_read *read, struct frame *frame)
{
	if (!frame->map) {
		maps_add(read->maps, read->place.path);
		frame->map = read->maps->count;
	}
	return &read->maps->maps[frame->map - 1];
}

/* The text is the other's from now on, unless that has one. */
static void hand_over(char **text, char **to)
{
	if (*to)
		return;
	*to = *text;
	*text = NULL;
}

/* `frame` is a pool of the map around it. */
static void finish_pool(struct json_read *read, struct frame *frame, struct frame *around)
{
	struct map *map = map_of(read, around);
	struct map_pool *pool = maps_pool(map, frame->pool);

	pool->snap_seq = frame->snap_seq;
	pool->mode = frame->mode;
	hand_over(&frame->name, &pool->name);
	hand_over(&frame->removed, &pool->removed);
	interval_set_swap(&pool->pool_snaps, &frame->pool_snaps);
	if (around == read->frames) { /* members found alone: the map's are among the pool's */
		around->epoch = json_has(frame, KEY_epoch) ? frame->epoch : around->epoch;
		hand_over(&frame->release, &around->release);
	}
	if (json_has(frame, KEY_crush_ruleset))
		map->most = RELEASE_KRAKEN;
	if (json_has(frame, KEY_pg_autoscale_mode) && map->least < RELEASE_NAUTILUS)
		map->least = RELEASE_NAUTILUS;
	if (json_has(frame, KEY_read_balance))
		map->least = RELEASE_REEF;
	read->told++;
}

/* {"pool": 3, "snaps": […]} in one of the three lists. 14's dump of an incremental nests two lists of other things in one of
 * them. */
static void finish_entry(struct json_read *read, struct frame *frame, enum key list, struct frame *around)
{
	struct map *map = map_of(read, around);
	struct map_pool *pool = maps_pool(map, frame->pool);

	if (list == KEY_removed_snaps_queue && map->least < RELEASE_MIMIC)
		map->least = RELEASE_MIMIC;
	interval_set_swap(&frame->intervals, list == KEY_removed_snaps_queue ? &pool->queue
	                                     : list == KEY_new_removed_snaps ? &pool->newly_removed
	                                                                     : &pool->purged);
	read->told++;
}

static void finish_interval(struct json_read *read, struct frame *frame, struct interval_set *set)
{
	if (interval_set_insert(set, frame->begin, frame->length) == -ERANGE)
		warn_at(&read->account->warnings, &read->place,
		        "interval {begin %" PRIu64 ", length %" PRIu64 "} is empty or past the 64-bit range; left out",
		        frame->begin, frame->length);
}

static void finish_pg(struct json_read *read, struct frame *frame)
{
	bool has_queue =
	        json_has(frame, KEY_snaptrimq_len) || json_has(frame, KEY_snap_trimq_len) || json_has(frame, KEY_snap_trimq);
	struct pg_sighting pg = { .state = frame->state, .has_queue = has_queue, .queued = frame->queued };

	if (!pg_name_parse(frame->pgid, strlen(frame->pgid), &pg))
		return;
	if (json_has(frame, KEY_snap_trimq) && frame->intervals.ids > pg.queued)
		pg.queued = frame->intervals.ids;
	if (frame->purged.count)
		pg.purged = &frame->purged;
	account_pg(read->account, &pg);
	read->told++;
}

/* What stands in `stats` and `info` of a query belongs to the object around them. */
static void hand_up(struct frame *frame, struct frame *around)
{
	const uint64_t queue = UINT64_C(1) << KEY_snaptrimq_len;

	if (!around->state[0])
		memcpy(around->state, frame->state, sizeof(around->state));
	if (json_has(frame, KEY_snaptrimq_len) && !json_has(around, KEY_snaptrimq_len)) {
		around->queued = frame->queued;
		around->seen |= queue;
	}
	if (!around->pgid[0])
		memcpy(around->pgid, frame->pgid, sizeof(around->pgid));
	if (!around->purged.count)
		interval_set_swap(&around->purged, &frame->purged);
}

/* The object is at its end: is it a map? What its members said of it goes there. */
static void finish_map(struct json_read *read, struct frame *frame)
{
	bool full = json_has(frame, KEY_pools) ||
	            !(json_has(frame, KEY_new_pools) || json_has(frame, KEY_new_removed_snaps) ||
	              json_has(frame, KEY_new_purged_snaps) || json_has(frame, KEY_new_require_osd_release));
	struct map *map;

	if (!frame->map && !json_has(frame, KEY_pools) && !json_has(frame, KEY_new_pools) && !frame->release)
		return;
	if (json_has(frame, KEY_pools) && !frame->map && !frame->release) /* of `ceph df`, perhaps */
		return;
	map = map_of(read, frame);
	map->incremental = !full;
	map->epoch = frame->epoch;
	map->ts_ns = frame->modified ? stamp_of(frame->modified, strlen(frame->modified), "UTC") : 0;
	hand_over(&frame->release, &map->release);
	hand_over(&frame->flags, &map->flags);
	map->has_queue = full && json_has(frame, KEY_removed_snaps_queue);
	read->told++;
}

void json_finish(struct json_read *read, size_t depth)
{
	struct frame *frame = &read->frames[depth], *around = object_around(read, depth - 1);
	enum key list = read->frames[depth - 1].array ? read->frames[depth - 1].key : frame->key;
	bool is_pool = json_has(frame, KEY_snap_seq) || json_has(frame, KEY_removed_snaps) || json_has(frame, KEY_snap_mode);

	if (frame->array || frame->refused)
		return;
	if (!is_pool && !frame->pgid[0] && depth == 1 && json_has(frame, KEY_snap_trimq))
		memcpy(frame->pgid, read->named_pg, sizeof frame->pgid);
	if (is_pool) {
		finish_pool(read, frame, around);
	} else if (json_has(frame, KEY_length) && (json_has(frame, KEY_begin) || json_has(frame, KEY_start))) {
		if (list == KEY_snaps || list == KEY_purged_snaps)
			finish_interval(read, frame, list == KEY_snaps ? &around->intervals : &around->purged);
	} else if (json_has(frame, KEY_snapid)) { /* of pool_snaps, directly or under pool_snap_info */
		interval_set_insert(&around->pool_snaps, frame->snapid, 1);
	} else if (frame->pool >= 0 &&
	           (list == KEY_removed_snaps_queue || list == KEY_new_removed_snaps || list == KEY_new_purged_snaps)) {
		finish_entry(read, frame, list, around);
	} else if (frame->pool >= 0 && list == KEY_new_pool_names && frame->name) { /* {"pool": 3, "name": "volumes"} */
		hand_over(&frame->name, &maps_pool(map_of(read, around), frame->pool)->name);
	} else if (list == KEY_peer_info) {
		return;
	} else if (frame->key == KEY_stats || frame->key == KEY_info) {
		hand_up(frame, around);
	} else if (frame->pgid[0]) {
		finish_pg(read, frame);
	} else if (json_has(frame, KEY_state_name) && json_has(frame, KEY_count)) {
		account_pg_state(read->account, frame->state, frame->count);
		read->told++;
	} else {
		finish_map(read, frame);
	}
}

void json_finish_document(struct json_read *read)
{
	if (read->frames[0].map)
		finish_map(read, &read->frames[0]);
}
