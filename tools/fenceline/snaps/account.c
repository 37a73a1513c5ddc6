/* SPDX-License-Identifier: MIT */
#include "snaps/account.h"

#include "ingest/text_in.h"
#include "ingest/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t pool_snap_seq(const struct snaps_pool *pool)
{
	uint64_t end = interval_set_range_end(&pool->removed), listed = interval_set_range_end(&pool->listed);

	if (listed > end)
		end = listed;
	return end && end - 1 > pool->snap_seq ? end - 1 : pool->snap_seq;
}

struct snaps_pool *account_pool(const struct account *account, int64_t id)
{
	struct snaps_pool *pool = account->pools;

	while (pool && pool->id != id)
		pool = pool->next;
	return pool;
}

/* A pool that no line names is told by its set: it only grows, so one of the two holds the other. */
static bool same_unnamed_pool(const struct snaps_pool *pool, const struct sighting *s)
{
	if (pool->id >= 0 || !s->removed)
		return false;
	return interval_set_subset(&pool->removed, s->removed) || interval_set_subset(s->removed, &pool->removed);
}

static struct snaps_pool *find_pool(struct account *account, const struct sighting *s)
{
	struct snaps_pool *pool = account->latest;

	if (s->apart)
		return NULL;
	if (pool && s->pool >= 0 && pool->id == s->pool)
		return pool;
	if (s->pool >= 0)
		return account_pool(account, s->pool);
	pool = account->pools;
	while (pool && !same_unnamed_pool(pool, s))
		pool = pool->next;
	return pool;
}

#define UNNAMED_MOST 1000

static struct snaps_pool *add_pool(struct account *account, int64_t id)
{
	struct snaps_pool **at = &account->pools;

	account->unnamed += id < 0;
	while (*at && (uint64_t)(*at)->id <= (uint64_t)id) /* -1, not known, becomes the largest */
		at = &(*at)->next;
	return *at = XNEW(struct snaps_pool, .id = id, .next = *at);
}

/* Is the sighting older than what the pool's history already holds? */
static bool is_older(const struct snaps_pool *pool, const struct sighting *s)
{
	if (!pool->sample_count)
		return false;
	if (s->epoch && pool->last_epoch)
		return s->epoch < pool->last_epoch;
	return s->ts_ns && pool->last_ts_ns && s->ts_ns < pool->last_ts_ns;
}

static void add_sample(struct snaps_pool *pool, const struct sighting *s, bool changed)
{
	XROOM(pool->samples, pool->sample_count);
	pool->samples[pool->sample_count++] = (struct sample){
		.epoch = s->epoch,
		.ts_ns = s->ts_ns,
		.intervals = pool->removed.count,
		.removed = pool->removed.ids,
		.snap_seq = pool->snap_seq,
		.queue_snaps = pool->queue.ids,
		.lines = 1,
		.changed = changed,
	};
}

/* The same map, which a dump's end may tell more of. */
static void note_again(struct snaps_pool *pool, const struct sighting *s)
{
	struct sample *last = &pool->samples[pool->sample_count - 1];

	last->lines++;
	if (s->queue)
		last->queue_snaps = pool->queue.ids;
}

/*
 * `step` holds what was removed since the sighting before. Each deletion put two ids there, the snapshot's and the one it
 * burnt; a burnt id is above every id that existed then. So with one deletion the higher one is burnt; with several, all above
 * the old snap_seq are, if they are exactly as many as the deletions (else snapshots were made in between, too).
 */
static void find_burnt(struct snaps_pool *pool, const struct sighting *s, const struct interval_set *step, uint64_t old_seq)
{
	uint64_t deletions = step->ids / 2, last = interval_set_range_end(step) - 1;
	struct interval_set fresh = INTERVAL_SET_EMPTY;

	if (step->ids % 2 || pool->mode == SNAP_MODE_POOL)
		return;
	if (deletions == 1) {
		XROOM(pool->burnings, pool->burning_count);
		pool->burnings[pool->burning_count++] = (struct burning){ s->epoch, s->ts_ns, last, step->items[0].start };
		interval_set_insert(&pool->burnt, last, 1);
		return;
	}
	for (size_t i = 0; i < step->count; i++) {
		uint64_t end = interval_end(&step->items[i]);
		uint64_t from = step->items[i].start > old_seq ? step->items[i].start : old_seq + 1;

		if (end > from)
			interval_set_insert(&fresh, from, end - from);
	}
	if (!old_seq || fresh.ids != deletions)
		interval_set_insert(&pool->burnt, last, 1); /* the last one is burnt in any case */
	else
		interval_set_add(&pool->burnt, &fresh);
	interval_set_free(&fresh);
}

static void note_shrink(struct account *account, struct snaps_pool *pool, const struct sighting *s)
{
	pool->shrunk++;
	if (!s->shrank)
		warn_at(&account->warnings, &s->place,
		        "removed_snaps shrank from %" PRIu64 " to %" PRIu64
		        " ids: another pool, or the pool was made anew; history starts over",
		        pool->removed.ids, s->removed->ids);
	interval_set_clear(&pool->burnt);
	pool->burning_count = 0;
}

