/* SPDX-License-Identifier: MIT */
/* `--format text`: each pool as a page for a person. */
#include "snaps/text_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Eighths of a block: how much of a cell is alive. */
static const char *live_glyph(const struct text *text, uint64_t ids, uint64_t live)
{
	static const char *const utf8[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, *const ascii[] = { ".", ":", "-", "=",
		                                                                                         "+", "*", "%", "#" };
	unsigned int eighth = (unsigned int)(((unsigned __int128)live * 8 - 1) / ids);

	return text->style->utf8 ? utf8[eighth] : ascii[eighth];
}

/* burnt: those that are known. */
static void print_cell(const struct text *text, uint64_t ids, uint64_t live, uint64_t burnt)
{
	bool utf8 = text->style->utf8;

	if (live)
		fprintf(text->out, "%s%s", ink(text, INK_GREEN), live_glyph(text, ids, live));
	else if (burnt == ids)
		fprintf(text->out, "%s%s", ink(text, INK_YELLOW), utf8 ? "×" : "x");
	else
		fprintf(text->out, "%s%s", ink(text, INK_DIM), utf8 ? "·" : "_");
	fputs(ink_off(text), text->out);
}

/* The first id of a cell, where the ids 1 to `last` are cut into `cells` equal ones. */
static uint64_t cell_start(uint64_t last, size_t cells, size_t cell)
{
	return (uint64_t)((unsigned __int128)last * cell / cells) + 1;
}

static void print_bar(const struct text *text, const struct snaps_pool *pool, const struct interval_set *live, uint64_t snap_seq)
{
	size_t room = (size_t)text->style->width - LABEL - 1, cells = snap_seq < room ? (size_t)snap_seq : room;
	char last[24];

	if (!cells)
		return;
	snaps_label(text, "ids");
	for (size_t i = 0; i < cells; i++) {
		uint64_t start = cell_start(snap_seq, cells, i), end = cell_start(snap_seq, cells, i + 1);

		print_cell(text, end - start, interval_set_ids_within(live, start, end),
		           interval_set_ids_within(&pool->burnt, start, end));
	}
	snprintf(last, sizeof last, "%" PRIu64, snap_seq);
	fprintf(text->out, "\n%*s1%*s\n", LABEL, "", (int)cells - 1, cells > strlen(last) + 1 ? last : "");
	fprintf(text->out, "%*s%s%s alive (as high as their share)  %s removed%s%s%s\n", LABEL, "", ink(text, INK_DIM),
	        text->style->utf8 ? "▁█" : ".#", text->style->utf8 ? "·" : "_", pool->burnt.count ? "  " : "",
	        pool->burnt.count ? (text->style->utf8 ? "× burnt" : "x burnt") : "", ink_off(text));
}

/* "119 alive", or as much of it as is known. */
static const char *alive(const struct numbers *n, char buf[TEXT_BUF])
{
	if (n->live_known)
		snprintf(buf, TEXT_BUF, "%" PRIu64 " alive", n->live);
	else if (n->live)
		snprintf(buf, TEXT_BUF, "at least %" PRIu64 " alive", n->live);
	else
		snprintf(buf, TEXT_BUF, "how many are alive is not known");
	return buf;
}

static const char *sequence(const struct numbers *n, char buf[TEXT_BUF])
{
	if (!strcmp(n->seq_from, "input"))
		snprintf(buf, TEXT_BUF, "snap_seq %" PRIu64, n->snap_seq);
	else
		snprintf(buf, TEXT_BUF, "snap_seq is not in the input (%s, %" PRIu64 ", at least)", n->seq_from, n->snap_seq);
	return buf;
}

static void print_counts(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	char bytes[TEXT_BUF], line[TEXT_BUF], live[TEXT_BUF], seq[TEXT_BUF], burnt[128] = "";
	bool of_pool = pool->mode == SNAP_MODE_POOL;

	if (n->burnt_known)
		snprintf(burnt, sizeof burnt,
		         ", %" PRIu64 " of them burnt: each deletion takes the next id, too, and no snapshot ever has it",
		         n->burnt);
	else if (!of_pool)
		snprintf(burnt, sizeof burnt, "; how many of them deletions burnt cannot be told: their number does not pair up");
	snaps_tell(text, "snapshots", INK_PLAIN, "%s; %s; %s%" PRIu64 " ids removed%s", alive(n, live), sequence(n, seq),
	           of_pool ? "pool snapshots: " : "", n->removed, burnt);
	snaps_tell(text, "removed_snaps", INK_BOLD,
	           "%" PRIu64 " interval%s, %s encoded in every map, %s in every log line at debug 20", n->intervals,
	           n->intervals == 1 ? "" : "s", text_bytes(interval_set_encoded_bytes(&pool->removed), bytes),
	           text_bytes(interval_set_text_bytes(&pool->removed), line));
	if (!n->gaps)
		return;
	snaps_tell(text, "gaps", INK_PLAIN,
	           "%" PRIu64 " gap%s of live ids between removed ones, %" PRIu64 " of them a single id; the largest %" PRIu64
	           " (%" PRIu64 " to %" PRIu64 "); fragmentation %.2f (1: each live snapshot is a gap of its own)",
	           n->gaps, n->gaps == 1 ? "" : "s", n->gaps_of_one, n->largest_gap.length, n->largest_gap.start,
	           interval_end(&n->largest_gap) - 1, n->fragmentation);
}

/* "4, 6-7, 9"; returns its length. */
static size_t print_ranges(char *buf, size_t size, const struct interval *runs, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		length += (size_t)snprintf(buf + length, size - length, "%s%" PRIu64, i ? ", " : "", runs[i].start);
		if (runs[i].length > 1)
			length += (size_t)snprintf(buf + length, size - length, "-%" PRIu64, interval_end(&runs[i]) - 1);
	}
	return length;
}

