/* SPDX-License-Identifier: MIT */
#include "snaps/lines_dump.h"

#include "ingest/tz.h"
#include "snaps/intervals/interval_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BARE_MOST 100000

/* Pools without a set under them: whether their map keeps none, or grep took the line away, only the end of the dump can tell. */
static void remember_bare(struct line_parser *parser)
{
	if (parser->bare_count == BARE_MOST)
		return;
	XROOM(parser->bare, parser->bare_count);
	parser->bare[parser->bare_count++] = (struct bare_pool){ parser->open.pool, parser->open.queue };
}

static void hand_in(struct line_parser *parser)
{
	struct sighting *open = &parser->open;
	int release = account_release_number(parser->account);

	if (open->mode == SNAP_MODE_POOL) {
		open->listed = &parser->listed;
		if (!open->removed) /* what is not listed below the last one is */
			interval_set_complement(&parser->set, &parser->listed, interval_set_range_end(&parser->listed));
		open->removed = &parser->set;
	} else if (open->mode == SNAP_MODE_SELFMANAGED && !open->removed && !parser->set_unread) {
		/* Up to Nautilus a pool's removed_snaps stand above its removed_snaps_queue (matrix/snaps-forms). */
		open->keeps_no_set = release >= RELEASE_OCTOPUS || open->queue;
		remember_bare(parser);
	}
	account_sighting(parser->account, open);
}

void close_pool(struct line_parser *parser)
{
	struct sighting *open = &parser->open;

	if (!open->name)
		return;
	open->epoch = parser->epoch;
	open->ts_ns = parser->ts_ns;
	/* a pool that never had a snapshot is of no interest */
	if (open->removed || open->queue || open->mode != SNAP_MODE_UNKNOWN)
		hand_in(parser);
	free((char *)open->name);
	open->name = NULL;
}

static bool take_modified(struct line_parser *parser, struct taken *t)
{
	parser->ts_ns = stamp_of(t->text + 9, left(t) - 9, "UTC");
	return true;
}

static bool take_release(struct line_parser *parser, struct taken *t)
{
	const char *at = t->text + 20;
	char release[32];
	size_t n = 0;

	for (; at < t->end && n + 1 < sizeof release && isalpha((unsigned char)*at); at++)
		release[n++] = *at;
	release[n] = '\0';
	account_release(parser->account, release, parser->epoch);
	return true;
}

static bool take_fsid(struct line_parser *parser, struct taken *t)
{
	if (left(t) < 5 + FSID_LENGTH)
		return false;
	account_fsid(parser->account, &parser->place, t->text + 5);
	return true;
}

static bool take_flags(struct line_parser *parser, struct taken *t)
{
	account_flags(parser->account, t->text + 6, left(t) - 6);
	return true;
}

/* max_osd 4: the dump's pools are all told, so those without a set keep none, and what waited for trimming is trimmed. */
static bool take_max_osd(struct line_parser *parser, struct taken *t)
{
	const struct interval_set none = INTERVAL_SET_EMPTY;

	(void)t;
	close_pool(parser);
	for (size_t i = 0; i < parser->bare_count; i++) {
		const struct bare_pool *bare = &parser->bare[i];
		const struct snaps_pool *known = account_pool(parser->account, bare->id);
		const struct sighting s = { .place = parser->place,
			                    .pool = bare->id,
			                    .queue = known && known->has_queue && !bare->queue ? &none : NULL,
			                    .epoch = parser->epoch,
			                    .ts_ns = parser->ts_ns,
			                    .mode = SNAP_MODE_SELFMANAGED,
			                    .keeps_no_set = true };

		account_sighting(parser->account, &s);
	}
	parser->bare_count = 0;
	return true;
}

