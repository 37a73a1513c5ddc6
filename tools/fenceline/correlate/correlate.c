/* SPDX-License-Identifier: MIT */
/* From a finished model to verdicts: episodes, the facts about each, the rules, the evidence; then the near misses. */
#include "correlate/correlate.h"
#include "correlate/chain.h"
#include "correlate/episode.h"
#include "correlate/evidence.h"
#include "correlate/facts.h"
#include "correlate/gather.h"
#include "correlate/near_miss.h"
#include "correlate/rules.h"
#include "correlate/standstill.h"
#include "correlate/where.h"
#include "correlate/window.h"
#include "correlate/words_chain.h"
#include "correlate/words_missing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_addresses(struct incident *incident, const struct episode *episode)
{
	char text[128];

	incident->client = episode->client;
	incident->address = episode->address;
	if (episode->address.family && !episode->address.has_nonce)
		address_format(&episode->address, text, sizeof text);
	else if (episode->client && *episode->client->address_text)
		snprintf(text, sizeof text, "%s", episode->client->address_text);
	else if (episode->address.family)
		address_format(&episode->address, text, sizeof text);
	else
		return 0;
	incident->address_text = strdup(text);
	return incident->address_text ? 0 : -ENOMEM;
}

static int set_images(struct incident *incident, const struct facts *facts)
{
	size_t count = 0;

	incident->image = facts->image && (*facts->image->name || *facts->image->id) ? facts->image : NULL;
	for (const struct image *image = facts->client ? facts->client->images : NULL; image; image = image->next)
		count++;
	if (!count)
		return 0;
	incident->other_images = calloc(count, sizeof *incident->other_images);
	if (!incident->other_images)
		return -ENOMEM;
	for (const struct image *image = facts->client->images; image; image = image->next)
		if (image != facts->image && (*image->name || *image->id))
			incident->other_images[incident->other_count++] = image;
	return 0;
}

/* The OSD to which the pings were lost. The placement group may have moved: then the one with most lost pings, the earliest of
 * equals. */
static const char *osd_of_losses(const struct facts *facts)
{
	const char *osd = facts->watch ? facts->watch->osd : "";
	size_t most = 0;

	for (size_t i = 0; i < facts->lost_count; i++) {
		size_t count = 0;
		for (size_t j = 0; j < facts->lost_count; j++)
			count += !strcmp(facts->lost[j]->osd, facts->lost[i]->osd);
		if (*facts->lost[i]->osd && count > most) {
			most = count;
			osd = facts->lost[i]->osd;
		}
	}
	return osd;
}

static int set_header(struct incident *incident, const struct facts *facts)
{
	const char *osd = osd_of_losses(facts);

	if (facts->watch) {
		incident->header_object = strdup(facts->watch->oid);
	} else if (facts->image && *facts->image->id) {
		if (asprintf(&incident->header_object, "rbd_header.%s", facts->image->id) < 0)
			incident->header_object = NULL;
	} else {
		return 0;
	}
	if (*osd)
		incident->header_osd = strdup(osd);
	return incident->header_object && (!*osd || incident->header_osd) ? 0 : -ENOMEM;
}

/* The sampler sees only the age of the last acknowledged ping. So each tick since then sent one that was not acknowledged, until
 * the watch was given up. A process that stood still sent none. */
static int64_t lost_pings(const struct facts *facts)
{
	int64_t until_ns = facts->broken ? facts->broken->error_ns : facts->until_ns, stalled_ns = 0;

	if (facts->fence_ns > facts->last_ack_sent_ns && facts->fence_ns < until_ns)
		until_ns = facts->fence_ns;
	if (facts->client && !facts->stall_contradicted)
		stalled_ns = stalled_between(facts->model, facts->client, facts->last_ack_sent_ns, until_ns, NULL);
	if (facts->lost_count && facts->lost[0]->seen == PING_SAMPLED)
		return (until_ns - facts->last_ack_sent_ns - stalled_ns) / WATCH_TICK_NS;
	if (facts->stuck_ping && !facts->lost_count)
		return 1;
	return (int64_t)facts->lost_count;
}

static void set_watch(struct incident *incident, const struct facts *facts)
{
	bool lost = facts->silence.kind == SILENCE_LOST;

	incident->last_ping_ack_ns = facts->last_ack_sent_ns;
	incident->lost_pings = lost || facts->pings_known || facts->stall ? later(lost_pings(facts), lost) : -1;
	incident->watch_expired_ns = facts->expired_ns;
	incident->watch_expired_from = facts->expired_from;
	if (facts->listing && facts->listing_complete && !facts->owner_listed)
		incident->watch_expired_by = facts->listing->process;
	if (!facts->watch && !facts->last_ack_sent_ns && strcmp(facts->timeout_from, "option"))
		return; /* no watch is known: its timeout would say nothing */
	incident->watch_timeout_s = facts->timeout_s;
	incident->watch_timeout_from = facts->timeout_from;
}

