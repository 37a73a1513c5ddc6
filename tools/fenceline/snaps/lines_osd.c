/* SPDX-License-Identifier: MIT */
/* The lines of an OSD's log. */
#include "ingest/tz.h"
#include "snaps/intervals/interval_text.h"
#include "snaps/line_parser.h"
#include "snaps/lines_join.h"

#include <ctype.h>
#include <string.h>

static struct thread_context *context_of(struct line_parser *parser, uint64_t thread)
{
	return &parser->threads[(thread >> 8 ^ thread >> 16) % THREADS];
}

/* Hands a set that an OSD logged to the account, under the pool and epoch that its thread named last. */
static void osd_sighting(struct line_parser *parser, const struct taken *t, uint64_t snap_seq, bool shrank)
{
	const struct thread_context *context = context_of(parser, t->thread);
	bool known = t->thread && context->thread == t->thread;
	const struct sighting s = {
		.place = parser->place,
		.pool = known ? context->pool : -1,
		.epoch = known ? context->epoch : 0,
		.ts_ns = t->stamp ? stamp_of(t->stamp, stamp_length(t), "UTC") : 0,
		.snap_seq = snap_seq,
		.at_osd = true,
		.shrank = shrank,
		.removed = &parser->set,
	};

	line_cache_flush(&parser->cache);
	account_sighting(parser->account, &s);
}

static uint64_t read_snapc(const char *at, const char *end)
{
	static const char word[] = " snapc ";
	const char *snapc = memmem(at, (size_t)(end - at), word, sizeof word - 1);
	uint64_t value = 0;

	if (!snapc)
		return 0;
	for (snapc += sizeof word - 1; snapc < end && isxdigit((unsigned char)*snapc); snapc++)
		value = value << 4 | (unsigned int)(isdigit((unsigned char)*snapc) ? *snapc - '0' : (*snapc | 32) - 'a' + 10);
	return value;
}

#define UPDATE "PGPool::update cached_removed_snaps "

/* PGPool::update cached_removed_snaps SET newly_removed_snaps SET snapc SEQ=[IDS] (updated) */
static bool take_update(struct line_parser *parser, struct taken *t)
{
	const struct thread_context *context = context_of(parser, t->thread);
	bool known = t->thread && context->thread == t->thread;
	int64_t label = known ? context->pool : -1;
	struct cached_line *cached = line_cache_find(&parser->cache, t->text, t->length, label);
	uint64_t behind;
	const char *end;

	if (cached) {
		cached->hits++;
		if (known)
			cached->epoch = context->epoch;
		if (t->stamp) {
			cached->stamp_length = stamp_length(t);
			memcpy(cached->stamp, t->stamp, cached->stamp_length);
		}
		return true;
	}
	if (hold_if_open(parser, t, t->text + sizeof UPDATE - 1))
		return true;
	if (!read_set(parser, t, t->text + sizeof UPDATE - 1, &parser->set, &end))
		return false;
	behind = parser->account->latest ? parser->account->latest->behind : 0;
	osd_sighting(parser, t, read_snapc(end, t->text + t->length), false);
	line_cache_add(&parser->cache, t->text, t->length, label, parser->account->latest,
	               parser->account->latest->behind != behind);
	return true;
}

/* update cached_removed_snaps shrank from SET to SET */
static bool take_shrank(struct line_parser *parser, struct taken *t)
{
	static const char shrank[] = " shrank from ", to[] = " to ";
	const char *from = text_find(t->text, t->length, 256, shrank), *end;

	if (!from)
		return false;
	if (hold_if_open(parser, t, from + sizeof shrank - 1))
		return true;
	if (!read_set(parser, t, from + sizeof shrank - 1, &parser->set, &end))
		return false;
	osd_sighting(parser, t, 0, false);
	if ((size_t)(t->text + t->length - end) < sizeof to || memcmp(end, to, sizeof to - 1))
		return true;
	if (!read_set(parser, t, end + sizeof to - 1, &parser->set, &end))
		return false;
	warn_at(&parser->account->warnings, &parser->place,
	        "the OSD saw removed_snaps shrink: the pool was made anew, or its record is damaged");
	osd_sighting(parser, t, 0, true);
	return true;
}

static void remember(struct line_parser *parser, uint64_t thread, uint64_t pool, uint64_t epoch)
{
	if (thread)
		*context_of(parser, thread) = (struct thread_context){ thread, (int64_t)pool, epoch };
}

/* osd.0:1.update_pg_epoch 1.6 14 -> 15: context only */
static void take_pg_epoch(struct line_parser *parser, struct taken *t)
{
	static const char word[] = ".update_pg_epoch ";
	const char *end = t->text + t->length, *at = text_find(t->text, t->length, 64, word), *arrow;
	uint64_t pool;

	if (!at)
		return;
	pool = read_number(at + sizeof word - 1, end, &at);
	arrow = memmem(at, (size_t)(end - at), " -> ", 4);
	if (*at == '.' && arrow)
		remember(parser, t->thread, pool, read_number(arrow + 4, end, NULL));
}

