/* SPDX-License-Identifier: MIT */
#include "snaps/lines.h"

#include "ingest/tz.h"
#include "snaps/interval_text.h"
#include "snaps/lines_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t line_stamp(const char *text, size_t length)
{
	char stamp[LINE_CACHE_STAMP];
	int64_t ts_ns = 0;
	bool has_zone;

	if (!length)
		return 0;
	if (length >= sizeof stamp)
		length = sizeof stamp - 1;
	memcpy(stamp, text, length);
	stamp[length] = '\0';
	return stamp_parse(stamp, "UTC", &ts_ns, &has_zone) ? ts_ns : 0;
}

static size_t stamp_length(const struct taken *t)
{
	size_t left = (size_t)(t->line->text + t->line->length - t->log.stamp);

	return left < LINE_CACHE_STAMP ? left : LINE_CACHE_STAMP;
}

struct fault_arg {
	struct line_parser *parser;
	const struct line *line;
};

static void tell_fault(void *arg, enum interval_fault fault, const char *at)
{
	struct fault_arg *f = arg;
	struct place place = f->parser->place;

	place.column = (uint64_t)(at - f->line->text) + 1;
	warn_interval(&f->parser->account->warnings, &place, "", interval_fault_text(fault), at, f->line->text + f->line->length);
}

int read_set(struct line_parser *parser, const struct taken *t, const char *at, struct interval_set *set, const char **end)
{
	struct fault_arg arg = { parser, t->line };
	int ret = interval_text_parse(at, (size_t)(t->line->text + t->line->length - at), set, end, tell_fault, &arg);

	return ret == -EINVAL ? 0 : ret == -ENOMEM ? ret : 1;
}

static struct thread_context *context_of(struct line_parser *parser, uint64_t thread)
{
	return &parser->threads[(thread >> 8 ^ thread >> 16) % THREADS];
}