#define LIVE_RUNS 60

static void print_live(const struct text *text, const struct interval_set *live)
{
	char words[LIVE_RUNS * 48 + 128];
	size_t runs = live->count < LIVE_RUNS ? live->count : LIVE_RUNS;
	size_t length = print_ranges(words, sizeof words, live->items, runs);

	if (live->count > runs)
		snprintf(words + length, sizeof words - length, ", and %zu more ranges (--format json has all)",
		         live->count - runs);
	if (runs)
		snaps_tell(text, "alive", INK_PLAIN, "%s", words);
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
		snaps_tell(text, i == from ? "burnt" : "", INK_PLAIN, "id %" PRIu64 " by the removal of %" PRIu64 "%s%s",
		           b->burnt, b->removed, when, i == from && from ? "; earlier ones: --format json" : "");
	}
}

static void print_history(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	if (pool->sample_count > 1 && pool->has_removed) {
		const struct sample *first = pool->samples, *last = first + pool->sample_count - 1;
		char span[96] = "";

		if (first->epoch && pool->last_epoch)
			snprintf(span, sizeof span, " from epoch %" PRIu64 " to %" PRIu64, first->epoch, pool->last_epoch);
		snaps_tell(text, "history", INK_PLAIN, "%" PRIu64 " to %" PRIu64 " intervals%s, %" PRIu64 " deletion%s%s",
		           first->intervals, last->intervals, span, pool->deletions, pool->deletions == 1 ? "" : "s",
		           pool->shrunk ? "; the set shrank on the way" : "");
		snaps_sparkline(text, pool, false);
	}
	if (pool->deletions)
		snaps_tell(text, "growth", INK_PLAIN, "%.2f intervals per deletion", n->growth_per_deletion);
	if (n->churn_known)
		snaps_tell(text, "churn", INK_PLAIN, "%.1f ids a day, taken by creations and deletions, over %.2f days",
		           n->churn_per_day, n->days);
	if (pool->lines)
		snaps_tell(text, "log", INK_PLAIN,
		           "%" PRIu64 " line%s told of it, %" PRIu64 " of them by placement groups that were behind", pool->lines,
		           pool->lines == 1 ? "" : "s", pool->behind);
}

static void print_groups(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	struct interval groups[GROUPS_MOST];
	char words[GROUPS_MOST * 48 + 512];
	uint64_t after, ids = 0;
	size_t count = delete_together(pool, groups), length;

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		ids += groups[i].length;
	/* what the deletions burn follows snap_seq: on to the last interval, or an interval of its own behind living ids */
	after = n->intervals - count + (interval_set_range_end(&pool->removed) <= n->snap_seq);
	if (after >= n->intervals) /* nothing is won by it */
		return;
	length = (size_t)snprintf(words, sizeof words,
	                          "deleting %s %" PRIu64 " live snapshot%s, if nobody needs %s, closes %zu gap%s: %" PRIu64
	                          " intervals become %" PRIu64 ", with the ids that this burns: ",
	                          ids == 1 ? "this" : "these", ids, ids == 1 ? "" : "s", ids == 1 ? "it" : "them", count,
	                          count == 1 ? "" : "s", n->intervals, after);
	length += print_ranges(words + length, sizeof words - length, groups, count);
	if (n->gaps > count)
		snprintf(words + length, sizeof words - length, "; %" PRIu64 " more gap%s", n->gaps - count,
		         n->gaps - count == 1 ? "" : "s");
	snaps_tell(text, "together", INK_PLAIN, "%s", words);
}