/* Puts the set of a sighting that is not older into the pool. *changed, *behind: what came of it. */
static void take_set(struct account *account, struct snaps_pool *pool, const struct sighting *s, bool *changed, bool *behind)
{
	uint64_t old_seq = pool->snap_seq;

	*changed = !pool->has_removed || !interval_set_equal(&pool->removed, s->removed);
	*behind = false;
	if (!*changed)
		return;
	if (pool->has_removed && interval_set_subset(&pool->removed, s->removed)) {
		interval_set_difference(&account->step, s->removed, &pool->removed);
		find_burnt(pool, s, &account->step, old_seq);
		pool->deletions += account->step.ids / 2;
	} else if (pool->has_removed) {
		/* placement groups walk through the epochs one by one: a smaller set in a log is one that is behind; a real
		 * shrink the OSD says itself */
		*behind = s->at_osd && !s->shrank && interval_set_subset(s->removed, &pool->removed);
		if (*behind)
			return;
		note_shrink(account, pool, s);
	}
	pool->has_removed = true;
	interval_set_copy(&pool->removed, s->removed);
}

static void check_snap_seq(struct account *account, struct snaps_pool *pool, const struct sighting *s)
{
	uint64_t end = s->removed ? interval_set_range_end(s->removed) : 0;
	char whose[32] = "";

	if (s->pool >= 0)
		snprintf(whose, sizeof whose, "pool %" PRId64 ": ", s->pool);
	if (s->snap_seq && end && s->snap_seq < end - 1)
		warn_at(&account->warnings, &s->place,
		        "%ssnap_seq %" PRIu64 " is below the last removed id, %" PRIu64 "; the latter is taken for it", whose,
		        s->snap_seq, end - 1);
	if (s->snap_seq > pool->snap_seq)
		pool->snap_seq = s->snap_seq;
}

static void note_time(struct snaps_pool *pool, const struct sighting *s)
{
	if (!pool->sample_count)
		pool->first_seq = pool_snap_seq(pool);
	if (s->epoch)
		pool->last_epoch = s->epoch;
	if (s->ts_ns)
		pool->last_ts_ns = s->ts_ns;
	pool->last_seq = pool_snap_seq(pool);
}

static void take_identity(struct snaps_pool *pool, const struct sighting *s)
{
	pool->seen_at_osd |= s->at_osd;
	if (s->mode != SNAP_MODE_UNKNOWN)
		pool->mode = s->mode;
	if (s->name && !pool->name)
		pool->name = xstrdup(s->name);
}

/* A map is a sample of its own, unless the same map was read before in another form. */
static bool is_next_map(const struct snaps_pool *pool, const struct sighting *s)
{
	return s->each_is_a_sample && pool->sample_count &&
	       (!s->epoch || s->epoch != pool->samples[pool->sample_count - 1].epoch);
}

/* Sets that nothing names, and that no pool can share: each costs a comparison with all of them. */
static bool too_many(struct account *account, const struct sighting *s)
{
	if (s->pool >= 0 || account->unnamed < UNNAMED_MOST)
		return false;
	warn_at(&account->warnings, &s->place, "more than %d sets whose pool is not named; this one is left out", UNNAMED_MOST);
	return true;
}

void account_sighting(struct account *account, const struct sighting *s)
{
	struct snaps_pool *pool = find_pool(account, s);
	bool changed = false, behind = false;

	if (!pool && too_many(account, s))
		return;
	if (!pool)
		pool = add_pool(account, s->pool);
	account->latest = pool;
	pool->lines += s->at_osd;
	take_identity(pool, s);
	if (is_older(pool, s) && !s->shrank) {
		pool->behind += s->at_osd;
		return;
	}
	if (s->keeps_no_set) { /* upgraded, perhaps: what an older map held is over */
		interval_set_clear(&pool->removed);
		interval_set_clear(&pool->burnt);
		pool->burning_count = 0;
		pool->has_removed = false;
	}
	if (s->keeps_no_set || s->removed)
		pool->keeps_no_set = s->keeps_no_set;
	if (s->removed)
		take_set(account, pool, s, &changed, &behind);
	pool->unnamed_sets += pool->id < 0 && !s->apart && (changed || behind);
	pool->has_listed |= s->listed != NULL;
	if (s->listed)
		interval_set_copy(&pool->listed, s->listed);
	if (behind) {
		pool->behind++;
		return;
	}
	check_snap_seq(account, pool, s);
	if (s->queue) {
		pool->has_queue = true;
		interval_set_copy(&pool->queue, s->queue);
	}
	note_time(pool, s);
	if (changed || is_next_map(pool, s) || !pool->sample_count)
		add_sample(pool, s, changed && pool->sample_count);
	else
		note_again(pool, s);
}