/* Hands a set that an OSD logged to the account, under the pool and epoch that its thread named last. */
static int osd_sighting(struct line_parser *parser, const struct taken *t, uint64_t snap_seq, bool shrank)
{
	const struct thread_context *context = context_of(parser, t->log.thread);
	bool known = t->log.thread && context->thread == t->log.thread;
	const struct sighting s = {
		.place = parser->place,
		.pool = known ? context->pool : -1,
		.epoch = known ? context->epoch : 0,
		.ts_ns = t->log.stamp ? line_stamp(t->log.stamp, stamp_length(t)) : 0,
		.snap_seq = snap_seq,
		.at_osd = true,
		.shrank = shrank,
		.removed = &parser->set,
	};

	line_cache_flush(&parser->cache);
	return account_sighting(parser->account, &s);
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
static int take_update(struct line_parser *parser, struct taken *t)
{
	const struct thread_context *context = context_of(parser, t->log.thread);
	bool known = t->log.thread && context->thread == t->log.thread;
	int64_t label = known ? context->pool : -1;
	struct cached_line *cached = line_cache_find(&parser->cache, t->log.text, t->log.length, label);
	uint64_t behind;
	const char *end;
	int ret;

	if (cached) {
		cached->hits++;
		if (known)
			cached->epoch = context->epoch;
		if (t->log.stamp) {
			cached->stamp_length = stamp_length(t);
			memcpy(cached->stamp, t->log.stamp, cached->stamp_length);
		}
		return 1;
	}
	ret = read_set(parser, t, t->log.text + sizeof UPDATE - 1, &parser->set, &end);
	if (ret <= 0)
		return ret;
	behind = parser->account->latest ? parser->account->latest->behind : 0;
	ret = osd_sighting(parser, t, read_snapc(end, t->log.text + t->log.length), false);
	if (ret)
		return ret;
	line_cache_add(&parser->cache, t->log.text, t->log.length, label, parser->account->latest,
	               parser->account->latest->behind != behind);
	return 1;
}

/* update cached_removed_snaps shrank from SET to SET */
static int take_shrank(struct line_parser *parser, struct taken *t)
{
	static const char shrank[] = " shrank from ", to[] = " to ";
	const char *from = text_find(t->log.text, t->log.length, 256, shrank), *end;
	int ret;

	if (!from)
		return 0;
	ret = read_set(parser, t, from + sizeof shrank - 1, &parser->set, &end);
	if (ret <= 0)
		return ret;
	ret = osd_sighting(parser, t, 0, false);
	if (ret || (size_t)(t->log.text + t->log.length - end) < sizeof to || memcmp(end, to, sizeof to - 1))
		return ret ? ret : 1;
	ret = read_set(parser, t, end + sizeof to - 1, &parser->set, &end);
	if (ret <= 0)
		return ret;
	warn_at(&parser->account->warnings, &parser->place,
	        "the OSD saw removed_snaps shrink: the pool was made anew, or its record is damaged");
	ret = osd_sighting(parser, t, 0, true);
	return ret ? ret : 1;
}

uint64_t read_number(const char *at, const char *end, const char **after)
{
	uint64_t value = 0;

	while (at < end && *at == ' ')
		at++;
	while (at < end && isdigit((unsigned char)*at))
		value = value * 10 + (unsigned int)(*at++ - '0');
	if (after)
		*after = at;
	return value;
}

static void remember(struct line_parser *parser, uint64_t thread, uint64_t pool, uint64_t epoch)
{
	if (thread)
		*context_of(parser, thread) = (struct thread_context){ thread, (int64_t)pool, epoch };
}

/* osd.0:1.update_pg_epoch 1.6 14 -> 15 */
static int take_pg_epoch(struct line_parser *parser, struct taken *t)
{
	static const char word[] = ".update_pg_epoch ";
	const char *end = t->log.text + t->log.length, *at = text_find(t->log.text, t->log.length, 64, word), *arrow;
	uint64_t pool;

	if (!at)
		return 0;
	pool = read_number(at + sizeof word - 1, end, &at);
	arrow = memmem(at, (size_t)(end - at), " -> ", 4);
	if (*at == '.' && arrow)
		remember(parser, t->log.thread, pool, read_number(arrow + 4, end, NULL));
	return 0; /* context only */
}

/* osd.0 pg_epoch: 14 pg[1.6( … handle_advance_map …: PGPool::update of the next epoch comes right after it */
static int take_pg(struct line_parser *parser, struct taken *t)
{
	static const char epoch[] = " pg_epoch: ", pg[] = " pg[";
	const char *end = t->log.text + t->log.length, *at = text_find(t->log.text, t->log.length, 32, epoch);
	uint64_t number, pool;

	if (!at)
		return 0;
	number = read_number(at + sizeof epoch - 1, end, &at);
	if ((size_t)(end - at) < sizeof pg || memcmp(at, pg, sizeof pg - 1))
		return 0;
	pool = read_number(at + sizeof pg - 1, end, &at);
	if (at < end && *at == '.')
		remember(parser, t->log.thread, pool, number + 1);
	return 0;
}

static int take_osd(struct line_parser *parser, struct taken *t)
{
	take_pg_epoch(parser, t);
	return take_pg(parser, t);
}

/* Every form of line that is known. `begins` is matched at the start of the text, `holds` (if any) anywhere in its first 512
 * bytes. */
static const struct line_form {
	const char *begins, *holds;
	take_fn *take;
} forms[] = {
	{ UPDATE, NULL, take_update },
	{ "update cached_removed_snaps shrank from ", NULL, take_shrank },
	{ "osd.", NULL, take_osd },
	{ "epoch ", NULL, take_epoch },
	{ "modified ", NULL, take_modified },
	{ "require_osd_release ", NULL, take_release },
	{ "pool ", " '", take_pool },
	{ "\tremoved_snaps", NULL, take_dump_set },
	{ "        removed_snaps", NULL, take_dump_set }, /* pasted: tabs turned into spaces */
	{ "PG_STAT ", NULL, take_pg_header },
	{ "[", NULL, take_bare_set },
};
#define HOLDS_WITHIN 512

struct line_parser *line_parser_new(struct account *account, const char *path)
{
	struct line_parser *parser = calloc(1, sizeof *parser);

	if (!parser)
		return NULL;
	parser->account = account;
	parser->path = path;
	for (size_t i = 0; i < THREADS; i++)
		parser->threads[i].pool = -1;
	return parser;
}

static int take_text(struct line_parser *parser, struct taken *t)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const struct line_form *form = &forms[i];

		if (form->begins[0] && (!t->log.length || t->log.text[0] != form->begins[0]))
			continue;
		if (!text_begins(t->log.text, t->log.length, form->begins))
			continue;
		if (form->holds && !text_find(t->log.text, t->log.length, HOLDS_WITHIN, form->holds))
			continue;
		return form->take(parser, t);
	}
	return 0;
}

int line_parser_take(struct line_parser *parser, const struct line *line)
{
	struct taken t = { .line = line };
	const char *update;
	int ret;

	parser->place = (struct place){ .path = parser->path, .line = line->number };
	if (parser->snaptrim_column && line->length && isdigit((unsigned char)line->text[0])) {
		ret = take_pg_row(parser, &t);
		if (ret)
			return ret;
	}
	log_line_split(line->text, line->length, &t.log);
	ret = take_text(parser, &t);
	if (ret || t.log.thread)
		return ret;
	/* pasted, or prefixed by something that is not known: the line is known all the same, wherever it begins */
	update = text_find(t.log.text, t.log.length, HOLDS_WITHIN, "PGPool::update cached_");
	if (!update)
		update = text_find(t.log.text, t.log.length, HOLDS_WITHIN, "update cached_removed_snaps shrank");
	if (!update)
		return 0;
	t.log.length -= (size_t)(update - t.log.text);
	t.log.text = update;
	return take_text(parser, &t);
}

int line_parser_finish(struct line_parser *parser)
{
	line_cache_flush(&parser->cache);
	return close_pool(parser);
}

void line_parser_free(struct line_parser *parser)
{
	if (!parser)
		return;
	if (parser->has_open)
		free((char *)parser->open.name);
	line_cache_free(&parser->cache);
	interval_set_free(&parser->set);
	interval_set_free(&parser->queue);
	free(parser);
}