static void print_queue(const struct text *text, const struct snaps_pool *pool)
{
	uint64_t most = 0;

	if (!pool->has_queue)
		return;
	if (pool->queue.ids)
		snaps_tell(text, "queue", INK_YELLOW, "%" PRIu64 " removed snapshots wait to be trimmed, in %zu intervals",
		           pool->queue.ids, pool->queue.count);
	else
		snaps_tell(text, "queue", INK_PLAIN, "empty: everything that was removed is purged");
	for (size_t i = 0; i < pool->sample_count; i++)
		most = pool->samples[i].queue_snaps > most ? pool->samples[i].queue_snaps : most;
	if (pool->sample_count > 1 && most) {
		snaps_tell(text, "", INK_PLAIN, "%" PRIu64 " at the first map, %" PRIu64 " at the last, %" PRIu64 " at most",
		           pool->samples[0].queue_snaps, pool->samples[pool->sample_count - 1].queue_snaps, most);
		snaps_sparkline(text, pool, true);
	}
}

static void print_snaptrim(const struct text *text, const struct snaps_pool *pool)
{
	const struct pg_table *pgs = &pool->pgs;
	char queued[TEXT_BUF] = "their queues this input does not show";

	if (!pgs->group_count)
		return;
	if (pgs->with_queue)
		snprintf(queued, sizeof queued, "%" PRIu64 " snapshots in their queues", pgs->queued);
	snaps_tell(text, "snaptrim", pgs->busy ? INK_YELLOW : INK_PLAIN,
	           "%" PRIu64 " of %zu placement groups trim or wait to (%" PRIu64 " snaptrim, %" PRIu64 " snaptrim_wait), %s",
	           pgs->busy, pgs->group_count, pgs->trimming, pgs->waiting, queued);
	if (pgs->over)
		snaps_tell(text, "", INK_RED,
		           "%" PRIu64
		           " of them %s %d snapshots or more in the queue (mon_osd_snap_trim_queue_warn_on): Ceph warns with "
		           "PG_SLOW_SNAP_TRIMMING, trimming does not keep up with deletions",
		           pgs->over, pgs->over == 1 ? "has" : "have", PG_QUEUE_WARN);
	if (pgs->errors)
		snaps_tell(text, "", INK_RED,
		           "%" PRIu64
		           " in snaptrim_error: trimming has stopped there at an object that it cannot trim; the log of "
		           "that group's primary OSD names it",
		           pgs->errors);
}

static void print_purged(const struct text *text, const struct snaps_pool *pool)
{
	if (!pool->purged_of_pg.count)
		return;
	snaps_tell(text, "purged", INK_PLAIN,
	           "purged_snaps of placement group %s: %zu intervals, %" PRIu64 " ids, up to %" PRIu64, pool->purged_pg,
	           pool->purged_of_pg.count, pool->purged_of_pg.ids, interval_set_range_end(&pool->purged_of_pg) - 1);
}

static void print_start(const struct text *text, const struct snaps_report *report, const struct numbers *n)
{
	static const char *const heads[] = { "not told: ", "not paid: ", "paid: ", "paid in part: " };

	snaps_tell(text, "at start", n->pays_at_start == PAYS_YES ? INK_YELLOW : INK_PLAIN, "%s%s", heads[n->pays_at_start + 1],
	           n->pays_why);
	if (n->pays_at_start != PAYS_NO && !report->costs && n->intervals)
		snaps_tell(text, "", INK_DIM, "--simulate --epochs N --pgs P --updates K measures what it costs on this machine");
}

static void print_not_known(const struct text *text, const struct snaps_pool *pool, const struct numbers *n)
{
	char seq[TEXT_BUF] = "";

	if (!pool->sample_count)
		return;
	if (n->snap_seq)
		snprintf(seq, sizeof seq, "snap_seq %" PRIu64 "; ", n->snap_seq);
	snaps_tell(text, "snapshots", INK_PLAIN, "%swhich ids are alive this input does not say: %s", seq,
	           pool->keeps_no_set ? "the map keeps no removed_snaps from Octopus on"
	                              : "it shows no removed_snaps of this pool (`ceph osd dump` has it under the pool's line)");
}

