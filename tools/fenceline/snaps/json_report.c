/* SPDX-License-Identifier: MIT */
/*
 * `--format json`: schema fenceline/snaps/1 (schema/snaps-1.json). Written as it goes: a set can have a million gaps.
 * `--format html`: page.html with the same in it. One file, which asks the network for nothing.
 */
#include "render/json.h"
#include "snaps/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define BURNT_IDS_MOST 1000000 /* damaged input could claim any number */

struct writer {
	FILE *out;
	bool comma; /* before the next member or element */
};

static void put_key(struct writer *w, const char *key)
{
	if (w->comma)
		fputc(',', w->out);
	w->comma = true;
	if (key)
		fprintf(w->out, "\"%s\":", key);
}

/* The key, and null where its value is not known: returns whether that is to follow. */
static bool put_known(struct writer *w, const char *key, bool known)
{
	put_key(w, key);
	if (!known)
		fputs("null", w->out);
	return known;
}

static bool open_if(struct writer *w, const char *key, bool known, char bracket)
{
	if (put_known(w, key, known)) {
		fputc(bracket, w->out);
		w->comma = false;
	}
	return known;
}

static void open_in(struct writer *w, const char *key, char bracket)
{
	open_if(w, key, true, bracket);
}

static void close_in(struct writer *w, char bracket)
{
	fputc(bracket, w->out);
	w->comma = true;
}

static void put_u64_or_null(struct writer *w, const char *key, bool known, uint64_t value)
{
	if (put_known(w, key, known))
		fprintf(w->out, "%" PRIu64, value);
}

static void put_u64(struct writer *w, const char *key, uint64_t value)
{
	put_u64_or_null(w, key, true, value);
}

static void put_double(struct writer *w, const char *key, bool known, double value)
{
	if (put_known(w, key, known && isfinite(value)))
		fprintf(w->out, "%.6g", value);
}

static void put_bool(struct writer *w, const char *key, bool value)
{
	put_key(w, key);
	fputs(value ? "true" : "false", w->out);
}

static void put_string(struct writer *w, const char *key, const char *text)
{
	put_key(w, key);
	json_print(text && !*text ? json_string("") : json_name(text), w->out);
}

static void put_ids(struct writer *w, const char *key, bool known, const struct interval *runs, size_t count)
{
	if (!open_if(w, key, known, '['))
		return;
	for (size_t i = 0; i < count; i++)
		for (uint64_t id = runs[i].start; id < interval_end(&runs[i]); id++)
			put_u64(w, NULL, id);
	close_in(w, ']');
}

static void put_range(struct writer *w, const char *key, bool known, const struct interval *run)
{
	if (put_known(w, key, known))
		fprintf(w->out, "[%" PRIu64 ",%" PRIu64 "]", run->start, interval_end(run) - 1);
}

static void put_live(struct writer *w, const struct snaps_pool *pool, const struct numbers *n)
{
	struct interval_set live = INTERVAL_SET_EMPTY;

	put_u64_or_null(w, "live", n->known && n->live_known, n->live);
	put_u64_or_null(w, "live_least", n->known, n->live);
	if (!open_if(w, "live_ranges", n->known, '['))
		return;
	live_ids(pool, n->snap_seq, &live);
	for (size_t i = 0; i < live.count; i++)
		put_range(w, NULL, true, &live.items[i]);
	interval_set_free(&live);
	close_in(w, ']');
}

static void put_burnt(struct writer *w, const struct snaps_pool *pool, const struct numbers *n)
{
	put_u64_or_null(w, "burnt", n->known && n->burnt_known, n->burnt);
	put_ids(w, "burnt_ids", n->known && pool->sample_count > 1 && pool->burnt.ids <= BURNT_IDS_MOST, pool->burnt.items,
	        pool->burnt.count);
	open_in(w, "burnt_by", '[');
	for (size_t i = 0; i < pool->burning_count; i++) {
		const struct burning *b = &pool->burnings[i];

		open_in(w, NULL, '{');
		if (b->epoch)
			put_u64(w, "epoch", b->epoch);
		else
			put_u64_or_null(w, "ts_ns", b->ts_ns, (uint64_t)b->ts_ns);
		put_u64(w, "burnt", b->burnt);
		put_u64(w, "removed", b->removed);
		close_in(w, '}');
	}
	close_in(w, ']');
}

static void put_groups(struct writer *w, const struct snaps_pool *pool, const struct numbers *n)
{
	struct interval groups[GROUPS_MOST];
	size_t count = delete_together(pool, groups);

	open_in(w, "delete_together", '[');
	for (size_t i = 0; i < count; i++)
		put_ids(w, NULL, true, &groups[i], 1);
	close_in(w, ']');
	put_u64(w, "delete_together_all", n->gaps);
}

