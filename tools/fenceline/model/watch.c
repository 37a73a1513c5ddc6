/* SPDX-License-Identifier: MIT */
/* Watches: tied to the image whose header they watch, by its object, or by a state event that names the cookie. */
#include "model/watch.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watch *watch_find(const struct client *client, uint64_t cookie)
{
	struct watch *found = NULL;

	/* A cookie may come back: the newest registration counts. */
	for (struct image *image = client->images; image; image = image->next)
		for (struct watch *watch = image->watches; watch; watch = watch->next)
			if (watch->cookie == cookie && (!found || watch->registered_ns >= found->registered_ns))
				found = watch;
	return found;
}

struct watch *watch_anywhere(const struct model *model, uint64_t cookie)
{
	struct watch *found = NULL;

	for (const struct client *client = model->clients; client && !found; client = client->next)
		found = watch_find(client, cookie);
	return found;
}

static struct watch *watch_find_in_process(const struct model *model, const struct client *client, uint64_t cookie)
{
	struct watch *found = watch_find(client, cookie);

	/* Cookies are the process's own: an event that does not know its client still finds its watch. */
	for (struct client *other = model->clients; other && !found && !client->global_id && client->process; other = other->next)
		if (other->process == client->process)
			found = watch_find(other, cookie);
	return found;
}

static void watch_link(struct image *image, struct watch *watch)
{
	struct watch **tail = &image->watches;

	while (*tail)
		tail = &(*tail)->next;
	watch->next = NULL;
	watch->image = image;
	*tail = watch;
}

static void watch_unlink(struct watch *watch)
{
	struct watch **at = &watch->image->watches;

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
}

struct watch *watch_add(struct model *model, struct client *client, uint64_t cookie)
{
	struct image *image = image_of_serial(model, client, 0);
	struct watch_record *record = image ? model_alloc(model, sizeof(*record)) : NULL;

	if (!record)
		return NULL;
	record->public.cookie = cookie;
	record->public.oid = model_strdup(model, "");
	watch_link(image, &record->public);
	return &record->public;
}

struct watch *watch_of_cookie(struct model *model, struct client *client, uint64_t cookie)
{
	struct watch *watch = watch_find_in_process(model, client, cookie);

	return watch ? watch : watch_add(model, client, cookie);
}

void watches_sort(struct image *image)
{
	struct watch *list = image->watches, *next;

	image->watches = NULL;
	for (; list; list = next) {
		struct watch **at = &image->watches;
		next = list->next;
		while (*at && (*at)->registered_ns <= list->registered_ns)
			at = &(*at)->next;
		list->next = *at;
		*at = list;
	}
}

void watch_move(struct watch *watch, struct image *image)
{
	watch_unlink(watch);
	watch_link(image, watch);
	watches_sort(image);
}

void watch_tie(struct model *model, struct watch *watch, struct image *image)
{
	struct image *from = watch->image;
	char oid[512];

	if (!*watch->oid && *image->id) {
		snprintf(oid, sizeof(oid), "rbd_header.%s", image->id);
		model_set(model, &watch->oid, oid);
	}
	if (from == image)
		return;
	watch_move(watch, image);
	entries_move(model, from, image, watch->cookie);
}

/* The newest open image that the object is the header of. */
static struct image *image_of_oid(const struct client *client, const char *pool, const char *nspace, const char *oid)
{
	struct image *found = NULL;

	for (struct image *image = client->images; image; image = image->next)
		if (image->serial && image_is_header(image, pool, nspace, oid))
			found = image;
	return found;
}

void watch_name(struct model *model, struct watch *watch, const char *pool, const char *nspace, const char *oid)
{
	struct image *image;

	model_set(model, &watch->oid, oid);
	image = watch->image->serial ? NULL : image_of_oid(watch->image->client, pool, nspace, watch->oid);
	if (image)
		watch_tie(model, watch, image);
}

static void watch_entry(struct model *model, const struct watch *watch, const struct event *event, enum timeline_kind kind,
                        int32_t result, enum watch_by by, const char *osd)
{
	entry_add(model, watch->image,
	          &(struct timeline_entry){
	                  .ts_ns = event->ts_ns,
	                  .kind = kind,
	                  .source = event->source,
	                  .watch = { .oid = watch->oid, .osd = osd, .cookie = watch->cookie, .result = result, .by = by } });
}

void watch_registered(struct model *model, const struct event *event)
{
	const struct fl_watch_registered *payload = &event->trace.watch_registered;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_find_in_process(model, client, payload->cookie) : NULL;
	uint64_t hash = hash_number(hash_number(FACT_watch_registered, payload->global_id), payload->cookie);

	/* Two clusters may have equal ones. */
	hash = hash_text(hash_number(hash, (uint64_t)(int64_t)payload->result), event->source->host);
	if (client && told_twice(model, event, hash))
		return;
	/* A known cookie is either the one that earlier events mentioned, or an old one that came back. */
	if (client && (!watch || watch->registered_ns || watch->unregistered_ns))
		watch = watch_add(model, client, payload->cookie);
	if (!watch)
		return;
	watch->registered_ns = event->ts_ns;
	watch->registered_source = event->source;
	watch->registered_latency_ns = (int64_t)payload->latency_ns;
	watch->timeout_s = payload->timeout_s;
	if (payload->result < 0) {
		watch->error = payload->result;
		watch->error_source = event->source;
		watch->error_ns = watch->unregistered_ns = event->ts_ns;
	}
	watch_name(model, watch, payload->pool, payload->nspace, payload->oid);
	watch_entry(model, watch, event, payload->result < 0 ? TL_WATCH_ERROR : TL_WATCH_REGISTERED, payload->result,
	            WATCH_BY_REGISTERING, NULL);
}

