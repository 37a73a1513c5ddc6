/* SPDX-License-Identifier: MIT */
/*
 * Pings of a watch: sent and answered on the wire, or, where the wire shows none (secure mode), as the sampler saw them, or as
 * logs tell of them. Only the best witness counts. What became of a ping correlate/ says: an answer may come late.
 */
#include "model/ping.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"
#include "model/wall_clock.h"
#include "model/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_acknowledged(const struct ping *ping)
{
	return ping->reply_ns && ping->result >= 0;
}

static bool make_room(struct model *model, struct ping **pings, size_t count, size_t *capacity)
{
	size_t larger = *capacity ? 2 * *capacity : 8;
	struct ping *grown;

	if (count < *capacity)
		return true;
	grown = reallocarray(*pings, larger, sizeof(*grown));
	if (!grown) {
		model->private->no_memory = true;
		return false;
	}
	*pings = grown;
	*capacity = larger;
	return true;
}

/* The oldest one that says nothing: acknowledged, like the one after it. Lost ones stay, and the acknowledged ones on
 * either side, so that a near miss of hours ago is still there at the end. */
static size_t ping_to_forget(const struct watch *watch)
{
	for (size_t i = 0; i + 1 < watch->ping_count; i++)
		if (is_acknowledged(&watch->pings[i]) && is_acknowledged(&watch->pings[i + 1]) &&
		    (!i || is_acknowledged(&watch->pings[i - 1])))
			return i;
	return 0;
}

/* One that leaves the ring: only the timeline still wants it. */
static void ping_forget(struct model *model, struct watch *watch)
{
	struct watch_record *record = (struct watch_record *)watch;
	struct ping *ping = &watch->pings[ping_to_forget(watch)];

	if (model->private->options.keep_entries &&
	    make_room(model, &watch->past_pings, watch->past_count, &record->past_capacity))
		watch->past_pings[watch->past_count++] = *ping;
	memmove(ping, ping + 1, (size_t)(watch->pings + --watch->ping_count - ping) * sizeof(*ping));
}

/* Room for one more at the end; one leaves once the ring is full. */
static struct ping *ping_push(struct model *model, struct watch *watch)
{
	struct watch_record *record = (struct watch_record *)watch;

	if (watch->ping_count == WATCH_PINGS)
		ping_forget(model, watch);
	if (!make_room(model, &watch->pings, watch->ping_count, &record->ping_capacity))
		return NULL;
	return memset(&watch->pings[watch->ping_count++], 0, sizeof(*watch->pings));
}

/* A better witness than all before: what they told is the cross-check only. False if a better one has spoken already. */
static bool witness(struct watch *watch, enum ping_seen seen)
{
	if (seen > watch->seen) {
		watch->ping_count = watch->past_count = 0;
		watch->seen = seen;
	}
	return seen == watch->seen;
}

static struct ping *exact_ping(struct model *model, struct watch *watch, int64_t sent_ns, const char *osd,
                               const struct source *source, enum ping_seen seen)
{
	struct ping *ping;

	if (!witness(watch, seen))
		return NULL;
	if (*osd)
		snprintf(watch->osd, sizeof(watch->osd), "%s", osd);
	ping = ping_push(model, watch);
	if (!ping)
		return NULL;
	ping->sent_ns = sent_ns;
	ping->source = source;
	ping->seen = seen;
	snprintf(ping->osd, sizeof(ping->osd), "%s", osd);
	return ping;
}

void ping_sent(struct model *model, const struct event *event)
{
	const struct fl_ping_sent *payload = &event->trace.ping_sent;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;
	int64_t sent_ns = payload->sent_ns ? payload->sent_ns : event->ts_ns;
	struct ping *ping;

	if (!watch || told_twice(model, event, hash_number(hash_number(FACT_ping_sent, payload->global_id), payload->cookie)))
		return;
	if (wall_clock_compare(client->process, event, payload->sent_ns) && watch->ping_count) { /* the one before was so, too */
		ping = &watch->pings[watch->ping_count - 1];
		ping->sent_ns = ping->wall_ns + client->process->clock_set.ahead_ns;
	}
	if (wall_clock_was_set(client->process))
		sent_ns = event->ts_ns;
	ping = exact_ping(model, watch, sent_ns, payload->osd, event->source, PING_WIRE);
	if (ping)
		ping->wall_ns = payload->sent_ns;
}

