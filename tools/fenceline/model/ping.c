/* SPDX-License-Identifier: MIT */
/*
 * Pings of a watch: sent and answered on the wire, or, where the wire shows none (secure mode), as the sampler saw them, or as
 * logs tell of them. Only the best witness counts. A ping is judged when it leaves the ring or at the end: an answer may come
 * late.
 */
#include "model/ping.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"
#include "model/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stall shorter than this does not explain an answer that never came. */
#define STALL_MIN_NS WATCH_SLACK_NS

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the ping could last have been answered: the end of what is recorded, or of the watch or client if they ended well. */
static int64_t answerable_until(const struct watch *watch, const struct ping *ping)
{
	const struct client *client = watch->image->client;
	int64_t until_ns = ping->seen == PING_CLIENT_LOG || !client->process
	                           ? ping->source->end_ns
	                           : ((struct process_record *)client->process)->last_ns;

	if (client->shutdown_ns)
		until_ns = least(until_ns, client->shutdown_ns);
	/* After an error the watch is given up because of it: that ends no ping well that was sent before. */
	if (watch->unregistered_ns && !(watch->error_ns && watch->error_ns >= ping->sent_ns))
		until_ns = least(until_ns, watch->unregistered_ns);
	return until_ns;
}

/* The process stood still: what it had sent a moment before may have been answered unseen, and it sent nothing then. */
static bool in_stall(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	for (const struct stall *stall = model->stalls; stall; stall = stall->next)
		if (stall->process == watch->image->client->process && stall->gap_ns >= STALL_MIN_NS &&
		    ping->sent_ns >= stall->begin_ns - SAMPLE_NS && ping->sent_ns <= stall->begin_ns + stall->gap_ns)
			return true;
	return false;
}

static bool is_unanswered(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	int64_t until_ns = answerable_until(watch, ping);
	bool silence = ping > watch->pings && ping[-1].unanswered;

	if (ping->reply_ns || in_stall(model, watch, ping))
		return false;
	/* What counts is the age of the last acknowledged one, tick + 2 s: a ping after a lost one has that age when it is
	 * sent, and a sampled one had it when it was noted. Such a ping is forgiven only if the client or the watch
	 * ended in good order right after it. */
	return until_ns - ping->sent_ns >= (ping->seen == PING_SAMPLED || silence ? STALL_MIN_NS : WATCH_OVERDUE_NS);
}

static enum timeline_kind kind_of_ping(const struct ping *ping)
{
	if (!ping->reply_ns || ping->result < 0)
		return TL_PING_LOST;
	if (ping->reply_ns - ping->sent_ns > WATCH_TICK_NS + (ping->seen == PING_SAMPLED ? SAMPLE_NS : 0))
		return TL_PING_LATE;
	return TL_PING_ACK;
}

static void entry_of_ping(struct model *model, const struct watch *watch, const struct ping *ping)
{
	bool sampled = ping->seen == PING_SAMPLED, at_osd = ping->seen == PING_OSD_LOG;

	/* The OSD does not know when it was sent; the sampler knows that, but not when the answer came. */
	entry_add(model, watch->image,
	          &(struct timeline_entry){
	                  .ts_ns = ping->reply_ns ? ping->reply_ns : ping->sent_ns,
	                  .kind = kind_of_ping(ping),
	                  .source = ping->source,
	                  .ping = { .sent_ns = at_osd ? 0 : ping->sent_ns,
	                            .rtt_ns = sampled || at_osd || !ping->reply_ns ? -1 : ping->reply_ns - ping->sent_ns,
	                            .osd = *ping->osd ? ping->osd : NULL,
	                            .cookie = watch->cookie,
	                            .result = ping->result,
	                            .seen = ping->seen } });
}

static void ping_settle(struct model *model, struct watch *watch, struct ping *ping)
{
	ping->unanswered = is_unanswered(model, watch, ping);
	if (ping->unanswered)
		watch->pings_unanswered++;
	else if (ping->reply_ns && ping->result < 0)
		watch->pings_refused++;
	else if (ping->reply_ns)
		watch->pings_answered++;
	if (ping->unanswered || ping->reply_ns)
		entry_of_ping(model, watch, ping);
}