static void set_failures(struct incident *incident, const struct facts *facts)
{
	const struct eshutdown_run *first = facts->failed;
	const struct failure_run *told = facts->told;

	incident->failed_ios = facts->failed_ios;
	incident->failed_bytes = facts->failed_bytes;
	incident->waiting_ios = facts->waiting ? facts->waiting->waiting.ios : 0;
	incident->first_eshutdown.ts_ns = first ? first->begin_ns : 0;
	incident->first_eshutdown.op = first ? first->op : 0;
	incident->first_eshutdown.offset = first ? first->offset : 0;
	incident->first_eshutdown.length = first ? first->length : 0;
	if (facts->vm)
		incident->vm = facts->vm->process;
	if (facts->vm || (told && facts->told_by_time))
		incident->told_to = facts->vm ? facts->vm->holder : told->holder;
	if (first || !told)
		return;
	incident->first_eshutdown =
	        (__typeof__(incident->first_eshutdown)){ told->begin_ns, told->op, told->offset, told->length };
}

/* The image of a VM that is known by time only: its drive, if its log names no other. */
static const struct image *only_drive(const struct client *holder)
{
	const struct image *only = NULL;

	for (const struct image *image = holder ? holder->images : NULL; image; image = image->next) {
		if (*image->name && only)
			return NULL;
		only = *image->name ? image : only;
	}
	return only;
}

static void set_fencer(struct incident *incident, const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;

	incident->entry = facts->entry;
	incident->entry_inferred = facts->entry_inferred;
	incident->self = action && address_same_client(&action->by, &facts->episode->address);
	for (const struct lock_listed *lock = facts->model->locks_listed; lock; lock = lock->next)
		if (address_same_client(&lock->address, &facts->episode->address))
			incident->lock = lock;
}

static int incident_fill(struct incident *incident, const struct facts *facts)
{
	const struct episode *episode = facts->episode;

	incident->blocklist = episode->first;
	incident->begin_ns = episode->begin_ns;
	incident->listed = episode->listed;
	incident->expires_ns = episode->expires_ns;
	incident->removed_ns = episode->removed_ns;
	if (set_addresses(incident, episode) || set_images(incident, facts) || set_header(incident, facts))
		return -ENOMEM;
	set_watch(incident, facts);
	set_failures(incident, facts);
	set_fencer(incident, facts);
	if (!incident->image && facts->vm)
		incident->image = only_drive(facts->vm->holder);
	if (window_find(facts, &incident->window))
		return -ENOMEM;
	chain_judge(facts, incident);
	rules_apply(facts, incident);
	where_find(facts, incident);
	if (words_chain(facts, incident) || words_expiry(incident) || words_where(facts, incident) ||
	    words_contradictions(facts, incident) || words_missing(facts, incident))
		return -ENOMEM;
	return evidence_collect(facts, incident);
}

static int compare_incidents(const void *a, const void *b)
{
	const struct incident *x = a, *y = b;
	int64_t x_ns = x->blocklist ? x->blocklist->ts_ns : x->first_eshutdown.ts_ns ? x->first_eshutdown.ts_ns : x->begin_ns;
	int64_t y_ns = y->blocklist ? y->blocklist->ts_ns : y->first_eshutdown.ts_ns ? y->first_eshutdown.ts_ns : y->begin_ns;

	if (x_ns != y_ns)
		return x_ns < y_ns ? -1 : 1;
	return strcmp(x->address_text ? x->address_text : "", y->address_text ? y->address_text : "");
}

static int find_incidents(const struct model *model, const struct episodes *episodes, const struct correlate_options *options,
                          struct verdicts *verdicts)
{
	verdicts->incidents = calloc(episodes->count + 1, sizeof *verdicts->incidents);
	if (!verdicts->incidents)
		return -ENOMEM;
	for (size_t i = 0; i < episodes->count; i++) {
		struct facts facts;
		int error = facts_gather(&facts, model, episodes, &episodes->list[i], options);
		if (!error)
			error = incident_fill(&verdicts->incidents[verdicts->incident_count++], &facts);
		facts_release(&facts);
		if (error)
			return error;
	}
	qsort(verdicts->incidents, verdicts->incident_count, sizeof *verdicts->incidents, compare_incidents);
	return 0;
}

int correlate(const struct model *model, const struct correlate_options *options, struct verdicts *verdicts)
{
	struct episodes episodes = { 0 };
	int error;

	memset(verdicts, 0, sizeof *verdicts);
	error = episodes_find(model, &episodes);
	if (!error)
		error = find_incidents(model, &episodes, options, verdicts);
	if (!error)
		error = near_misses_find(model, &episodes, options, verdicts);
	free(episodes.list);
	if (error)
		verdicts_free(verdicts);
	return error;
}

static void incident_free(struct incident *incident)
{
	for (size_t i = 0; i < incident->evidence_count; i++)
		free(incident->evidence[i].text);
	for (size_t i = 0; i < incident->missing_count; i++)
		free(incident->missing[i]);
	for (enum link link = 0; link < LINKS; link++)
		free(incident->chain[link].text);
	for (size_t i = 0; i < incident->contradiction_count; i++)
		free(incident->contradictions[i]);
	free(incident->expiry_text);
	free(incident->where.osd);
	free(incident->where.text);
	free(incident->evidence);
	free(incident->missing);
	free(incident->address_text);
	free(incident->other_images);
	free(incident->header_object);
	free(incident->header_osd);
	window_free(incident->window);
}

void verdicts_free(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->incident_count; i++)
		incident_free(&verdicts->incidents[i]);
	for (size_t i = 0; i < verdicts->near_miss_count; i++) {
		free(verdicts->near_misses[i].text);
		free(verdicts->near_misses[i].address_text);
	}
	free(verdicts->incidents);
	free(verdicts->near_misses);
	memset(verdicts, 0, sizeof *verdicts);
}
