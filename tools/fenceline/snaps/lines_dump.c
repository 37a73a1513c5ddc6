/* SPDX-License-Identifier: MIT */
/* The lines of `ceph osd dump`, `ceph osd pool ls detail`, `ceph pg dump`, and bare sets. */
#include "snaps/interval_text.h"
#include "snaps/lines_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int close_pool(struct line_parser *parser)
{
	bool of_interest = parser->open.removed || parser->open.queue || parser->open.mode != SNAP_MODE_UNKNOWN;
	int ret = 0;

	if (!parser->has_open)
		return 0;
	parser->has_open = false;
	parser->open.keeps_no_set = parser->open.mode == SNAP_MODE_SELFMANAGED && !parser->open.removed;
	parser->open.epoch = parser->epoch;
	parser->open.ts_ns = parser->ts_ns;
	if (of_interest) /* a pool that never had a snapshot is not */
		ret = account_sighting(parser->account, &parser->open);
	free((char *)parser->open.name);
	parser->open.name = NULL;
	return ret;
}

int take_epoch(struct line_parser *parser, struct taken *t)
{
	int ret = close_pool(parser);

	parser->epoch = read_number(t->log.text + 6, t->log.text + t->log.length, NULL);
	return ret ? ret : 1;
}

int take_modified(struct line_parser *parser, struct taken *t)
{
	parser->ts_ns = line_stamp(t->log.text + 9, t->log.length - 9);
	return 1;
}

int take_release(struct line_parser *parser, struct taken *t)
{
	size_t n = t->log.length - 20 < sizeof parser->release ? t->log.length - 20 : sizeof parser->release - 1;
	int ret;

	memcpy(parser->release, t->log.text + 20, n);
	parser->release[n] = '\0';
	ret = account_release(parser->account, parser->release, parser->epoch);
	return ret ? ret : 1;
}

/* pool 3 'volumes' replicated … flags hashpspool,selfmanaged_snaps … */
int take_pool(struct line_parser *parser, struct taken *t)
{
	const char *end = t->log.text + t->log.length, *at, *quote;
	uint64_t id = read_number(t->log.text + 5, end, &at);
	int ret = close_pool(parser);

	if (ret || at + 2 >= end || memcmp(at, " '", 2))
		return ret;
	quote = memchr(at + 2, '\'', (size_t)(end - at - 2));
	if (!quote)
		return 0;
	interval_set_clear(&parser->set);
	parser->open = (struct sighting){
		.place = parser->place,
		.pool = (int64_t)id,
		.name = strndup(at + 2, (size_t)(quote - at - 2)),
		.each_is_a_sample = true,
	};
	if (!parser->open.name)
		return -ENOMEM;
	if (memmem(quote, (size_t)(end - quote), "selfmanaged_snaps", 17))
		parser->open.mode = SNAP_MODE_SELFMANAGED;
	parser->has_open = true;
	return 1;
}

int take_dump_set(struct line_parser *parser, struct taken *t)
{
	static const char queue_word[] = "removed_snaps_queue ";
	const char *at = t->log.text, *end = at + t->log.length;
	bool queue;
	int ret;

	while (at < end && (*at == '\t' || *at == ' '))
		at++;
	queue = text_begins(at, (size_t)(end - at), queue_word);
	if (!parser->has_open)
		return 0;
	at = memchr(at, '[', (size_t)(end - at));
	ret = at ? read_set(parser, t, at, queue ? &parser->queue : &parser->set, NULL) : 0;
	if (ret <= 0)
		return ret;
	if (queue)
		parser->open.queue = &parser->queue;
	else
		parser->open.removed = &parser->set;
	return 1;
}

/* PG_STAT … STATE … SNAPTRIMQ_LEN: the header tells where the columns are */
int take_pg_header(struct line_parser *parser, struct taken *t)
{
	const char *text = t->line->text, *end = text + t->line->length;
	const char *trim = memmem(text, t->line->length, "SNAPTRIMQ_LEN", 13),
	           *state = memmem(text, t->line->length, " STATE ", 7);

	if (!trim || !state)
		return 0;
	parser->snaptrim_column = (size_t)(trim - text);
	for (trim += 13; trim < end && *trim == ' '; trim++)
		;
	parser->snaptrim_end = trim < end ? (size_t)(trim - text) : SIZE_MAX;
	parser->state_column = (size_t)(state - text) + 1;
	return 1;
}

int take_pg_row(struct line_parser *parser, struct taken *t)
{
	const char *text = t->line->text, *end = text + t->line->length, *at, *state;
	uint64_t pool = read_number(text, end, &at), queued;
	bool trimming;
	int ret;

	if (at == text || at == end || *at != '.' || t->line->length <= parser->snaptrim_column) {
		parser->snaptrim_column = 0; /* the table is over */
		return 0;
	}
	queued = read_number(text + parser->snaptrim_column,
	                     t->line->length < parser->snaptrim_end ? end : text + parser->snaptrim_end, NULL);
	state = text + parser->state_column;
	at = memchr(state, ' ', (size_t)(end - state));
	trimming = memmem(state, (size_t)((at ? at : end) - state), "snaptrim", 8);
	ret = account_snaptrim(parser->account, (int64_t)pool, queued, trimming);
	return ret ? ret : 1;
}

/* [1~3,8~1,a~1] and nothing else that would say whose it is */
int take_bare_set(struct line_parser *parser, struct taken *t)
{
	struct sighting s = { .place = parser->place, .pool = -1, .removed = &parser->set };
	int ret;

	if (!interval_text_begins(t->log.text, t->log.length))
		return 0;
	ret = read_set(parser, t, t->log.text, &parser->set, NULL);
	if (ret <= 0)
		return ret;
	ret = account_sighting(parser->account, &s);
	return ret ? ret : 1;
}