static bool is_acknowledged(const struct ping *ping)
{
	return ping->reply_ns && ping->result >= 0;
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

/* Room for one more at the end; one leaves once the ring is full. */
static struct ping *ping_push(struct model *model, struct watch *watch)
{
	struct watch_record *record = (struct watch_record *)watch;

	if (watch->ping_count == WATCH_PINGS) {
		struct ping *ping = &watch->pings[ping_to_forget(watch)];
		ping_settle(model, watch, ping);
		memmove(ping, ping + 1, (size_t)(watch->pings + --watch->ping_count - ping) * sizeof(*ping));
	} else if (watch->ping_count == record->ping_capacity) {
		size_t capacity = record->ping_capacity ? 2 * record->ping_capacity : 8;
		struct ping *pings = reallocarray(watch->pings, capacity, sizeof(*pings));
		if (!pings) {
			model->private->no_memory = true;
			return NULL;
		}
		watch->pings = pings;
		record->ping_capacity = capacity;
	}
	watch->pings_sent++;
	return memset(&watch->pings[watch->ping_count++], 0, sizeof(*watch->pings));
}

/* A better witness than all before: what they told is the cross-check only. False if a better one has spoken already. */
static bool witness(struct watch *watch, enum ping_seen seen)
{
	if (seen > watch->seen) {
		watch->pings_sent -= watch->ping_count;
		watch->ping_count = 0;
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

	if (watch && !told_twice(model, event, hash_number(hash_number(FACT_ping_sent, payload->global_id), payload->cookie)))
		exact_ping(model, watch, payload->sent_ns ? payload->sent_ns : event->ts_ns, payload->osd, event->source,
		           PING_WIRE);
}

/* The ping that a reply answers: the one sent then (two recordings note it microseconds apart), or, if that was not seen, the
 * oldest without an answer. */
static struct ping *ping_answered(struct watch *watch, int64_t sent_ns)
{
	for (size_t i = watch->ping_count; sent_ns && i-- > 0;)
		if (llabs(watch->pings[i].sent_ns - sent_ns) <= SAME_EVENT_NS)
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

	if (watch && !ping) /* sent before the recording began */
		ping = exact_ping(model, watch, payload->sent_ns ? payload->sent_ns : event->ts_ns - rtt_ns, payload->osd,
		                  event->source, PING_WIRE);
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

/* librados counts a ping as acknowledged whose answer the wire did not show, as with a Ceph whose reads the shim does not know:
 * what librados says is what decides over its watch. */
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
	/* The first sample tells of a ping from before the recording, unless the shim says that it is a new one. */
	acked = payload->acked_sent_ns > record->sampled_ack_ns + SAMPLE_NS && (record->sampled_ack_ns || payload->change == 1);
	watch_acked(watch, payload->acked_sent_ns, event->ts_ns, event->source, true);
	watch_aged(watch, payload->acked_sent_ns, event);
	if (acked && witness(watch, PING_SAMPLED))
		sampled_ack(model, watch, payload->acked_sent_ns, event);
	else if (acked)
		answered_unseen(watch, payload->acked_sent_ns, event);
	if (acked || !record->sampled_ack_ns)
		record->sampled_ack_ns = payload->acked_sent_ns;
	if (payload->age_ms > WATCH_OVERDUE_NS / NS_PER_MS && witness(watch, PING_SAMPLED))
		sampled_misses(model, watch, event);
}

/* ---- logs ---- */

/* The objecter tells of a ping, and so does the messenger, where both are asked to: one line may follow the other. */
#define SAME_PING_NS (500 * NS_PER_MS)

static bool told_already(struct watch *watch, const struct event *event)
{
	struct ping *last = watch->ping_count ? &watch->pings[watch->ping_count - 1] : NULL;
	int64_t told_ns = !last ? 0 : event->watch.what == WATCH_PING_SENT ? last->sent_ns : last->reply_ns;

	if (!last || last->seen != PING_CLIENT_LOG || event->watch.what == WATCH_PINGED || !told_ns ||
	    llabs(event->ts_ns - told_ns) > SAME_PING_NS)
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

/* Ticks that the sampler called missed while the process stood still: nothing was sent, so there was no ping. */
static void drop_never_sent(struct watch *watch)
{
	size_t kept = 0;

	for (size_t i = 0; i < watch->ping_count; i++)
		if (watch->pings[i].seen != PING_SAMPLED || watch->pings[i].reply_ns || watch->pings[i].unanswered)
			watch->pings[kept++] = watch->pings[i];
	watch->pings_sent -= watch->ping_count - kept;
	watch->ping_count = kept;
}

void watch_settle(struct model *model, struct watch *watch)
{
	int64_t gap_ns = 0;

	for (size_t i = 0; i < watch->ping_count; i++) {
		ping_settle(model, watch, &watch->pings[i]);
		if (watch->pings[i].unanswered && watch->pings[i].sent_ns > watch->last_ack_sent_ns && watch->last_ack_sent_ns)
			gap_ns = answerable_until(watch, &watch->pings[i]) - watch->last_ack_sent_ns;
	}
	if (gap_ns > watch->longest_ack_gap_ns)
		watch->longest_ack_gap_ns = gap_ns;
	drop_never_sent(watch);
}