static void put_queue(struct writer *w, const struct snaps_pool *pool)
{
	const struct pg_table *pgs = &pool->pgs;

	if (!open_if(w, "removal_queue", pool->has_queue || pgs->group_count, '{'))
		return;
	put_u64_or_null(w, "intervals", pool->has_queue, pool->queue.count);
	put_u64_or_null(w, "snaps", pool->has_queue, pool->queue.ids);
	put_u64_or_null(w, "snaptrim_pgs", pgs->group_count, pgs->busy);
	put_u64_or_null(w, "snaptrim_queued", pgs->with_queue, pgs->queued);
	put_u64_or_null(w, "snaptrim_errors", pgs->group_count, pgs->errors);
	put_u64_or_null(w, "snaptrim_over", pgs->with_queue, pgs->over);
	close_in(w, '}');
}

static void put_purged(struct writer *w, const struct snaps_pool *pool)
{
	if (!open_if(w, "purged", pool->purged_of_pg.count, '{'))
		return;
	put_string(w, "pg", pool->purged_pg);
	put_u64(w, "intervals", pool->purged_of_pg.count);
	put_u64(w, "snaps", pool->purged_of_pg.ids);
	close_in(w, '}');
}

static void put_pays(struct writer *w, const struct numbers *n)
{
	static const char *const names[] = { "not told", "no", "yes", "in part" };

	if (put_known(w, "pays_at_start", n->pays_at_start != PAYS_UNKNOWN))
		fputs(n->pays_at_start == PAYS_YES ? "true" : "false", w->out);
	put_string(w, "pays", names[n->pays_at_start + 1]);
	put_string(w, "pays_why", n->pays_why);
}

static void put_cluster(struct writer *w, const struct account *account)
{
	put_bool(w, "nosnaptrim", account->nosnaptrim);
	put_u64_or_null(w, "slow_snaptrim_pgs", account->slow_pgs, account->slow_pgs);
	if (!open_if(w, "snaptrim_states", account->pg_counts.known, '{'))
		return;
	put_u64(w, "snaptrim", account->pg_counts.trimming);
	put_u64(w, "snaptrim_wait", account->pg_counts.waiting);
	put_u64(w, "snaptrim_error", account->pg_counts.errors);
	close_in(w, '}');
}

static void put_samples(struct writer *w, const struct snaps_pool *pool)
{
	open_in(w, "samples", '[');
	for (size_t i = 0; i < pool->sample_count; i++) {
		const struct sample *s = &pool->samples[i];

		open_in(w, NULL, '{');
		if (s->epoch)
			put_u64(w, "epoch", s->epoch);
		if (s->ts_ns)
			put_u64(w, "ts_ns", (uint64_t)s->ts_ns);
		put_u64_or_null(w, "intervals", pool->has_removed, s->intervals);
		put_u64_or_null(w, "removed", pool->has_removed, s->removed);
		put_u64_or_null(w, "snap_seq", s->snap_seq, s->snap_seq);
		if (pool->has_queue)
			put_u64(w, "queue_snaps", s->queue_snaps);
		put_u64(w, "lines", s->lines);
		put_bool(w, "changed", s->changed);
		close_in(w, '}');
	}
	close_in(w, ']');
}

static void put_times(struct writer *w, const struct cost_time *time)
{
	put_double(w, "map_s", true, time->map_s);
	put_double(w, "again_s", true, time->again_s);
	put_double(w, "copy_s", true, time->copy_s);
	put_double(w, "set_s", true, time->set_s);
	put_double(w, "cpu_s", true, time->cpu_s);
	put_double(w, "start_s", true, time->start_s);
}

static void put_run(struct writer *w, const struct pool_cost *cost, const struct cost *run)
{
	open_in(w, NULL, '{');
	put_string(w, "algorithm", cost_algorithm_name(run->algorithm));
	put_u64(w, "deletions", run->deletions);
	open_in(w, "ran", '{');
	put_u64(w, "epochs", run->ran_epochs);
	put_u64(w, "pgs", run->ran_pgs);
	put_u64(w, "updates", run->ran_updates);
	put_double(w, "seconds", true, run->ran_s);
	put_bool(w, "whole", run->ran_epochs == cost->what.epochs && run->ran_pgs == cost->what.pgs);
	close_in(w, '}');
	open_in(w, "operations", '{');
	put_u64(w, "copied", run->ops.copied);
	put_u64(w, "inserted", run->ops.inserted);
	put_u64(w, "erased", run->ops.erased);
	put_u64(w, "compared", run->ops.compared);
	put_u64(w, "searched", run->ops.searched);
	close_in(w, '}');
	put_u64(w, "decoded_again", (uint64_t)(run->decoded_again + 0.5));
	put_times(w, &run->middle);
	open_in(w, "in_order", '{');
	put_times(w, &run->in_order);
	close_in(w, '}');
	open_in(w, "scattered", '{');
	put_times(w, &run->scattered);
	close_in(w, '}');
	close_in(w, '}');
}