void pool_words(struct line_parser *parser, const char *at, const char *end)
{
	struct account *account = parser->account;

	if (text_behind(at, end, "selfmanaged_snaps"))
		parser->open.mode = SNAP_MODE_SELFMANAGED;
	else if (text_behind(at, end, "pool_snaps"))
		parser->open.mode = SNAP_MODE_POOL;
	if (text_behind(at, end, "crush_ruleset "))
		account_dated(account, 0, RELEASE_KRAKEN, "crush_ruleset in the pools' lines");
	if (text_behind(at, end, "read_balance_score "))
		account_dated(account, RELEASE_REEF, 0, "read_balance_score in the pools' lines");
	else if (text_behind(at, end, "autoscale_mode "))
		account_dated(account, RELEASE_NAUTILUS, 0, "autoscale_mode in the pools' lines");
}

/* 'volumes', "volumes" or ‘volumes’ at *at, which is put behind it: the name in the quotes; `at` NULL: none. */
static struct log_span quoted(const char **at, const char *end)
{
	static const struct {
		const char *open, *close;
	} quotes[] = { { "'", "'" }, { "\"", "\"" }, { "\xe2\x80\x98", "\xe2\x80\x99" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" } };

	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
		const char *name, *behind;

		if (!text_skip(at, end, quotes[i].open))
			continue;
		name = *at;
		behind = text_behind(name, end, quotes[i].close);
		if (!behind)
			break;
		*at = behind;
		return (struct log_span){ name, (size_t)(behind - name) - strlen(quotes[i].close) };
	}
	return (struct log_span){ 0 };
}

static void open_pool(struct line_parser *parser, uint64_t id, struct log_span name)
{
	interval_set_clear(&parser->set);
	interval_set_clear(&parser->listed);
	parser->open = (struct sighting){
		.place = parser->place,
		.pool = (int64_t)id,
		.name = xstrndup(name.at, name.length),
		.each_is_a_sample = true,
	};
	parser->refused = parser->set_unread = false;
	parser->account->pools_listed++;
}

/* Sets that stand in the pool's own line, where its lines were run together. */
static void inline_sets(struct line_parser *parser, const struct taken *t, const char *at, const char *end)
{
	const char *removed = text_behind(at, end, " removed_snaps ["), *queue = text_behind(at, end, " removed_snaps_queue [");

	if (removed && read_set(parser, t, removed - 1, &parser->set, NULL))
		parser->open.removed = &parser->set;
	if (queue && read_set(parser, t, queue - 1, &parser->queue, NULL))
		parser->open.queue = &parser->queue;
}

/* pool 3 'volumes' replicated … flags hashpspool,selfmanaged_snaps … */
static bool take_pool(struct line_parser *parser, struct taken *t)
{
	const char *at, *next, *end = t->end;
	uint64_t id = read_number(t->text + 5, end, &at);
	bool number = at > t->text + 5 && at - t->text < 5 + 19 && at < end && *at == ' ';
	struct log_span name = { 0 };

	at = text_behind(at, end, " ");
	if (at)
		name = quoted(&at, end);
	if (!name.at)
		return false;
	close_pool(parser);
	if (!number) {
		if (!text_behind(name.at, end, " size ")) /* some sentence about a pool */
			return false;
		parser->refused = true;
		warn_at(&parser->account->warnings, &parser->place, "pool '%.*s': its id is no number; this pool is left out",
		        (int)(name.length < 80 ? name.length : 80), name.at);
		return true;
	}
	next = at;
	while ((next = text_find(next, (size_t)(end - next), SIZE_MAX, " pool ")) &&
	       (next + 6 == end || !isdigit((unsigned char)next[6]))) /* its own words */
		next += 6;
	open_pool(parser, id, name);
	pool_words(parser, at, next ?: end);
	inline_sets(parser, t, at, next ?: end);
	if (next) {
		t->text = next + 1;
		take_pool(parser, t);
	}
	return true;
}

/* The lines of this dump were run together: looks for the forms that stand behind its first words. */
static void run_together(struct line_parser *parser, const struct taken *t)
{
	static const struct {
		const char *word;
		take_fn *take;
	} forms[] = { { " flags ", take_flags },
		      { " require_osd_release ", take_release },
		      { " pool ", take_pool },
		      { " max_osd ", take_max_osd } };
	const char *first = text_find(t->text, left(t), SIZE_MAX, " pool ");

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const char *at = text_find(t->text, left(t), SIZE_MAX, forms[i].word);

		if (at && (!first || at <= first || i == 3)) /* a pool's line has flags of its own */
			forms[i].take(parser, &(struct taken){ .line = t->line, .text = at + 1, .end = t->end });
	}
}

