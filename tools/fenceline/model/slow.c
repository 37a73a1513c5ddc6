/* SPDX-License-Identifier: MIT */
/* Slow requests, as OSDs and monitors complain of them: what one OSD says in a row is one thing, told with its beginning and end.
 */
#include "model/slow.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/private.h"
#include "model/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool continues(const struct slow_run *run, const struct event *event)
{
	const struct slow_request *slow = &event->slow;

	return !strcmp(run->osd, slow->osd) && !strcmp(run->source->cluster, event->source->cluster) && run->gid == slow->gid &&
	       run->cookie == slow->cookie && !strcmp(run->object, slow->object) && (run->most > 0) == (slow->count > 0) &&
	       event->ts_ns - run->last_ns <= SLOW_GAP_NS;
}

static struct slow_run *run_find(struct model *model, const struct event *event)
{
	struct open_calls *open = &model->private->open_slow;

	for (size_t i = open->count; i-- > 0;) {
		struct slow_run *run = open->calls[i];
		if (continues(run, event))
			return run;
		if (event->ts_ns - run->last_ns > SLOW_GAP_NS)
			open_calls_remove(open, run);
	}
	return NULL;
}

static struct slow_run *run_add(struct model *model, const struct event *event)
{
	const struct slow_request *slow = &event->slow;
	struct slow_run *run = model_alloc(model, sizeof(*run));

	if (!run)
		return NULL;
	run->ts_ns = event->ts_ns;
	run->osd = model_strdup(model, slow->osd);
	run->gid = slow->gid;
	run->cookie = slow->cookie;
	run->object = model_strdup(model, slow->object);
	run->text = model_strdup(model, slow->text);
	run->source = event->source;
	if (model->private->slow_tail)
		model->private->slow_tail->next = run;
	else
		model->slow_runs = run;
	model->private->slow_tail = run;
	model->private->prunable++;
	open_calls_add(model, &model->private->open_slow, run);
	return run;
}

void slow_told(struct model *model, const struct event *event)
{
	struct slow_run *run = run_find(model, event);

	if (!run)
		run = run_add(model, event);
	if (!run)
		return;
	run->last_ns = event->ts_ns;
	run->lines++;
	if (event->slow.count > run->most)
		run->most = event->slow.count;
	if (event->slow.blocked_ns > run->blocked_ns)
		run->blocked_ns = event->slow.blocked_ns;
}

static bool has_object(const struct client *client, const struct slow_run *run)
{
	for (const struct image *image = client->images; image; image = image->next)
		if (*image->id && strstr(run->object, image->id))
			return true;
	return false;
}

static struct client *owner_of(const struct model *model, const struct slow_run *run)
{
	struct watch *watch = run->cookie && !run->gid ? watch_anywhere(model, run->cookie) : NULL;
	bool several = run->gid && model_several_clusters(model);

	for (struct client *client = model->clients; client && run->gid; client = client->next) {
		int same = client->global_id == run->gid ? model_log_of_cluster(run->source, client) : -1;
		if (same > 0 || (!same && (!several || has_object(client, run))))
			return client;
	}
	return watch && model_log_of_cluster(run->source, watch->image->client) >= 0 ? watch->image->client : NULL;
}

static struct image *image_of_run(struct model *model, const struct slow_run *run)
{
	struct client *cluster;

	if (run->client) {
		struct watch *watch = run->cookie ? watch_find(run->client, run->cookie) : NULL;
		return watch ? watch->image : image_of_serial(model, run->client, 0);
	}
	cluster = client_of_cluster(model);
	return cluster ? cluster->images : NULL;
}

void slow_finish(struct model *model)
{
	for (struct slow_run *run = model->slow_runs; run; run = run->next) {
		run->client = owner_of(model, run);
		if (model->private->options.keep_entries)
			entry_add(model, image_of_run(model, run),
			          &(struct timeline_entry){
			                  .ts_ns = run->ts_ns, .kind = TL_SLOW_REQUEST, .source = run->source, .slow = run });
	}
}

void slow_free(struct slow_run *run)
{
	free(run->osd);
	free(run->object);
	free(run->text);
	free(run);
}
