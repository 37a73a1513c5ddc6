/* SPDX-License-Identifier: MIT */
/* From a finished model to verdicts: episodes, the findings about each, the rules, the evidence; then the near misses. */
#include "correlate/correlate.h"
#include "correlate/chain.h"
#include "correlate/episode.h"
#include "correlate/evidence.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/gather.h"
#include "correlate/look.h"
#include "correlate/near_miss.h"
#include "correlate/rules.h"
#include "correlate/senders.h"
#include "correlate/standstill.h"
#include "correlate/unseen.h"
#include "correlate/watches.h"
#include "correlate/since.h"
#include "correlate/where.h"
#include "correlate/window.h"
#include "correlate/words_chain.h"
#include "correlate/words_disagree.h"
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

static int set_images(struct incident *incident, const struct findings *findings)
{
	size_t count = 0;

	incident->image = findings->image && (*findings->image->name || *findings->image->id) ? findings->image : NULL;
	for (const struct image *image = findings->client ? findings->client->images : NULL; image; image = image->next)
		count++;
	if (!count)
		return 0;
	incident->other_images = calloc(count, sizeof *incident->other_images);
	if (!incident->other_images)
		return -ENOMEM;
	for (const struct image *image = findings->client->images; image; image = image->next)
		if (image != findings->image && (*image->name || *image->id) && image_is_open(findings, image))
			incident->other_images[incident->other_count++] = image;
	return 0;
}

/* The recording began in the midst of the silence, or the tracer discarded its beginning: other pings went before those that it
 * shows. */
static bool began_unseen(const struct findings *findings)
{
	int64_t since_ns = silent_since(findings), seen_ns = findings->lost_count ? findings->lost[0]->sent_ns : 0;

	if (!since_ns || seen_ns - since_ns <= WATCH_OVERDUE_NS)
		return false;
	return discarded_between(findings, since_ns, seen_ns) || findings->client->first_ns > since_ns + WATCH_SLACK_NS;
}

/* The OSD to which the pings were lost. The placement group may have moved: then the one with most lost pings, the earliest of
 * equals; and "" where it may have moved unseen. */
static const char *osd_of_losses(const struct findings *findings)
{
	const char *osd = findings->watch ? findings->watch->osd : "";
	size_t most = 0;

	if (began_unseen(findings))
		return "";
	for (size_t i = 0; i < findings->lost_count; i++) {
		size_t count = 0;
		for (size_t j = 0; j < findings->lost_count; j++)
			count += !strcmp(findings->lost[j]->osd, findings->lost[i]->osd);
		if (*findings->lost[i]->osd && count > most) {
			most = count;
			osd = findings->lost[i]->osd;
		}
	}
	return osd;
}