static void put_cost(struct writer *w, const struct pool_cost *cost)
{
	if (!open_if(w, "cost", cost && cost->what.epochs, '{'))
		return;
	put_u64(w, "epochs", cost->what.epochs);
	put_u64(w, "pgs", cost->what.pgs);
	put_u64(w, "updates", cost->what.updates);
	put_u64(w, "deletions", cost->what.deletions);
	put_u64(w, "threads", cost->what.threads);
	put_u64(w, "cpus", cost->what.cpus);
	open_in(w, "runs", '[');
	for (int i = 0; i < COST_RUNS; i++)
		put_run(w, cost, &cost->runs[i]);
	close_in(w, ']');
	put_double(w, "gain_if_only_created", true, cost->gain_creations);
	put_double(w, "gain_with_deletions", true, cost->gain);
	put_double(w, "gain_of_start_with_deletions", true, cost->gain_start);
	open_in(w, "by_intervals", '[');
	for (size_t i = 0; i < cost->point_count; i++) {
		open_in(w, NULL, '{');
		put_u64(w, "intervals", cost->points[i].intervals);
		open_in(w, "us_per_pg_and_deletion", '{');
		for (int a = 0; a < COST_ALGORITHM_COUNT; a++)
			put_double(w, cost_algorithm_name((enum cost_algorithm)a), true, cost->points[i].us[a]);
		close_in(w, '}');
		close_in(w, '}');
	}
	close_in(w, ']');
	close_in(w, '}');
}

static void put_pool(struct writer *w, const struct account *account, const struct snaps_pool *pool, const struct pool_cost *cost)
{
	struct numbers n;

	numbers_of(account, pool, &n);
	open_in(w, NULL, '{');
	put_u64_or_null(w, "pool", pool->id >= 0, (uint64_t)pool->id);
	put_string(w, "name", pool->name);
	put_u64_or_null(w, "snap_seq", n.snap_seq, n.snap_seq);
	put_string(w, "snap_seq_from", n.seq_from);
	put_u64_or_null(w, "intervals", n.known, n.intervals);
	put_u64_or_null(w, "removed", n.known, n.removed);
	put_live(w, pool, &n);
	put_burnt(w, pool, &n);
	put_u64_or_null(w, "largest_gap", n.known, n.largest_gap.length);
	put_range(w, "largest_gap_ids", n.largest_gap.length, &n.largest_gap);
	put_u64_or_null(w, "encoded_bytes", n.known, interval_set_encoded_bytes(&pool->removed));
	put_u64_or_null(w, "text_bytes", n.known, interval_set_text_bytes(&pool->removed));
	put_double(w, "fragmentation", n.known, n.fragmentation);
	put_double(w, "growth_per_deletion", pool->deletions, n.growth_per_deletion);
	put_double(w, "churn_per_day", n.churn_known, n.churn_per_day);
	put_groups(w, pool, &n);
	put_queue(w, pool);
	put_purged(w, pool);
	put_pays(w, &n);
	put_u64_or_null(w, "unnamed_sets", pool->id < 0, pool->unnamed_sets);
	put_u64(w, "log_lines", pool->lines);
	put_u64(w, "log_lines_behind", pool->behind);
	put_u64(w, "shrunk", pool->shrunk);
	put_samples(w, pool);
	put_cost(w, cost);
	close_in(w, '}');
}

static int print_json(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	struct writer writer = { .out = out }, *w = &writer;
	const struct account *account = report->account;
	size_t i = 0;

	(void)style;
	open_in(w, NULL, '{');
	put_string(w, "schema", "fenceline/snaps/1");
	put_string(w, "require_osd_release", account->require_osd_release);
	put_cluster(w, account);
	open_in(w, "pools", '[');
	for (const struct snaps_pool *pool = account->pools; pool; pool = pool->next, i++)
		put_pool(w, account, pool, report->costs ? &report->costs[i] : NULL);
	close_in(w, ']');
	open_in(w, "warnings", '[');
	for (i = 0; i < account->warnings.told_count; i++)
		put_string(w, NULL, account->warnings.told[i]);
	close_in(w, ']');
	put_u64(w, "warning_count", account->warnings.total);
	close_in(w, '}');
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}

const struct snaps_renderer snaps_json = { "json", print_json };

/* page.html, put into the program as it is; FENCELINE_SNAPS_PAGE is its path while compiling */
__asm__(".section .rodata\n"
        "snaps_page: .incbin \"" FENCELINE_SNAPS_PAGE "\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char snaps_page[] __attribute__((visibility("hidden")));

static int print_html(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	static const char mark[] = "@DATA@";
	const char *data = strstr(snaps_page, mark);
	FILE *stream = json_in_page(out);

	if (!stream)
		return -ENOMEM;
	fwrite(snaps_page, 1, (size_t)(data - snaps_page), out);
	print_json(report, style, stream);
	fclose(stream);
	fputs(data + strlen(mark), out);
	return ferror(out) ? -EIO : 0;
}

const struct snaps_renderer snaps_html = { "html", print_html };
