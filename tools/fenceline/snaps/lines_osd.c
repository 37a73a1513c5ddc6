/* SPDX-License-Identifier: MIT */
/* The lines of an OSD's log. */
#include "snaps/intervals/interval_text.h"
#include "snaps/line_parser.h"

#include <string.h>

#define UPDATE  "PGPool::update cached_removed_snaps "
#define SHRANK  "update cached_removed_snaps shrank from "
#define PG_TEXT 2048 /* how far a group's own description reaches */

static struct thread_context *context_of(struct line_parser *parser, uint64_t thread)
{
	return &parser->threads[(thread >> 8 ^ thread >> 16) % THREADS];
}

static void remember(struct line_parser *parser, uint64_t thread, int64_t pool, uint64_t epoch)
{
	if (thread)
		*context_of(parser, thread) = (struct thread_context){ thread, pool, epoch };
}

/* The pool and epoch that the line's thread named last; pool -1: it named none. */
static struct thread_context named_last(struct line_parser *parser, const struct taken *t)
{
	const struct thread_context *context = context_of(parser, t->thread);

	return t->thread && context->thread == t->thread ? *context : (struct thread_context){ .pool = -1 };
}

/* Hands a set that an OSD logged to the account. */
static void osd_sighting(struct line_parser *parser, const struct taken *t, struct sighting s)
{
	s.place = parser->place;
	s.ts_ns = taken_ns(t);
	s.at_osd = true;
	line_cache_flush(&parser->cache);
	account_sighting(parser->account, &s);
}

static uint64_t read_snapc(const char *at, const char *end)
{
	uint64_t value = 0;

	at = text_behind(at, end, " snapc ");
	for (; at && at < end && hex_digit(*at) >= 0; at++)
		value = value << 4 | (unsigned int)hex_digit(*at);
	return value;
}

/* PGPool::update cached_removed_snaps SET newly_removed_snaps SET snapc SEQ=[IDS] (updated) */
static bool take_update(struct line_parser *parser, struct taken *t)
{
	const struct thread_context named = named_last(parser, t);
	struct cached_line *cached = line_cache_find(&parser->cache, t->text, left(t), named.pool);
	const char *set = t->text + strlen(UPDATE);
	uint64_t behind;

	if (cached) {
		cached->hits++;
		cached->epoch = named.epoch;
		if (t->stamp)
			cached->ts_ns = taken_ns(t);
		return true;
	}
	if (hold_if_open(parser, t, set))
		return true;
	if (!read_set(parser, t, set, &parser->set, &set))
		return false;
	behind = parser->account->latest ? parser->account->latest->behind : 0;
	osd_sighting(
	        parser, t,
	        (struct sighting){
	                .pool = named.pool, .epoch = named.epoch, .snap_seq = read_snapc(set, t->end), .removed = &parser->set });
	line_cache_add(&parser->cache, t->text, left(t), named.pool, parser->account->latest,
	               parser->account->latest->behind != behind);
	return true;
}

/* update cached_removed_snaps shrank from SET to SET */
static bool take_shrank(struct line_parser *parser, struct taken *t)
{
	const struct thread_context named = named_last(parser, t);
	struct sighting s = { .pool = named.pool, .epoch = named.epoch, .removed = &parser->set };
	const char *at = t->text + strlen(SHRANK);

	if (hold_if_open(parser, t, at))
		return true;
	if (!read_set(parser, t, at, &parser->set, &at))
		return false;
	osd_sighting(parser, t, s);
	if (!text_skip(&at, t->end, " to ") || at == t->end)
		return true;
	if (!read_set(parser, t, at, &parser->set, NULL))
		return false;
	warn_at(&parser->account->warnings, &parser->place,
	        "the OSD saw removed_snaps shrink: the pool was made anew, or its record is damaged");
	s.shrank = true;
	osd_sighting(parser, t, s);
	return true;
}

