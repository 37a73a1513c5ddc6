/* SPDX-License-Identifier: MIT */
#include "snaps/text_parts.h"

#include <inttypes.h>

void snaps_label(const struct text *text, const char *label)
{
	fprintf(text->out, "  %s%-*s%s", ink(text, INK_DIM), LABEL - 2, label, ink_off(text));
}

static uint64_t height(const struct sample *sample, bool queue)
{
	return queue ? sample->queue_snaps : sample->intervals;
}

void snaps_sparkline(const struct text *text, const struct snaps_pool *pool, bool queue)
{
	static const char *const utf8[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, *const ascii[] = { "_", ".", ":", "-",
		                                                                                         "=", "+", "*", "#" };
	size_t room = (size_t)(text->style->width - LABEL - 1), count = pool->sample_count;
	size_t points = count < room ? count : room;
	uint64_t most = 1;

	if (points < 3)
		return;
	for (size_t i = 0; i < count; i++)
		if (height(&pool->samples[i], queue) > most)
			most = height(&pool->samples[i], queue);
	snaps_label(text, "");
	for (size_t i = 0; i < points; i++) {
		uint64_t value = height(&pool->samples[i * (count - 1) / (points - 1)], queue);
		size_t level = (size_t)((unsigned __int128)value * 7 / most);

		fputs(text->style->utf8 ? utf8[level] : ascii[level], text->out);
	}
	fputc('\n', text->out);
}

static const char *seconds(double s, char buf[TEXT_BUF])
{
	if (s <= 0)
		snprintf(buf, TEXT_BUF, "-");
	else if (s >= 3600)
		snprintf(buf, TEXT_BUF, "%.1f h", s / 3600);
	else if (s >= 120)
		snprintf(buf, TEXT_BUF, "%.1f min", s / 60);
	else if (s >= 1)
		snprintf(buf, TEXT_BUF, "%.1f s", s);
	else if (s >= 1e-3)
		snprintf(buf, TEXT_BUF, "%.1f ms", s * 1e3);
	else
		snprintf(buf, TEXT_BUF, "%.1f us", s * 1e6);
	return buf;
}

static const char *count_of(uint64_t n, char buf[TEXT_BUF])
{
	if (n >= 10000000000)
		snprintf(buf, TEXT_BUF, "%.0f G", (double)n / 1e9);
	else if (n >= 10000000)
		snprintf(buf, TEXT_BUF, "%.0f M", (double)n / 1e6);
	else
		snprintf(buf, TEXT_BUF, "%" PRIu64, n);
	return buf;
}

#define TABLE_INDENT 2

static void print_run(const struct text *text, const struct pool_cost *cost, int which)
{
	const struct cost *run = &cost->runs[which];
	double whole = (double)cost->what.epochs / (double)run->ran_epochs * ((double)cost->what.pgs / (double)run->ran_pgs);
	double ops =
	        (double)(run->ops.copied + run->ops.inserted + run->ops.erased + run->ops.compared + run->ops.searched) * whole;
	char name[96], b[6][TEXT_BUF];

	snprintf(name, sizeof name, "%s%s", cost_algorithm_name(run->algorithm),
	         which == RUN_12_CREATIONS ? ", only creations" : "");
	fprintf(text->out, "%*s%-23s %8s %8s %8s %8s %8s %s%8s%s\n", TABLE_INDENT, "", name, count_of((uint64_t)ops, b[0]),
	        seconds(run->ran_s, b[1]), seconds(run->middle.map_s + run->middle.again_s, b[2]),
	        seconds(run->middle.copy_s, b[3]), seconds(run->middle.set_s, b[4]), ink(text, INK_BOLD),
	        seconds(run->middle.start_s, b[5]), ink_off(text));
}

static void print_points(const struct text *text, const struct pool_cost *cost)
{
	double most = 0;
	int room = text->style->width - LABEL - 31;
	char b[2][TEXT_BUF];

	for (size_t i = 0; i < cost->point_count; i++)
		for (int a = COST_10_2_7; a <= COST_12_2_10; a++) /* measured: on a busy machine either may be the longer */
			most = cost->points[i].us[a] > most ? cost->points[i].us[a] : most;
	if (most <= 0)
		return;
	snaps_tell(text, "grows", INK_PLAIN,
	           "time per placement group at an epoch with a deletion, by number of intervals (10.2.7, and 12.2.10 below it)");
	for (size_t i = 0; i < cost->point_count; i++)
		for (int a = COST_10_2_7; a <= COST_12_2_10; a++) {
			int length = (int)(cost->points[i].us[a] / most * room + 0.5);

			fprintf(text->out, "%*s%9s %-8s %10s %s", LABEL, "", a ? "" : count_of(cost->points[i].intervals, b[0]),
			        a ? "12.2.10" : "10.2.7", seconds(cost->points[i].us[a] / 1e6, b[1]),
			        ink(text, a ? INK_CYAN : INK_YELLOW));
			for (int c = 0; c < (length ? length : 1); c++)
				fputs(text->style->utf8 ? "▬" : "=", text->out);
			fprintf(text->out, "%s\n", ink_off(text));
		}
}

void snaps_cost(const struct text *text, const struct pool_cost *cost)
{
	const struct cost_case *what = &cost->what;
	const struct cost *run = &cost->runs[RUN_10];
	char b[4][TEXT_BUF];

	snaps_tell(text, "simulated", INK_PLAIN,
	           "%" PRIu64 " epochs x %" PRIu64 " placement groups, snapshots made or deleted at %" PRIu64
	           " of the epochs (%" PRIu64 " deletions), %u threads on %u CPUs. Really ran: up to %" PRIu64
	           " epochs x %" PRIu64 " groups each; the rest is scaled",
	           what->epochs, what->pgs, what->updates, what->deletions, what->threads, what->cpus, run->ran_epochs,
	           run->ran_pgs);
	fprintf(text->out, "%*s%s%-23s %8s %8s %8s %8s %8s %8s%s\n", TABLE_INDENT, "", ink(text, INK_DIM), "PGPool::update of",
	        "steps", "ran", "maps", "copies", "set work", "start-up", ink_off(text));
	for (int i = 0; i < COST_RUNS; i++)
		print_run(text, cost, i);
	snaps_tell(text, "", INK_DIM,
	           "of the whole case. steps: intervals copied, inserted, erased, compared, searched. maps: decoded and encoded "
	           "as they come, and decoded again where a group finds that the OSD's cache has dropped them (how often is "
	           "simulated: %s times here on 14.2.21, %s on 10.2.7); maps, copies and set work are CPU time. start-up: what "
	           "this pool adds to it, as the threads share all that; a lock lets one at a time decode. All times are the "
	           "middle between two ends that were measured here, with the sets' nodes from malloc and from scattered "
	           "free lists: for 10.2.7's start-up %s and %s",
	           count_of((uint64_t)cost->runs[RUN_14].decoded_again, b[0]), count_of((uint64_t)run->decoded_again, b[1]),
	           seconds(run->in_order.start_s, b[2]), seconds(run->scattered.start_s, b[3]));
	snaps_tell(
	        text, "gain", INK_PLAIN,
	        "12.2.10 saves %.0f %% of 10.2.7's set work while snapshots are only made, and %.0f %% with these deletions: "
	        "each deletion moves the range end, so the set is worked through all the same. Of all that the set adds to the "
	        "start-up that is %.0f %%, since every group copies the set at every epoch in all of these releases",
	        cost->gain_creations * 100, cost->gain * 100, cost->gain_start * 100);
	print_points(text, cost);
}

/* The scheduler decides: mClock, the default from Quincy on, ignores the sleep options. */
static void trimming_advice(const struct text *text, const struct account *account)
{
	int release = account_release_number(account);

	if (account->least_release > release)
		release = account->least_release;
	if (account->version > release)
		release = account->version;
	if (account->nosnaptrim)
		snaps_tell(text, "helps", INK_PLAIN,
		           "`ceph osd unset nosnaptrim`, at an hour at which clients can bear the trimming");
	else if (release >= RELEASE_QUINCY)
		snaps_tell(text, "helps", INK_PLAIN,
		           "spread the snapshot rotation over time; where trimming hurts clients: osd_mclock_profile "
		           "high_client_ops (mClock, the default from Quincy on, does not look at sleep options)");
	else if (release)
		snaps_tell(text, "helps", INK_PLAIN,
		           "spread the snapshot rotation over time; osd_snap_trim_sleep slows trimming down where it hurts "
		           "clients");
	else
		snaps_tell(text, "helps", INK_PLAIN, "spread the snapshot rotation over time");
}

void snaps_advice(const struct text *text, const struct account *account, const struct snaps_pool *pool, const struct numbers *n)
{
	int release = account_release_number(account);

	if (n->gaps && n->gaps_of_one * 2 >= n->gaps)
		snaps_tell(text, "cause", INK_PLAIN,
		           "most gaps are one snapshot wide: creations and deletions alternate, so each live snapshot stands "
		           "between two removed ids. A rotation that deletes all it has to first, and then makes all new ones, "
		           "puts the burnt ids side by side");
	if (n->pays_at_start != PAYS_NO && n->intervals > 1) {
		char most[TEXT_BUF * 2] = "";

		if (n->live_known)
			snprintf(most, sizeof most,
			         " (there are never more than %" PRIu64 " intervals while %" PRIu64 " are alive)", n->live + 1,
			         n->live);
		snaps_tell(
		        text, "helps", INK_PLAIN,
		        "fewer live snapshots%s; fewer epochs to walk: stop OSDs from flapping (`ceph osd set nodown` while you "
		        "repair) before a restart",
		        most);
	}
	if (release && release < RELEASE_MIMIC)
		snaps_tell(text, "", INK_PLAIN,
		           "once all OSDs run Mimic or later: `ceph osd require-osd-release` ends the set work, Octopus the "
		           "copies, too");
	if ((pool->has_queue && pool->queue.ids) || pool->pgs.busy)
		trimming_advice(text, account);
}