/* The ping that a reply answers: the one sent then (two recordings note it microseconds apart), or, if that was not seen, the
 * oldest without an answer. */
static struct ping *ping_answered(struct watch *watch, int64_t sent_ns)
{
	for (size_t i = watch->ping_count; sent_ns && i-- > 0;)
		if (llabs(watch->pings[i].wall_ns - sent_ns) <= SAME_EVENT_NS)
			return &watch->pings[i];
	for (size_t i = 0; !sent_ns && i < watch->ping_count; i++)
		if (!watch->pings[i].reply_ns)
			return &watch->pings[i];
	return NULL;
}

void ping_reply(struct model *model, const struct event *event)
{
	const struct fl_ping_reply *payload = &event->trace.ping_reply;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;
	struct ping *ping = watch && witness(watch, PING_WIRE) ? ping_answered(watch, payload->sent_ns) : NULL;
	int64_t rtt_ns = (int64_t)payload->rtt_ns;

	if (watch && !ping) { /* sent before the recording began */
		bool by_wall = payload->sent_ns && !wall_clock_was_set(client->process);

		ping = exact_ping(model, watch, by_wall ? payload->sent_ns : event->ts_ns - rtt_ns, payload->osd, event->source,
		                  PING_WIRE);
	}
	if (!ping || ping->reply_ns)
		return;
	ping->reply_ns = payload->rtt_ns ? ping->sent_ns + rtt_ns : event->ts_ns;
	ping->result = payload->result;
	if (!*ping->osd)
		snprintf(ping->osd, sizeof(ping->osd), "%s", payload->osd);
	if (payload->result >= 0)
		watch_acked(watch, ping->sent_ns, ping->reply_ns, event->source, false);
}

/* ---- the sampler ---- */

static struct ping *sampled_ping(struct model *model, struct watch *watch, int64_t sent_ns, const struct source *source)
{
	struct ping *ping = ping_push(model, watch);

	if (!ping)
		return NULL;
	ping->sent_ns = sent_ns;
	ping->seen = PING_SAMPLED;
	ping->source = source;
	return ping;
}

/* A ping sent at `sent_ns` is acknowledged by now. One connection keeps order: those before it were answered, too. */
static void sampled_ack(struct model *model, struct watch *watch, int64_t sent_ns, const struct event *event)
{
	struct ping *found = NULL;

	for (size_t i = 0; i < watch->ping_count; i++) {
		struct ping *ping = &watch->pings[i];
		if (ping->sent_ns > sent_ns + SAMPLE_NS)
			continue;
		if (!ping->reply_ns)
			ping->reply_ns = event->ts_ns;
		if (ping->sent_ns >= sent_ns - SAMPLE_NS) {
			ping->sent_ns = sent_ns;
			found = ping;
		}
	}
	if (!found)
		found = sampled_ping(model, watch, sent_ns, event->source);
	if (found && !found->reply_ns)
		found->reply_ns = event->ts_ns;
}

/* librados counts a ping as acknowledged, and the wire did not show its answer: the shim may not know how this Ceph reads.
 * librados' word decides over the watch. */
static void answered_unseen(struct watch *watch, int64_t sent_ns, const struct event *event)
{
	for (size_t i = watch->ping_count; i-- > 0;) {
		struct ping *ping = &watch->pings[i];
		if (ping->reply_ns || llabs(ping->sent_ns - sent_ns) > SAMPLE_NS)
			continue;
		ping->reply_ns = event->ts_ns;
		ping->seen = PING_SAMPLED;
		return;
	}
}

/* One ping for each tick since the last acknowledged one whose answer is overdue. */
static void sampled_misses(struct model *model, struct watch *watch, const struct event *event)
{
	struct watch_record *record = (struct watch_record *)watch;
	int64_t due_ns = later(record->sampled_ack_ns, watch_heard_ns(watch)) + WATCH_TICK_NS;

	for (; event->ts_ns - due_ns >= WATCH_OVERDUE_NS - WATCH_TICK_NS && !model->private->no_memory; due_ns += WATCH_TICK_NS) {
		if (due_ns <= record->missed_ns)
			continue;
		if (event->ts_ns - due_ns > WATCH_PINGS * WATCH_TICK_NS) /* more than the ring holds: a sleep, or a wrong clock */
			continue;
		sampled_ping(model, watch, due_ns, event->source);
		record->missed_ns = due_ns;
	}
}

