/* SPDX-License-Identifier: MIT */
/* `--format text`: each pool as a page for a person. */
#include "snaps/bar.h"
#include "snaps/release.h"
#include "snaps/text_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 16 /* columns of the labels on the left */

void snaps_label(const struct text *text, const char *label)
{
	fprintf(text->out, "  %s%-*s%s", ink(text, INK_DIM), LABEL - 2, label, ink_off(text));
}

/* Eighths of a block: how much of a cell is alive. */
static const char *live_glyph(const struct text *text, const struct bar_cell *cell)
{
	static const char *const utf8[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, *const ascii[] = { ".", ":", "-", "=",
		                                                                                         "+", "*", "%", "#" };
	unsigned int eighth = (unsigned int)(((unsigned __int128)cell->live * 8 - 1) / cell->ids);

	return text->style->utf8 ? utf8[eighth] : ascii[eighth];
}

static void print_cell(const struct text *text, const struct bar_cell *cell)
{
	bool utf8 = text->style->utf8;

	if (cell->live)
		fprintf(text->out, "%s%s", ink(text, INK_GREEN), live_glyph(text, cell));
	else if (cell->burnt == cell->ids)
		fprintf(text->out, "%s%s", ink(text, INK_YELLOW), utf8 ? "×" : "x");
	else
		fprintf(text->out, "%s%s", ink(text, INK_DIM), utf8 ? "·" : "_");
	fputs(ink_off(text), text->out);
}

static void print_bar(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	struct bar_cell *cells;
	size_t room = (size_t)text->style->width - LABEL - 1, used;
	char last[24];

	cells = calloc(room, sizeof *cells);
	if (!cells || !n->snap_seq) {
		free(cells);
		return;
	}
	used = bar_fill(pool, n->snap_seq, cells, room);
	snaps_label(text, "ids");
	for (size_t i = 0; i < used; i++)
		print_cell(text, &cells[i]);
	snprintf(last, sizeof last, "%" PRIu64, n->snap_seq);
	fprintf(text->out, "\n%*s1%*s\n", LABEL, "", used > 1 ? (int)used - 1 : 0, used > strlen(last) + 1 ? last : "");
	fprintf(text->out, "%*s%s%s alive (as high as their share)  %s removed%s%s%s\n", LABEL, "", ink(text, INK_DIM),
	        text->style->utf8 ? "▁█" : ".#", text->style->utf8 ? "·" : "_", pool->burnt.count ? "  " : "",
	        pool->burnt.count ? (text->style->utf8 ? "× burnt" : "x burnt") : "", ink_off(text));
	free(cells);
}

static void print_counts(const struct text *text, const struct numbers *n)
{
	char bytes[TEXT_BUF], line[TEXT_BUF];

	snaps_label(text, "snapshots");
	if (n->burnt_known)
		text_wrapf(text, LABEL, INK_PLAIN,
		           "%" PRIu64 " alive; snap_seq %" PRIu64 "%s; %" PRIu64 " ids removed, %" PRIu64
		           " of them burnt: each deletion takes the next id, too, and no snapshot ever has it",
		           n->live, n->snap_seq, strcmp(n->seq_from, "input") ? " (the last removed id, at least)" : "",
		           n->removed, n->burnt);
	else
		text_wrapf(text, LABEL, INK_PLAIN,
		           "%" PRIu64 " alive; snap_seq %" PRIu64 "%s; %" PRIu64
		           " ids removed; how many of them deletions burnt cannot be told: their number does not pair up",
		           n->live, n->snap_seq, strcmp(n->seq_from, "input") ? " (the last removed id, at least)" : "",
		           n->removed);
	snaps_label(text, "removed_snaps");
	text_wrapf(text, LABEL, INK_BOLD, "%" PRIu64 " intervals, %s encoded in every map, %s in every log line at debug 20",
	           n->intervals, text_bytes(n->encoded_bytes, bytes), text_bytes(n->text_bytes, line));
	if (!n->gaps)
		return;
	snaps_label(text, "gaps");
	text_wrapf(text, LABEL, INK_PLAIN,
	           "%" PRIu64 " gaps of live ids between removed ones, %" PRIu64 " of them a single id; the largest %" PRIu64
	           " (%" PRIu64 " to %" PRIu64 "); fragmentation %.2f (1: each live snapshot is a gap of its own)",
	           n->gaps, n->gaps_of_one, n->largest_gap.length, n->largest_gap.start, interval_end(&n->largest_gap) - 1,
	           n->fragmentation);
}

static int print_range(char *buf, size_t size, const struct interval *run, const char *separator)
{
	if (run->length == 1)
		return snprintf(buf, size, "%s%" PRIu64, separator, run->start);
	return snprintf(buf, size, "%s%" PRIu64 "-%" PRIu64, separator, run->start, interval_end(run) - 1);
}

#define LIVE_RUNS 60

static void print_live(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	char words[LIVE_RUNS * 48 + 128];
	size_t at = 0, length = 0, runs = 0;
	struct interval run;

	while (runs < LIVE_RUNS && next_live(pool, n->snap_seq, &at, &run))
		length += (size_t)print_range(words + length, sizeof words - length, &run, runs++ ? ", " : "");
	if (!runs)
		return;
	for (runs = 0; next_live(pool, n->snap_seq, &at, &run);)
		runs++;
	if (runs)
		snprintf(words + length, sizeof words - length, ", and %zu more ranges (--format json has all)", runs);
	snaps_label(text, "alive");
	text_wrap(text, LABEL, INK_PLAIN, words);
}

static void print_burnings(const struct text *text, const struct snaps_pool *pool)
{
	size_t from = pool->burning_count > 5 ? pool->burning_count - 5 : 0;

	for (size_t i = from; i < pool->burning_count; i++) {
		const struct burning *b = &pool->burnings[i];
		char when[64] = "", stamp[TEXT_BUF];

		if (b->epoch)
			snprintf(when, sizeof when, " (epoch %" PRIu64 ")", b->epoch);
		else if (b->ts_ns)
			snprintf(when, sizeof when, " (%s)", text_moment(b->ts_ns, stamp));
		snaps_label(text, i == from ? "burnt" : "");
		text_wrapf(text, LABEL, INK_PLAIN, "id %" PRIu64 " by the removal of %" PRIu64 "%s%s", b->burnt, b->removed, when,
		           i == from && from ? "; earlier ones: --format json" : "");
	}
}

static void print_history(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	const struct sample *first = pool->samples, *last = pool->sample_count ? first + pool->sample_count - 1 : NULL;
	char span[96] = "";

	if (pool->sample_count > 1 && pool->has_removed) {
		if (pool->first_epoch && pool->last_epoch)
			snprintf(span, sizeof span, " from epoch %" PRIu64 " to %" PRIu64, pool->first_epoch, pool->last_epoch);
		snaps_label(text, "history");
		text_wrapf(text, LABEL, INK_PLAIN, "%" PRIu64 " to %" PRIu64 " intervals%s, %" PRIu64 " deletion%s%s",
		           first->intervals, last->intervals, span, pool->deletions, pool->deletions == 1 ? "" : "s",
		           pool->shrunk ? "; the set shrank on the way" : "");
		snaps_sparkline(text, pool, false, LABEL);
	}
	if (n->growth_known) {
		snaps_label(text, "growth");
		text_wrapf(text, LABEL, INK_PLAIN, "%.2f intervals per deletion", n->growth_per_deletion);
	}
	if (n->churn_known) {
		snaps_label(text, "churn");
		text_wrapf(text, LABEL, INK_PLAIN, "%.1f ids a day, taken by creations and deletions, over %.2f days",
		           n->churn_per_day, n->days);
	}
	if (pool->lines) {
		snaps_label(text, "log");
		text_wrapf(text, LABEL, INK_PLAIN,
		           "%" PRIu64 " line%s told of it, %" PRIu64 " of them by placement groups that were behind", pool->lines,
		           pool->lines == 1 ? "" : "s", pool->behind);
	}
}

static void print_groups(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	struct interval groups[GROUPS_MOST];
	char words[GROUPS_MOST * 48 + 512];
	uint64_t all, after, ids = 0;
	size_t count = delete_together(pool, GROUP_IDS_MOST, GROUPS_MOST, groups, &all), length = 0;

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		ids += groups[i].length;
	/* what the deletions burn follows snap_seq: on to the last interval, or an interval of its own behind living ids */
	after = n->intervals - count + (interval_set_range_end(&pool->removed) <= n->snap_seq);
	length = (size_t)snprintf(words, sizeof words,
	                          "these %" PRIu64 " snapshots close %zu gaps, %" PRIu64 " intervals become %" PRIu64
	                          ", with the ids that this burns: ",
	                          ids, count, n->intervals, after);
	for (size_t i = 0; i < count; i++)
		length += (size_t)print_range(words + length, sizeof words - length, &groups[i], i ? ", " : "");
	if (all > count)
		snprintf(words + length, sizeof words - length, "; %" PRIu64 " more gaps", all - count);
	snaps_label(text, "together");
	text_wrap(text, LABEL, INK_PLAIN, words);
}

static void print_queue(const struct text *text, const struct snaps_pool *pool)
{
	const struct sample *first = pool->samples, *last = pool->sample_count ? first + pool->sample_count - 1 : NULL;
	uint64_t most = 0;

	if (pool->has_queue) {
		snaps_label(text, "queue");
		if (pool->queue.ids)
			text_wrapf(text, LABEL, INK_YELLOW, "%" PRIu64 " removed snapshots wait to be trimmed, in %zu intervals",
			           pool->queue.ids, pool->queue.count);
		else
			text_wrap(text, LABEL, INK_PLAIN, "empty: everything that was removed is purged");
		for (size_t i = 0; i < pool->sample_count; i++)
			most = pool->samples[i].queue_snaps > most ? pool->samples[i].queue_snaps : most;
		if (pool->sample_count > 1 && most) {
			snaps_label(text, "");
			text_wrapf(text, LABEL, INK_PLAIN,
			           "%" PRIu64 " at the first map, %" PRIu64 " at the last, %" PRIu64 " at most",
			           first->queue_snaps, last->queue_snaps, most);
			snaps_sparkline(text, pool, true, LABEL);
		}
	}
	if (pool->has_snaptrim) {
		snaps_label(text, "snaptrim");
		text_wrapf(text, LABEL, pool->snaptrim_pgs ? INK_YELLOW : INK_PLAIN,
		           "%" PRIu64 " of %" PRIu64 " placement groups trim or wait to, %" PRIu64 " snapshots in their queues",
		           pool->snaptrim_pgs, pool->pgs, pool->snaptrim_queued);
	}
}

static void print_start(const struct text *text, const struct snaps_report *report, const struct numbers *n)
{
	static const char *const heads[] = { "not told: ", "not paid: ", "paid: " };
	char words[512];

	snaps_label(text, "at start");
	snprintf(words, sizeof words, "%s%s", heads[n->pays_at_start + 1], n->pays_why);
	text_wrap(text, LABEL, n->pays_at_start == PAYS_YES ? INK_YELLOW : INK_PLAIN, words);
	if (n->pays_at_start != PAYS_NO && !report->costs && n->intervals) {
		snaps_label(text, "");
		text_wrap(text, LABEL, INK_DIM,
		          "--simulate --epochs N --pgs P --updates K measures what it costs on this machine");
	}
}

static void print_pool(const struct text *text, const struct snaps_report *report, const struct snaps_pool *pool, size_t index)
{
	char title[POOL_TITLE], *safe;
	struct numbers n;

	numbers_of(report->account, pool, &n);
	safe = escape_terminal(pool_title(pool, title), text->style->utf8);
	fprintf(text->out, "%s%s%s\n", ink(text, INK_BOLD), safe ? safe : "", ink_off(text));
	free(safe);
	if (n.known) {
		print_bar(text, pool, &n);
		print_counts(text, &n);
		print_live(text, pool, &n);
		print_burnings(text, pool);
	} else if (n.snap_seq) {
		snaps_label(text, "snapshots");
		text_wrapf(text, LABEL, INK_PLAIN,
		           "snap_seq %" PRIu64
		           "; which ids are alive this input does not say: the map keeps no removed_snaps from Octopus on",
		           n.snap_seq);
	}
	print_history(text, pool, &n);
	print_queue(text, pool);
	if (n.known)
		print_groups(text, pool, &n);
	print_start(text, report, &n);
	if (report->costs && report->costs[index].what.epochs)
		snaps_cost(text, &report->costs[index], LABEL);
	snaps_advice(text, report->account, pool, &n, LABEL);
}

int snaps_text(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	const struct text text = { out, style };
	size_t index = 0;

	if (!report->account->pools)
		fputs("no pool with snapshots in these inputs\n", out);
	for (const struct snaps_pool *pool = report->account->pools; pool; pool = pool->next) {
		if (index)
			fputc('\n', out);
		print_pool(&text, report, pool, index++);
	}
	return ferror(out) ? -EIO : 0;
}