#define PG_TEXT 2048 /* how far a group's own description reaches */

/* snaptrimq=[5~1,8~1] or, of more than 16 intervals, their number of ids, snaptrimq=3123; in pg[…] of a primary (PG's operator<<)
 */
static bool take_snaptrimq(struct line_parser *parser, struct pg_sighting *pg, const char *at, const char *end)
{
	static const char word[] = " snaptrimq=";
	const char *queue = text_find(at, (size_t)(end - at), PG_TEXT, word);
	struct snaps_pool *pool = parser->account->latest;

	if (!queue) {
		if (pool && pool->id == pg->pool)
			pg_table_drained(&pool->pgs, pg->seed);
		return false;
	}
	queue += sizeof word - 1;
	pg->has_queue = true;
	if (queue < end && *queue == '[') {
		interval_text_parse(queue, (size_t)(end - queue), &parser->queue, NULL, NULL, NULL);
		pg->queued = parser->queue.ids;
	} else {
		pg->queued = read_number(queue, end, NULL);
	}
	if (text_find(at, (size_t)(queue - at), PG_TEXT, "+snaptrim"))
		pg->state = text_find(at, (size_t)(queue - at), PG_TEXT, "+snaptrim_wait") ? "snaptrim_wait" : "snaptrim";
	account_pg(parser->account, pg);
	return true;
}

/* … activate - purged_snaps SET cached_removed_snaps SET (up to 12, the pool's whole set) or removed_snaps SET (from 13 on, what
 * the map has queued for removal). */
static bool take_activate(struct line_parser *parser, struct taken *t, const struct pg_sighting *pg, uint64_t epoch)
{
	static const char word[] = " cached_removed_snaps ", queued[] = " removed_snaps ", purged[] = "activate - purged_snaps ";
	const char *end = t->text + t->length, *at = text_find(t->text, t->length, PG_TEXT, purged), *cached, *set;
	struct sighting s = { .place = parser->place, .pool = pg->pool, .epoch = epoch, .at_osd = true };

	cached = at ? memmem(at, (size_t)(end - at), word, sizeof word - 1) : NULL;
	set = cached ? cached + sizeof word - 1 : at ? memmem(at, (size_t)(end - at), queued, sizeof queued - 1) : NULL;
	if (!set)
		return false;
	set += cached ? 0 : sizeof queued - 1;
	if (hold_if_open(parser, t, set))
		return true;
	if (!read_set(parser, t, set, &parser->set, NULL))
		return false;
	if (!parser->set.count)
		return true;
	if (cached)
		s.removed = &parser->set;
	else
		s.queue = &parser->set;
	s.ts_ns = t->stamp ? stamp_of(t->stamp, stamp_length(t), "UTC") : 0;
	line_cache_flush(&parser->cache);
	account_sighting(parser->account, &s);
	return true;
}

/* osd.0 pg_epoch: 14 pg[1.6( … handle_advance_map …: PGPool::update of the next epoch comes right after it */
static bool take_pg(struct line_parser *parser, struct taken *t)
{
	static const char epoch[] = " pg_epoch: ", pg[] = " pg[";
	const char *end = t->text + t->length, *at = text_find(t->text, t->length, 32, epoch);
	struct pg_sighting group = { .pool = -1 };
	uint64_t number;

	if (!at)
		return false;
	number = read_number(at + sizeof epoch - 1, end, &at);
	if ((size_t)(end - at) < sizeof pg || memcmp(at, pg, sizeof pg - 1))
		return false;
	at += sizeof pg - 1;
	if (!pg_name_parse(at, (size_t)(end - at), &group))
		return false;
	remember(parser, t->thread, (uint64_t)group.pool, number + 1);
	return take_snaptrimq(parser, &group, at, end) || take_activate(parser, t, &group, number);
}

static bool take_osd(struct line_parser *parser, struct taken *t)
{
	take_pg_epoch(parser, t);
	return take_pg(parser, t);
}

const struct line_form lines_osd_forms[] = {
	{ "PGPool::update cached_removed_snaps ", true, take_update,
	  "PGPool::update cached_removed_snaps [1~1] newly_removed_snaps [1~1] snapc 0=[] (updated)" },
	{ "update cached_removed_snaps shrank from ", true, take_shrank,
	  "update cached_removed_snaps shrank from [1~3,5~2] to [1~3]" },
	{ "osd.", true, take_osd,
	  "osd.3 pg_epoch: 2224 pg[11.4( v 201'1 (0'0,201'1] local-les=2224 n=1 [3] r=0 lpr=2223 active+clean+snaptrim snaptrimq=[5~2]] SnapTrimmer state" },
	{ 0 },
};
