/* SPDX-License-Identifier: MIT */
/* What logs and commands' outputs tell at one time: fences, locks, snapshot calls, OSDs' latencies. */
#include "model/logged_lists.h"
#include "model/handlers.h"
#include "model/logged.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

#define APPEND(list, tail, element) \
	do { \
		if (tail) \
			(tail)->next = (element); \
		else \
			(list) = (element); \
		(tail) = (element); \
	} while (0)

/* A paste that shows an entry, and then that it is taken off: it holds no longer. */
static void fence_lifted(struct model *model, const struct event *event)
{
	struct address address;

	address_parse(event->entry.target, &address);
	for (struct fence_listed *listed = model->fences_listed; listed; listed = listed->next)
		listed->lifted |= listed->source == event->source &&
		                  (!*event->entry.target || address_same_client(&listed->address, &address));
}

void fence_listed(struct model *model, const struct event *event)
{
	const struct blocklist_entry *entry = &event->entry;
	struct fence_listed *listed;

	if (entry->lifted) {
		fence_lifted(model, event);
		return;
	}
	for (listed = model->fences_listed; listed; listed = listed->next)
		if (!strcmp(listed->target, entry->target) && listed->expires_ns == entry->expires_ns)
			return;
	listed = model_alloc(model, sizeof(*listed));
	if (!listed)
		return;
	listed->ts_ns = event->ts_ns;
	listed->target = model_strdup(model, entry->target);
	listed->range = entry->range;
	listed->expires_ns = entry->expires_ns;
	listed->source = event->source;
	if (!entry->range)
		address_parse(entry->target, &listed->address);
	APPEND(model->fences_listed, model->private->listed_tail, listed);
}

static void lock_listed(struct model *model, const struct event *event)
{
	const struct lock_logged *lock = &event->lock;
	struct lock_listed *listed = model_alloc(model, sizeof(*listed));

	if (!listed)
		return;
	*listed =
	        (struct lock_listed){ .ts_ns = event->ts_ns, .gid = lock->gid, .cookie = lock->cookie, .source = event->source };
	address_parse(lock->address, &listed->address);
	APPEND(model->locks_listed, model->private->lock_tail, listed);
}

/* "failed to blocklist lock owner" names nobody. It means the client that the same log was about to fence. False: there is none.
 */
static bool refused_of_last(struct model *model, const struct event *event)
{
	struct breaker_logged *last = NULL;

	for (struct breaker_logged *each = model->breakers; each; each = each->next)
		if (each->source == event->source && event->ts_ns - each->ts_ns <= BREAKER_LOOKBACK_NS)
			last = each;
	if (!last || last->result)
		return false;
	last->result = event->lock.result;
	return true;
}

void lock_told(struct model *model, const struct event *event)
{
	const struct lock_logged *lock = &event->lock;
	struct breaker_logged *breaker;

	if (lock->gid || *lock->address)
		client_logged(model, lock->gid, lock->address, event);
	if (lock->what == LOCK_LISTED)
		lock_listed(model, event);
	if (lock->what != LOCK_BREAKER_BLOCKLISTS && lock->what != LOCK_BREAKER_REFUSED)
		return;
	if (lock->what == LOCK_BREAKER_REFUSED && !lock->gid && !*lock->address && refused_of_last(model, event))
		return;
	breaker = model_alloc(model, sizeof(*breaker));
	if (!breaker)
		return;
	*breaker = (struct breaker_logged){
		.ts_ns = event->ts_ns, .gid = lock->gid, .by_gid = lock->by_gid, .source = event->source
	};
	if (lock->what == LOCK_BREAKER_REFUSED)
		breaker->result = lock->result;
	address_parse(lock->address, &breaker->address);
	APPEND(model->breakers, model->private->breaker_tail, breaker);
}

void snapshot_told(struct model *model, const struct event *event)
{
	struct snapshot_call *call = model_alloc(model, sizeof(*call));

	if (!call)
		return;
	call->begin_ns = event->ts_ns;
	call->op = model_strdup(model, event->snapshot.op);
	call->snap = model_strdup(model, event->snapshot.snap);
	call->pool = model_strdup(model, "");
	call->nspace = model_strdup(model, "");
	call->image_name = model_strdup(model, "");
	call->image_id = model_strdup(model, "");
	call->source = event->source;
	APPEND(model->snapshots, model->private->snapshot_tail, call);
	model->private->prunable++;
}

void osd_latency_told(struct model *model, const struct event *event)
{
	const struct osd_latency *latency = &event->latency;
	struct osd_perf **at = &model->osd_perfs, *perf;

	for (perf = model->osd_perfs; perf; perf = perf->next)
		if (!strcmp(perf->osd, latency->osd) && perf->commit_ms == latency->commit_ms)
			return;
	perf = model_alloc(model, sizeof(*perf));
	if (!perf)
		return;
	*perf = (struct osd_perf){ model_strdup(model, latency->osd), latency->commit_ms, latency->apply_ms, event->source,
		                   NULL };
	while (*at && (*at)->commit_ms >= perf->commit_ms)
		at = &(*at)->next;
	perf->next = *at;
	*at = perf;
}

void watch_timeout_told(struct model *model, const struct event *event)
{
	struct timeout_told **at = &model->timeouts, *told;

	while (*at) {
		if ((*at)->seconds == event->timeout.seconds && (*at)->ts_ns == event->ts_ns &&
		    !strcmp((*at)->source->cluster, event->source->cluster))
			return;
		at = &(*at)->next;
	}
	told = model_alloc(model, sizeof(*told));
	if (!told)
		return;
	*told = (struct timeout_told){ event->ts_ns, event->timeout.seconds, event->source, NULL };
	*at = told;
}

/* The audit log and the health checks tell of one pause, each in its own words and seconds apart. */
void pause_told(struct model *model, const struct event *event)
{
	struct pause **at = &model->pauses, *pause = NULL;

	while (*at) {
		pause = *at;
		at = &(*at)->next;
	}
	if (pause && !pause->end_ns && (pause->begin_ns || !event->ts_ns)) {
		if (event->paused.what != PAUSE_BEGAN)
			pause->end_ns = event->ts_ns;
		return;
	}
	if (event->paused.what == PAUSE_NONE || (event->paused.what == PAUSE_ENDED && pause && pause->end_ns))
		return; /* told already */
	pause = model_alloc(model, sizeof(*pause));
	if (!pause)
		return;
	pause->source = event->source;
	if (event->paused.what == PAUSE_BEGAN)
		pause->begin_ns = event->ts_ns;
	else
		pause->end_ns = event->ts_ns;
	*at = pause;
}

#define FREE_ALL(type, list, release) \
	for (type *each = (list), *next; each; each = next) { \
		next = each->next; \
		release; \
		free(each); \
	}

void logged_free(struct model *model)
{
	FREE_ALL(struct fence_listed, model->fences_listed, free(each->target));
	FREE_ALL(struct breaker_logged, model->breakers, (void)0);
	FREE_ALL(struct osd_perf, model->osd_perfs, free(each->osd));
	FREE_ALL(struct timeout_told, model->timeouts, (void)0);
	FREE_ALL(struct pause, model->pauses, (void)0);
	FREE_ALL(struct clock_offset, model->clocks, free(each->host));
}
