/* SPDX-License-Identifier: MIT */
/*
 * Removed snapshots as OSDs' logs tell of them: a set that grew, or a queue that is trimmed. Every placement group logs its own
 * line; what one OSD says of one pool in a short time is one change.
 */
#include "model/snaps.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [1~3,8~1], hexadecimal, has 2 intervals and 4 ids. Stops at what is no interval; the whole parser, which warns, is
 * snaps/interval_text. */
static uint64_t count_intervals(const char *text, uint64_t *ids)
{
	uint64_t count = 0;

	*ids = 0;
	for (const char *tilde = strchr(text, '~'); tilde; tilde = strchr(tilde + 1, '~')) {
		uint64_t length = strtoull(tilde + 1, NULL, 16), sum;

		*ids = __builtin_add_overflow(*ids, length, &sum) ? UINT64_MAX : sum;
		count++;
	}
	return count;
}

/* The whole set tells one change from another; where it is not kept (from Mimic on), the ids do. */
static bool same_ids(const struct snaps_change *a, const struct snaps_change *b)
{
	return a->intervals == b->intervals && (a->intervals || a->first_removed == b->first_removed);
}

static bool is_over(const struct snaps_change *change, int64_t now_ns)
{
	return now_ns - change->last_ns > SAME_CHANGE_NS;
}

static struct snaps_change *same_change(struct model *model, const struct snaps_change *as)
{
	struct snaps_change **recent = &model->private->snaps_recent, *found = NULL;

	if (!*recent)
		*recent = model->snaps_changes;
	while (*recent && (*recent)->next && is_over(*recent, as->ts_ns))
		*recent = (*recent)->next;
	for (struct snaps_change *each = *recent; each; each = each->next)
		if (each->trim == as->trim && each->pool == as->pool && !strcmp(each->osd, as->osd) &&
		    !is_over(each, as->ts_ns) && (as->trim || same_ids(each, as)))
			found = each;
	return found;
}

static void snaps_append(struct model *model, const struct snaps_change *what)
{
	struct snaps_change *change = model_alloc(model, sizeof(*change));

	if (!change)
		return;
	*change = *what;
	change->osd = model_strdup(model, what->osd);
	if (model->private->snaps_tail)
		model->private->snaps_tail->next = change;
	else
		model->snaps_changes = change;
	model->private->snaps_tail = change;
	model->private->prunable++;
}

void snaps_changed(struct model *model, const struct event *event)
{
	char osd[32];
	struct snaps_change change = { .ts_ns = event->ts_ns,
		                       .last_ns = event->ts_ns,
		                       .trim = event->fact == FACT_snaptrim,
		                       .osd = osd,
		                       .pool = event->snaps.pool,
		                       .source = event->source };
	struct snaps_change *same;
	uint64_t all;

	snprintf(osd, sizeof(osd), "%s", event->snaps.osd);
	change.intervals = count_intervals(event->snaps.intervals, &all);
	count_intervals(event->snaps.removed, &change.removed);
	if (*event->snaps.removed == '[')
		change.first_removed = strtoull(event->snaps.removed + 1, NULL, 16);
	if (!change.trim && !change.removed) /* the set as it was before */
		return;
	same = same_change(model, &change);
	if (!same) {
		snaps_append(model, &change);
		return;
	}
	same->last_ns = event->ts_ns;
	same->intervals = change.intervals > same->intervals ? change.intervals : same->intervals;
	same->removed = change.removed > same->removed ? change.removed : same->removed;
}

void snaps_finish(struct model *model)
{
	struct client *cluster = NULL;

	if (model->snaps_changes && model->private->options.keep_entries)
		cluster = client_of_cluster(model);
	for (const struct snaps_change *each = model->snaps_changes; each && cluster && cluster->images; each = each->next)
		entry_add(model, cluster->images,
		          &(struct timeline_entry){ .ts_ns = each->ts_ns,
		                                    .kind = each->trim ? TL_SNAPTRIM : TL_REMOVED_SNAPS,
		                                    .source = each->source,
		                                    .snaps = each });
}

void snaps_change_free(struct snaps_change *change)
{
	free(change->osd);
	free(change);
}