/* The OSD took the watch over and begins its timer anew: a sign of life as an answered ping is one. */
void watch_reconnected(struct model *model, const struct event *event)
{
	const struct fl_watch_reconnect_reply *payload = &event->trace.watch_reconnect_reply;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;

	if (!watch)
		return;
	if (payload->result >= 0)
		watch_acked(watch, payload->sent_ns, event->ts_ns, event->source, false);
	watch_entry(model, watch, event, payload->result < 0 ? TL_WATCH_ERROR : TL_WATCH_REGISTERED, payload->result,
	            WATCH_BY_RECONNECT, payload->osd);
}

void watch_unregistered(struct model *model, const struct event *event)
{
	const struct fl_watch_unregistered *payload = &event->trace.watch_unregistered;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;

	if (!watch)
		return;
	watch->unregistered_ns = event->ts_ns;
	watch->registered_source = event->source;
	watch_name(model, watch, "", "", payload->oid);
	watch_entry(model, watch, event, TL_WATCH_UNREGISTERED, payload->result, WATCH_BY_CALLBACK, NULL);
}

void watch_error(struct model *model, const struct event *event)
{
	const struct fl_watch_error *payload = &event->trace.watch_error;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;

	if (!watch)
		return;
	watch_name(model, watch, "", "", payload->oid);
	if (!watch->error_ns) { /* the first one is what broke it, the next ones follow from that */
		watch->error_ns = event->ts_ns;
		watch->error = payload->result;
		watch->registered_source = watch->error_source = event->source;
	}
	watch_entry(model, watch, event, TL_WATCH_ERROR, payload->result, WATCH_BY_CALLBACK, NULL);
}

void watch_notify(struct model *model, const struct event *event)
{
	const struct fl_notify *payload = &event->trace.notify;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;
	bool own = client && payload->notifier_gid && payload->notifier_gid == client->global_id;

	if (!watch)
		return;
	watch_name(model, watch, "", "", payload->oid);
	entry_add(model, watch->image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_NOTIFY,
	                                    .source = event->source,
	                                    .notify = { payload->cookie, payload->notifier_gid, payload->op, own } });
}

void watch_acked(struct watch *watch, int64_t sent_ns, int64_t ack_ns, const struct source *source, bool sampled)
{
	int64_t gap_ns = sent_ns - watch->last_ack_sent_ns;
	bool same = watch->last_ack_sent_ns && gap_ns > -SAMPLE_NS && gap_ns <= SAMPLE_NS;

	/* The sampler tells of the same ping, with a send time that is a millisecond off. The wire's is exact. */
	if (same && (sampled || !watch->last_ack_sampled))
		return;
	if (!same && gap_ns <= 0)
		return;
	watch->last_ack_sent_ns = sent_ns;
	watch->last_ack_ns = ack_ns;
	watch->last_ack_source = source;
	watch->last_ack_sampled = sampled;
}

/* librados counts from when it asked for the watch, which may take long and holds no ping. Where no input shows the registration,
 * it may have ended as late as the sampler's first look. */
int64_t watch_heard_ns(const struct watch *watch)
{
	return watch->registered_ns ? watch->registered_ns : ((const struct watch_record *)watch)->first_look_ns;
}

static bool is_surely_overdue(const struct watch *watch, int64_t acked_ns, int64_t now_ns)
{
	return now_ns - later(acked_ns, watch_heard_ns(watch)) > WATCH_OVERDUE_NS;
}

void watch_aged(struct watch *watch, int64_t acked_ns, const struct event *event)
{
	struct watch_record *record = (struct watch_record *)watch;
	struct overdue *last = watch->overdue_count ? &watch->overdues[watch->overdue_count - 1] : NULL;

	if (!record->first_look_ns)
		record->first_look_ns = event->ts_ns;
	if (!acked_ns || event->ts_ns - acked_ns <= WATCH_OVERDUE_NS)
		return;
	if (!last || llabs(last->acked_ns - acked_ns) > SAMPLE_NS) {
		if (watch->overdue_count == OVERDUES)
			memmove(watch->overdues, watch->overdues + 1, --watch->overdue_count * sizeof(*watch->overdues));
		last = &watch->overdues[watch->overdue_count++];
		*last = (struct overdue){ acked_ns, event->ts_ns, event->ts_ns, 0, event->source };
	}
	last->last_ns = event->ts_ns;
	if (!last->sure_ns && is_surely_overdue(watch, acked_ns, event->ts_ns))
		last->sure_ns = event->ts_ns;
}