/* osd.0:1.update_pg_epoch 1.6 14 -> 15: context only */
static void take_pg_epoch(struct line_parser *parser, struct taken *t)
{
	const char *at = text_behind_within(t->text, t->end, 64, ".update_pg_epoch "), *arrow;
	int64_t pool;

	if (!at)
		return;
	pool = (int64_t)read_number(at, t->end, &at);
	arrow = text_behind(at, t->end, " -> ");
	if (arrow && *at == '.')
		remember(parser, t->thread, pool, read_number(arrow, t->end, NULL));
}

/* snaptrimq=[5~1,8~1] or, of more than 16 intervals, their number of ids, snaptrimq=3123; in pg[…] of a primary (PG's operator<<)
 */
static bool take_snaptrimq(struct line_parser *parser, struct pg_sighting *pg, const char *at, const char *end)
{
	const char *queue = text_behind_within(at, end, PG_TEXT, " snaptrimq=");
	struct snaps_pool *pool = parser->account->latest;

	if (!queue) {
		if (pool && pool->id == pg->pool)
			pg_table_drained(&pool->pgs, pg->seed);
		return false;
	}
	pg->has_queue = true;
	if (queue < end && *queue == '[') {
		interval_text_parse(queue, (size_t)(end - queue), &parser->queue, NULL, NULL, NULL);
		pg->queued = parser->queue.ids;
	} else {
		pg->queued = read_number(queue, end, NULL);
	}
	if (text_behind(at, queue, "+snaptrim"))
		pg->state = text_behind(at, queue, "+snaptrim_wait") ? "snaptrim_wait" : "snaptrim";
	account_pg(parser->account, pg);
	return true;
}

/* … activate - purged_snaps SET cached_removed_snaps SET (up to 12, the pool's whole set) or removed_snaps SET (from 13 on, what
 * the map has queued for removal). */
static bool take_activate(struct line_parser *parser, struct taken *t, const struct pg_sighting *pg, uint64_t epoch)
{
	const char *at = text_find(t->text, left(t), PG_TEXT, "activate - purged_snaps ");
	const char *cached = at ? text_behind(at, t->end, " cached_removed_snaps ") : NULL;
	const char *queued = at ? text_behind(at, t->end, " removed_snaps ") : NULL, *set = cached ?: queued;

	if (!set)
		return false;
	if (hold_if_open(parser, t, set))
		return true;
	if (!read_set(parser, t, set, &parser->set, NULL))
		return false;
	if (parser->set.count)
		osd_sighting(parser, t,
		             (struct sighting){ .pool = pg->pool,
		                                .epoch = epoch,
		                                .removed = cached ? &parser->set : NULL,
		                                .queue = cached ? NULL : &parser->set });
	return true;
}

/* osd.0 pg_epoch: 14 pg[1.6( … handle_advance_map …: PGPool::update of the next epoch comes right after it */
static bool take_osd(struct line_parser *parser, struct taken *t)
{
	struct pg_sighting group = { .pool = -1 };
	const char *at;
	uint64_t epoch;

	take_pg_epoch(parser, t);
	at = text_behind_within(t->text, t->end, 32, " pg_epoch: ");
	if (!at)
		return false;
	epoch = read_number(at, t->end, &at);
	if (!text_skip(&at, t->end, " pg[") || !pg_name_parse(at, (size_t)(t->end - at), &group))
		return false;
	remember(parser, t->thread, group.pool, epoch + 1);
	return take_snaptrimq(parser, &group, at, t->end) || take_activate(parser, t, &group, epoch);
}

const struct line_form lines_osd_forms[] = {
	{ UPDATE, true, take_update, "PGPool::update cached_removed_snaps [1~1] newly_removed_snaps [1~1] snapc 0=[] (updated)" },
	{ SHRANK, true, take_shrank, "update cached_removed_snaps shrank from [1~3,5~2] to [1~3]" },
	{ "osd.", true, take_osd,
	  "osd.3 pg_epoch: 2224 pg[11.4( v 201'1 (0'0,201'1] local-les=2224 n=1 [3] r=0 lpr=2223 active+clean+snaptrim snaptrimq=[5~2]] SnapTrimmer state" },
	{ 0 },
};
