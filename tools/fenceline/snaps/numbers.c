/* SPDX-License-Identifier: MIT */
#include "snaps/numbers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_DAY       86400e9
#define CHURN_DAYS_LEAST (1.0 / 24) /* an hour: less says nothing about a day */

void live_ids(const struct snaps_pool *pool, uint64_t snap_seq, struct interval_set *live)
{
	const struct interval_set *set = &pool->removed;

	interval_set_clear(live);
	for (size_t i = 0; i <= set->count; i++) {
		uint64_t from = i ? interval_end(&set->items[i - 1]) : 1; /* ids begin at 1 */
		uint64_t end = i < set->count ? set->items[i].start : snap_seq + 1;

		if (from < end)
			interval_set_insert(live, from, end - from);
	}
}

static void count_gaps(const struct snaps_pool *pool, struct numbers *n)
{
	const struct interval_set *set = &pool->removed;

	n->gaps = set->count ? set->count - 1 : 0;
	for (size_t i = 0; i < n->gaps; i++) {
		const struct interval gap = { interval_end(&set->items[i]),
			                      set->items[i + 1].start - interval_end(&set->items[i]) };

		n->gap_ids += gap.length;
		n->gaps_of_one += gap.length == 1;
		if (gap.length > n->largest_gap.length)
			n->largest_gap = gap;
	}
	n->fragmentation = n->gap_ids ? (double)n->gaps / (double)n->gap_ids : 0;
}

/* Each deletion removes an id and burns one; id 1 is the marker of the first unmanaged snapshot. An odd rest means that not
 * every deletion did: then nobody can tell. */
static void count_burnt(const struct snaps_pool *pool, struct numbers *n)
{
	uint64_t marker = interval_set_contains(&pool->removed, 1), rest = n->removed - marker;

	n->burnt_known = pool->mode != SNAP_MODE_POOL && rest % 2 == 0;
	n->burnt = n->burnt_known ? rest / 2 : 0;
}

static void count_history(const struct snaps_pool *pool, struct numbers *n)
{
	const struct sample *first = pool->samples, *last;

	if (!pool->sample_count)
		return;
	last = first + pool->sample_count - 1;
	if (pool->deletions)
		n->growth_per_deletion = ((double)last->intervals - (double)first->intervals) / (double)pool->deletions;
	n->days = (double)(pool->last_ts_ns - first->ts_ns) / NS_PER_DAY;
	/* From Octopus on a dump as text has neither a snap_seq nor a set. */
	if (first->ts_ns && n->days >= CHURN_DAYS_LEAST && pool->last_seq && pool->last_seq >= pool->first_seq) {
		n->churn_known = true;
		n->churn_per_day = (double)(pool->last_seq - pool->first_seq) / n->days;
	}
}

__attribute__((format(printf, 3, 4))) static void because(struct numbers *n, enum pays pays, const char *format, ...)
{
	va_list args;

	n->pays_at_start = pays;
	va_start(args, format);
	vsnprintf(n->pays_why, sizeof n->pays_why, format, args);
	va_end(args);
}

/* Mimic and Nautilus, at mimic or later: no set work, but the map still carries the set. */
static void judge_nautilus(const struct snaps_pool *pool, struct numbers *n)
{
	if (pool->has_removed && !pool->removed.count)
		because(n, PAYS_NO, "from Mimic on, and this pool's set is empty");
	else
		because(n, PAYS_IN_PART,
		        "from Mimic on PGPool::update clears the set, so there is no set work at start; but the OSDMap still "
		        "carries it, so every map still decodes it and every placement group still copies it along. Octopus ends "
		        "that");
}

static void judge_octopus(const struct snaps_pool *pool, struct numbers *n)
{
	if (pool->removed.count && pool->seen_at_osd)
		because(n, PAYS_YES, "an OSD logged a set that is not empty: it ran Luminous or older, or at luminous, then");
	else if (pool->removed.count)
		because(n, PAYS_NO, "from Octopus on no OSD works through the set or copies it; the one here is of an older map");
	else
		because(n, PAYS_NO,
		        "from Octopus on the OSDMap keeps only what is not yet purged: no OSD walks the set when it starts");
}