static int set_header(struct incident *incident, const struct findings *findings)
{
	const char *osd = osd_of_losses(findings);

	if (findings->watch) {
		incident->header_object = strdup(findings->watch->oid);
	} else if (findings->image && *findings->image->id) {
		if (asprintf(&incident->header_object, "rbd_header.%s", findings->image->id) < 0)
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
static int64_t lost_pings(const struct findings *findings)
{
	int64_t until_ns = findings->broken ? findings->broken->error_ns : findings->until_ns, stalled_ns = 0;

	if (findings->fence_ns > findings->last_ack_sent_ns && findings->fence_ns < until_ns)
		until_ns = findings->fence_ns;
	if (findings->client && !findings->stall_contradicted)
		stalled_ns = stalled_between(findings->model, findings->client, findings->last_ack_sent_ns, until_ns, NULL);
	if (findings->lost_count && findings->lost[0]->seen == PING_SAMPLED)
		return (until_ns - findings->last_ack_sent_ns - stalled_ns) / WATCH_TICK_NS;
	if (findings->stuck_ping && !findings->lost_count)
		return 1;
	return (int64_t)findings->lost_count;
}

static void set_watch(struct incident *incident, const struct findings *findings)
{
	bool lost = findings->silence.kind == SILENCE_LOST;

	incident->last_ping_ack_ns = findings->last_ack_sent_ns;
	for (size_t i = 0; i < findings->lost_count && incident->header_osd; i++)
		incident->lost_elsewhere += *findings->lost[i]->osd && strcmp(findings->lost[i]->osd, incident->header_osd) != 0;
	incident->lost_pings = lost || findings->pings_known || findings->stall ? later(lost_pings(findings), lost) : -1;
	incident->watch_expired_ns = findings->expired_ns;
	incident->watch_expired_from = findings->expired_from;
	if (list_lacks_owner(findings))
		incident->watch_expired_by = findings->listing->process;
	if (!findings->watch && !findings->last_ack_sent_ns && strcmp(findings->timeout_from, "option"))
		return; /* no watch is known: its timeout would say nothing */
	incident->watch_timeout_s = findings->timeout_s;
	incident->watch_timeout_from = findings->timeout_from;
}

static void set_failures(struct incident *incident, const struct findings *findings)
{
	const struct eshutdown_run *first = findings->failed;
	const struct failure_run *logged = findings->logged_failure;

	incident->failed_ios = findings->failed_ios;
	incident->failed_bytes = findings->failed_bytes;
	incident->unrecorded_ios = findings->unrecorded_ios;
	if (findings->waiting && !findings->waiting_cut && findings->silence.kind != SILENCE_GONE)
		incident->waiting_ios = findings->waiting->waiting.ios;
	incident->first_eshutdown.ts_ns = first ? first->begin_ns : 0;
	incident->first_eshutdown.op = first ? first->op : 0;
	incident->first_eshutdown.offset = first ? first->offset : 0;
	incident->first_eshutdown.length = first ? first->length : 0;
	if (findings->vm)
		incident->vm = findings->vm->process;
	if (findings->vm || (logged && findings->logged_by_time))
		incident->log_holder = findings->vm ? findings->vm->holder : logged->holder;
	if (first || !logged)
		return;
	incident->first_eshutdown =
	        (__typeof__(incident->first_eshutdown)){ logged->begin_ns, logged->op, logged->offset, logged->length };
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

/* Answered with 0 after the fence was lifted or had expired, and nothing that was refused meanwhile. */
static bool was_never_refused(const struct findings *findings)
{
	bool refused = findings->refused_from_ns || findings->refused_after_ns || findings->failed || findings->logged_failure ||
	               findings->waiting;
	int64_t end_ns = findings->episode->end_ns;

	if (refused || !end_ns || end_ns == NO_END_NS)
		return false;
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		for (size_t i = 0; i < watch->ping_count; i++)
			if (watch->pings[i].result >= 0 && watch->pings[i].reply_ns > end_ns + WATCH_OVERDUE_NS)
				return true;
	return false;
}

static void set_fencer(struct incident *incident, const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;

	incident->entry = findings->entry;
	incident->entry_inferred = findings->entry_inferred;
	incident->unharmed = was_never_refused(findings);
	incident->self = action && address_same_client(&action->by, &findings->episode->address);
	for (const struct lock_listed *lock = findings->model->locks_listed; lock; lock = lock->next)
		if (address_same_client(&lock->address, &findings->episode->address))
			incident->lock = lock;
}

/* The entries that stand when the inputs end. */
static void set_entries(struct incident *incident, const struct findings *findings)
{
	const struct episode *episode = findings->episode;

	incident->many_fenced = !episode->first && episode->listed && listed_is_of_many(episode->listed);
	for (size_t i = 0; i < episode->standing_count && !episode->removed; i++) {
		if (episode->standing[i].end_ns <= findings->model->last_ns)
			continue;
		incident->entries++;
		incident->many_fenced |= blocklist_is_of_many(episode->standing[i].add);
		incident->lasting = incident->lasting ? incident->lasting : episode->standing[i].add;
	}
}

static int incident_fill(struct incident *incident, const struct findings *findings)
{
	const struct episode *episode = findings->episode;

	incident->blocklist = episode->first;
	incident->begin_ns = episode->begin_ns;
	incident->listed = episode->listed;
	incident->expires_ns = episode->expires_ns;
	incident->removed_ns = episode->removed_ns;
	/* A program's own log tells what it did, and names no sender as a monitor does. */
	incident->removal_open = episode->removed && (episode->removed->trace_ns || *episode->removed->entity) &&
	                         !blocklist_committed(findings->model, episode->removed);
	if (set_addresses(incident, episode) || set_images(incident, findings) || set_header(incident, findings))
		return -ENOMEM;
	set_watch(incident, findings);
	set_failures(incident, findings);
	set_fencer(incident, findings);
	set_entries(incident, findings);
	if (!incident->image && findings->vm)
		incident->image = only_drive(findings->vm->holder);
	if (window_find(findings, &incident->window))
		return -ENOMEM;
	chain_judge(findings, incident);
	rules_apply(findings, incident);
	where_find(findings, incident);
	incident->since = since_fence(findings, incident);
	if (words_chain(findings, incident) || words_expiry(incident) || words_where(findings, incident) ||
	    words_contradictions(findings, incident) || words_missing(findings, incident))
		return -ENOMEM;
	return evidence_collect(findings, incident);
}

static int compare_incidents(const void *a, const void *b)
{
	const struct incident *x = a, *y = b;
	int64_t x_ns = incident_ns(x), y_ns = incident_ns(y);

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
		struct findings findings;
		int error = findings_gather(&findings, model, episodes, &episodes->list[i], options);
		if (!error)
			error = incident_fill(&verdicts->incidents[verdicts->incident_count++], &findings);
		findings_release(&findings);
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
		error = episodes_find_unseen(&episodes, model);
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