/* Lines that name no pool: what was made of them, for it may be wrong. */
static void print_unnamed(const struct text *text, const struct snaps_pool *pool)
{
	if (pool->id >= 0 || pool->unnamed_sets < 2)
		return;
	snaps_tell(text, "which pool", INK_YELLOW,
	           "nothing names it: %" PRIu64
	           " different sets, each of which holds the one before, are told as one pool's history. "
	           "They may be of several pools; an OSD's log at debug 20, or an osd dump, names them",
	           pool->unnamed_sets);
}

/* What holds for the whole cluster. Returns whether anything was said. */
static bool print_cluster(const struct text *text, const struct account *account)
{
	const struct pg_counts *counts = &account->pg_counts;

	if (!account->nosnaptrim && !counts->known && !account->slow_pgs)
		return false;
	fprintf(text->out, "%sthe cluster%s\n", ink(text, INK_BOLD), ink_off(text));
	if (account->nosnaptrim)
		snaps_tell(text, "nosnaptrim", INK_RED,
		           "the flag is set: no snapshot is trimmed, and the queues grow, until `ceph osd unset "
		           "nosnaptrim`");
	if (counts->known)
		snaps_tell(text, "snaptrim", counts->errors ? INK_RED : INK_YELLOW,
		           "%" PRIu64 " placement groups trim, %" PRIu64 " wait to, %" PRIu64
		           " are in snaptrim_error; of which pools `ceph pg ls snaptrim` says",
		           counts->trimming, counts->waiting, counts->errors);
	if (account->slow_pgs)
		snaps_tell(text, "queues", INK_RED,
		           "%" PRIu64 " placement groups have %" PRIu64 " or more snapshots in their queues: Ceph warns "
		           "(PG_SLOW_SNAP_TRIMMING), trimming does not keep up with deletions",
		           account->slow_pgs, account->slow_limit);
	return true;
}

static void print_none(const struct text *text, const struct account *account, bool said)
{
	if (account->pools_listed)
		fprintf(text->out, "%sno pool with snapshots among the %" PRIu64 " in these inputs\n", said ? "\n" : "",
		        account->pools_listed);
	else if (!said && (account->recognised || account->log_lines))
		fputs("these inputs tell nothing of any pool's snapshots\n", text->out);
	else if (!said)
		fputs("nothing in these inputs was understood, so nothing is said of any pool\n", text->out);
}

static void print_title(const struct text *text, const struct snaps_pool *pool)
{
	char title[320], *safe;

	if (pool->id < 0)
		snprintf(title, sizeof title, "a pool that the input does not name");
	else if (pool->name)
		snprintf(title, sizeof title, "pool %" PRId64 " '%s'", pool->id, pool->name);
	else
		snprintf(title, sizeof title, "pool %" PRId64, pool->id);
	safe = escape_terminal(title, text->style->utf8);
	fprintf(text->out, "%s%s%s\n", ink(text, INK_BOLD), safe ? safe : "", ink_off(text));
	free(safe);
}

static void print_pool(const struct text *text, const struct snaps_report *report, const struct snaps_pool *pool, size_t index)
{
	struct interval_set live = INTERVAL_SET_EMPTY;
	struct numbers n;

	numbers_of(report->account, pool, &n);
	print_title(text, pool);
	if (n.known) {
		live_ids(pool, n.snap_seq, &live);
		print_bar(text, pool, &live, n.snap_seq);
		print_counts(text, pool, &n);
		print_live(text, &live);
		interval_set_free(&live);
		print_burnings(text, pool);
	} else {
		print_not_known(text, pool, &n);
	}
	print_unnamed(text, pool);
	print_history(text, pool, &n);
	print_queue(text, pool);
	print_snaptrim(text, pool);
	print_purged(text, pool);
	if (n.known)
		print_groups(text, pool, &n);
	print_start(text, report, &n);
	if (report->costs && report->costs[index].what.epochs)
		snaps_cost(text, &report->costs[index]);
	snaps_advice(text, report->account, pool, &n);
}

static int print_text(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	const struct text text = { out, style };
	bool said = print_cluster(&text, report->account);
	size_t index = 0;

	if (!report->account->pools)
		print_none(&text, report->account, said);
	else if (said)
		fputc('\n', out);
	for (const struct snaps_pool *pool = report->account->pools; pool; pool = pool->next) {
		if (index)
			fputc('\n', out);
		print_pool(&text, report, pool, index++);
	}
	return ferror(out) ? -EIO : 0;
}

const struct snaps_renderer snaps_text = { "text", print_text };