/* require_osd_release is not in the inputs: what their form says of the release. */
static void judge_form(const struct account *account, const struct snaps_pool *pool, struct numbers *n)
{
	int least = account->least_release, most = account->most_release;

	if (pool->seen_at_osd && pool->removed.count)
		because(n, PAYS_YES, "the OSD logged a set that is not empty, so this release still tracks it (up to Luminous)");
	else if (pool->keeps_no_set)
		because(n, PAYS_NO,
		        "the map keeps no removed_snaps although the pool has had snapshots, so this is Octopus or later: no OSD "
		        "walks the set when it starts");
	else if (most && most <= RELEASE_LUMINOUS && least <= most)
		because(n, PAYS_YES,
		        "%s dates this to before Luminous, and up to Luminous every placement group walks the set when an OSD "
		        "catches up with the maps",
		        account->most_by);
	else if (account->version && account->version <= RELEASE_LUMINOUS)
		because(n, PAYS_YES,
		        "this Ceph is %d, and up to Luminous every placement group walks the set when an OSD catches up with the "
		        "maps",
		        account->version);
	else if (least >= RELEASE_OCTOPUS || (account->version >= RELEASE_OCTOPUS && !pool->removed.count))
		judge_octopus(pool, n);
	else if (least >= RELEASE_MIMIC && pool->removed.count)
		because(n, PAYS_IN_PART,
		        "%s dates this to %s or later, and Octopus keeps no such set: there is no set work at start unless the "
		        "cluster still requires luminous, but every map decodes the set and every placement group copies it along",
		        account->least_by, least >= RELEASE_NAUTILUS ? "Nautilus" : "Mimic");
	else
		because(n, PAYS_UNKNOWN, "require_osd_release is not in the inputs; `ceph osd dump` tells it");
}

static void judge_release(const struct account *account, const struct snaps_pool *pool, struct numbers *n)
{
	int release = account_release_number(account);

	if (!release)
		judge_form(account, pool, n);
	else if (release >= RELEASE_OCTOPUS)
		judge_octopus(pool, n);
	else if (release >= RELEASE_MIMIC)
		judge_nautilus(pool, n);
	else if (pool->has_removed && !pool->removed.count)
		because(n, PAYS_NO, "this pool's set is empty");
	else
		because(n, PAYS_YES, "up to Luminous every placement group walks the set when an OSD catches up with the maps");
}

/* Pool snapshots are listed, all of them. Else the live ones follow from snap_seq, which text does not print: ids between two
 * removed ones are alive for certain, how many follow the last one nobody can tell. */
static void count_live(const struct snaps_pool *pool, struct numbers *n)
{
	if (pool->has_listed && pool->mode == SNAP_MODE_POOL) {
		n->live = pool->listed.ids;
		n->live_known = true;
		return;
	}
	/* an id 0 can stand in a damaged set only; it is no snapshot's */
	n->live = n->snap_seq - (n->removed - interval_set_contains(&pool->removed, 0));
	n->live_known = n->snap_seq == pool->snap_seq;
}

void numbers_of(const struct account *account, const struct snaps_pool *pool, struct numbers *n)
{
	memset(n, 0, sizeof *n);
	judge_release(account, pool, n);
	n->snap_seq = pool_snap_seq(pool);
	n->seq_from = n->snap_seq == pool->snap_seq                               ? "input"
	              : n->snap_seq + 1 == interval_set_range_end(&pool->removed) ? "last removed id"
	                                                                          : "last snapshot";
	count_history(pool, n);
	n->known = pool->has_removed;
	if (!n->known)
		return;
	n->intervals = pool->removed.count;
	n->removed = pool->removed.ids;
	count_live(pool, n);
	count_gaps(pool, n);
	count_burnt(pool, n);
}

size_t delete_together(const struct snaps_pool *pool, struct interval groups[GROUPS_MOST])
{
	const struct interval_set *set = &pool->removed;
	size_t count = 0;

	for (uint64_t length = 1; length <= GROUP_IDS_MOST && count < GROUPS_MOST; length++)
		for (size_t i = 0; i + 1 < set->count && count < GROUPS_MOST; i++) {
			uint64_t from = interval_end(&set->items[i]);

			if (set->items[i + 1].start - from == length)
				groups[count++] = (struct interval){ from, length };
		}
	return count;
}