void ping_sample(struct model *model, const struct event *event)
{
	const struct fl_ping_sample *payload = &event->trace.ping_sample;
	struct client *client = client_of_event(model, event);
	struct watch *watch = client ? watch_of_cookie(model, client, payload->cookie) : NULL;
	struct watch_record *record = (struct watch_record *)watch;
	int64_t acked_sent_ns = payload->acked_sent_ns;
	bool acked;

	if (!watch)
		return;
	if (payload->age_ms < 0) {
		if (!watch->error_ns) {
			watch->error_ns = event->ts_ns;
			watch->registered_source = watch->error_source = event->source;
			watch->error = (int32_t)payload->age_ms;
		}
		return;
	}
	if (acked_sent_ns)
		wall_clock_compare(client->process, event, acked_sent_ns + payload->age_ms * NS_PER_MS);
	if (acked_sent_ns && wall_clock_was_set(client->process))
		acked_sent_ns = event->ts_ns - payload->age_ms * NS_PER_MS; /* the age is by a clock that nobody sets */
	/* The first sample tells of a ping from before the recording, unless the shim says that it is a new one. */
	acked = acked_sent_ns > record->sampled_ack_ns + SAMPLE_NS && (record->sampled_ack_ns || payload->change == 1);
	watch_acked(watch, acked_sent_ns, event->ts_ns, event->source, true);
	watch_aged(watch, acked_sent_ns, event);
	if (acked && witness(watch, PING_SAMPLED))
		sampled_ack(model, watch, acked_sent_ns, event);
	else if (acked)
		answered_unseen(watch, acked_sent_ns, event);
	if (acked || !record->sampled_ack_ns)
		record->sampled_ack_ns = acked_sent_ns;
	if (payload->age_ms > WATCH_OVERDUE_NS / NS_PER_MS && witness(watch, PING_SAMPLED))
		sampled_misses(model, watch, event);
}

/* ---- logs ---- */

/* The objecter tells of a ping, and so does the messenger, where both are asked to. */
static bool told_already(struct watch *watch, const struct event *event)
{
	struct ping *last = watch->ping_count ? &watch->pings[watch->ping_count - 1] : NULL;
	int64_t told_ns = !last ? 0 : event->watch.what == WATCH_PING_SENT ? last->sent_ns : last->reply_ns;

	if (!last || last->seen != PING_CLIENT_LOG || event->watch.what == WATCH_PINGED || !told_ns ||
	    llabs(event->ts_ns - told_ns) > LOGGED_TWICE_NS)
		return false;
	if (*event->watch.osd && !*last->osd)
		snprintf(last->osd, sizeof(last->osd), "%s", event->watch.osd);
	return true;
}

/* The OSD's word stands beside the client's: it may contradict it. */
static void osd_processed(struct model *model, struct watch *watch, const struct event *event)
{
	if (!watch->osd_pings)
		watch->osd_pings = model_alloc(model, OSD_PINGS * sizeof(*watch->osd_pings));
	if (!watch->osd_pings)
		return;
	if (watch->osd_ping_count && watch->osd_pings[watch->osd_ping_count - 1] == event->ts_ns)
		return; /* the same line of another file */
	if (watch->osd_ping_count == OSD_PINGS)
		memmove(watch->osd_pings, watch->osd_pings + 1, --watch->osd_ping_count * sizeof(*watch->osd_pings));
	watch->osd_pings[watch->osd_ping_count++] = event->ts_ns;
	watch->osd_source = event->source;
}

void ping_logged(struct model *model, struct watch *watch, const struct event *event)
{
	const struct watch_logged *logged = &event->watch;
	bool at_osd = logged->what == WATCH_PINGED;
	struct ping *ping = NULL;

	if (at_osd)
		osd_processed(model, watch, event);
	if (told_already(watch, event))
		return;
	if (logged->what == WATCH_PING_REPLY && witness(watch, PING_CLIENT_LOG))
		ping = ping_answered(watch, 0);
	if (!ping)
		ping = exact_ping(model, watch, event->ts_ns, logged->osd, event->source,
		                  at_osd ? PING_OSD_LOG : PING_CLIENT_LOG);
	if (!ping || logged->what == WATCH_PING_SENT)
		return;
	ping->reply_ns = event->ts_ns;
	ping->result = logged->result;
	if (ping->result >= 0)
		watch_acked(watch, ping->sent_ns, ping->reply_ns, event->source, true);
}