void account_repeat(struct snaps_pool *pool, uint64_t times, uint64_t epoch, int64_t ts_ns)
{
	pool->lines += times;
	if (pool->sample_count)
		pool->samples[pool->sample_count - 1].lines += times;
	if (epoch > pool->last_epoch)
		pool->last_epoch = epoch;
	if (ts_ns > pool->last_ts_ns)
		pool->last_ts_ns = ts_ns;
}

void account_pg(struct account *account, const struct pg_sighting *pg)
{
	const struct sighting s = { .pool = pg->pool };
	struct snaps_pool *pool = find_pool(account, &s) ?: add_pool(account, pg->pool);

	account->latest = pool;
	if (pg->has_queue || pg->state)
		pg_table_take(&pool->pgs, pg);
	if (!pg->purged || pg->purged->ids < pool->purged_of_pg.ids)
		return;
	snprintf(pool->purged_pg, sizeof pool->purged_pg, "%" PRId64 ".%" PRIx64, pg->pool, pg->seed & UINT32_MAX);
	interval_set_copy(&pool->purged_of_pg, pg->purged);
}

void account_pg_state(struct account *account, const char *state, uint64_t count)
{
	struct pg_counts *counts = &account->pg_counts;

	counts->known = true;
	if (strstr(state, "snaptrim_wait"))
		counts->waiting += count;
	else if (strstr(state, "snaptrim_error"))
		counts->errors += count;
	else if (strstr(state, "snaptrim"))
		counts->trimming += count;
}

static bool holds_word(const char *text, size_t length, const char *word)
{
	const char *at = memmem(text, length, word, strlen(word)), *end = text + length;

	return at && (at == text || at[-1] == ',' || at[-1] == ' ') &&
	       (at + strlen(word) == end || char_in(at[strlen(word)], ", \n"));
}

void account_flags(struct account *account, const char *flags, size_t length)
{
	static const struct {
		const char *flag, *release;
	} required[] = {
		{ "require_luminous_osds", "luminous" },
		{ "require_kraken_osds", "kraken" },
		{ "require_jewel_osds", "jewel" },
	};

	account->nosnaptrim = holds_word(flags, length, "nosnaptrim");
	for (size_t i = 0; i < sizeof required / sizeof *required; i++)
		if (!account->require_osd_release && holds_word(flags, length, required[i].flag))
			account_release(account, required[i].release, 0);
}

void account_dated(struct account *account, int least, int most, const char *by)
{
	if (least > account->least_release) {
		account->least_release = least;
		account->least_by = by;
	}
	if (most && (!account->most_release || most < account->most_release)) {
		account->most_release = most;
		account->most_by = by;
	}
}

int account_release_number(const struct account *account)
{
	const char *name = account->require_osd_release;

	/* argonaut 0.48, bobtail, cuttlefish ... : the first letter, one per release, counts the major versions from infernalis,
	 * 9, on */
	return name && *name >= 'a' && *name <= 'z' ? *name - 'a' + 1 : 0;
}

void account_release(struct account *account, const char *release, uint64_t epoch)
{
	if (!*release || (account->require_osd_release && epoch < account->release_epoch))
		return;
	free(account->require_osd_release);
	account->require_osd_release = xstrdup(release);
	account->release_epoch = epoch;
}

void account_fsid(struct account *account, const struct place *place, const char *fsid)
{
	if (!*account->fsid)
		snprintf(account->fsid, sizeof account->fsid, "%.36s", fsid);
	if (account->clusters_mixed || !strncmp(account->fsid, fsid, FSID_LENGTH))
		return;
	account->clusters_mixed = true;
	warn_at(&account->warnings, place,
	        "is of another cluster (fsid %.36s) than what was read before (%s); pools with equal ids are mixed: give one cluster's "
	        "inputs at a time",
	        fsid, account->fsid);
}

static void free_pool(struct snaps_pool *pool)
{
	interval_set_free(&pool->removed);
	interval_set_free(&pool->burnt);
	interval_set_free(&pool->queue);
	interval_set_free(&pool->listed);
	interval_set_free(&pool->purged_of_pg);
	pg_table_free(&pool->pgs);
	free(pool->burnings);
	free(pool->samples);
	free(pool->name);
	free(pool);
}

void account_finish(struct account *account)
{
	struct snaps_pool **at = &account->pools;

	while (*at) {
		struct snaps_pool *pool = *at;

		/* pg dump lists every pool */
		if (pool->sample_count || pool->pgs.busy || pool->pgs.errors || pool->purged_of_pg.count) {
			at = &pool->next;
			continue;
		}
		*at = pool->next;
		free_pool(pool);
	}
	account->latest = NULL;
	warnings_finish(&account->warnings);
}

void account_free(struct account *account)
{
	struct snaps_pool *pool = account->pools, *next;

	for (; pool; pool = next) {
		next = pool->next;
		free_pool(pool);
	}
	interval_set_free(&account->step);
	free(account->require_osd_release);
	warnings_free(&account->warnings);
	memset(account, 0, sizeof *account);
}