static bool take_epoch(struct line_parser *parser, struct taken *t)
{
	close_pool(parser);
	parser->epoch = read_number(t->text + 6, t->end, NULL);
	parser->bare_count = 0;
	parser->refused = false;
	run_together(parser, t);
	return true;
}

/* removed_snaps SET or removed_snaps_queue SET, under a pool's line. Without one, as grep leaves it, each is of a pool of its
 * own. */
static bool take_dump_set(struct line_parser *parser, struct taken *t)
{
	const char *at = t->text + strlen("removed_snaps");
	bool queue = text_skip(&at, t->end, "_queue");
	struct sighting alone = { .place = parser->place, .pool = -1, .apart = true };
	struct sighting *s = parser->open.name ? &parser->open : &alone;

	at += text_run(at, (size_t)(t->end - at), " \t:=");
	if (at == t->end)
		return hold(parser, t->line);
	if (*at != '[')
		return false;
	if (hold_if_open(parser, t, at))
		return true;
	if (!read_set(parser, t, at, queue ? &parser->queue : &parser->set, NULL))
		return false;
	if (queue)
		account_dated(parser->account, RELEASE_MIMIC, 0, "removed_snaps_queue");
	if (parser->refused)
		return true;
	if (queue)
		s->queue = &parser->queue;
	else
		s->removed = &parser->set;
	if (!parser->open.name)
		account_sighting(parser->account, s);
	return true;
}

/* snap 1 'monday' 2019-03-16 22:27:34.150433, under a pool's line: a pool snapshot. */
static bool take_pool_snap(struct line_parser *parser, struct taken *t)
{
	const char *at;
	uint64_t id = read_number(t->text + 5, t->end, &at);

	if (!parser->open.name || !id || !text_skip(&at, t->end, " ") || !quoted(&at, t->end).at)
		return false;
	parser->open.mode = SNAP_MODE_POOL;
	interval_set_insert(&parser->listed, id, 1);
	return true;
}

/* [1~3,8~1,a~1] and nothing else that would say whose it is */
static bool take_bare_set(struct line_parser *parser, struct taken *t)
{
	struct sighting s = { .place = parser->place, .pool = -1, .removed = &parser->set };

	if (!interval_text_begins(t->text, left(t)))
		return false;
	if (hold_if_open(parser, t, t->text))
		return true;
	if (!read_set(parser, t, t->text, &parser->set, NULL))
		return false;
	account_sighting(parser->account, &s);
	return true;
}

const struct line_form lines_dump_forms[] = {
	{ "epoch ", false, take_epoch, "epoch 24" },
	{ "fsid ", false, take_fsid, "fsid 2a882841-48a3-11f1-838c-d00d99b60350" },
	{ "modified ", false, take_modified, "modified 2026-11-22T22:46:18.074389+0000" },
	{ "require_osd_release ", false, take_release, "require_osd_release luminous" },
	{ "flags ", false, take_flags, "flags sortbitwise,recovery_deletes,purged_snapdirs,pglog_hardlimit" },
	{ "pool ", false, take_pool,
	  "pool 1 'volumes' replicated size 1 min_size 1 crush_rule 0 object_hash rjenkins pg_num 8 pgp_num 8 last_change 23 flags hashpspool" },
	{ "removed_snaps", false, take_dump_set, "removed_snaps [1~3,5~1,7~2,a~3]" },
	{ "snap ", false, take_pool_snap, "snap 1 'monday' 2019-03-16 22:27:34.150433" },
	{ "max_osd ", false, take_max_osd, "max_osd 1" },
	{ "[", false, take_bare_set, "[1~3,8~1,a~1]" },
	{ 0 },
};
