/* SPDX-License-Identifier: MIT */
/* What became of a watch ping: by the answer that came, or by how long none came that would have been seen. */
#include "correlate/ping_fate.h"
#include "model/times.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the ping could last have been answered: the end of what is recorded, or of the watch or client if they ended well. */
static int64_t answerable_until(const struct watch *watch, const struct ping *ping)
{
	const struct client *client = watch->image->client;
	bool traced = ping->seen != PING_CLIENT_LOG && client->process;
	int64_t until_ns = traced ? client->process->last_ns : ping->source->end_ns;

	if (client->shutdown_ns)
		until_ns = least(until_ns, client->shutdown_ns);
	/* After an error the watch is given up because of it: that ends no ping well that was sent before. */
	if (watch->unregistered_ns && !(watch->error_ns && watch->error_ns >= ping->sent_ns))
		until_ns = least(until_ns, watch->unregistered_ns);
	return until_ns;
}

/* The process stood still: what it had sent a moment before may have been answered unseen, and it sent nothing then. A shorter
 * standstill does not explain an answer that never came. */
static bool in_stall(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	for (const struct stall *stall = model->stalls; stall; stall = stall->next)
		if (stall->process == watch->image->client->process && stall->gap_ns >= WATCH_SLACK_NS &&
		    ping->sent_ns >= stall->begin_ns - SAMPLE_NS && ping->sent_ns <= stall->begin_ns + stall->gap_ns)
			return true;
	return false;
}

static const struct ping *ping_before(const struct watch *watch, const struct ping *ping)
{
	for (size_t i = 1; i < watch->ping_count; i++)
		if (&watch->pings[i] == ping)
			return &watch->pings[i - 1];
	return NULL;
}

/* What counts is the age of the last acknowledged one, tick + 2 s: a ping after a lost one has that age when it is sent, and a
 * sampled one had it when it was noted. Such a ping is forgiven only if the client or the watch ended in good order right after
 * it. */
static bool is_overdue(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	int64_t awaited_ns = answerable_until(watch, ping) - ping->sent_ns;
	const struct ping *before;

	if (ping->reply_ns || awaited_ns < WATCH_SLACK_NS || in_stall(model, watch, ping))
		return false;
	if (awaited_ns >= WATCH_OVERDUE_NS || ping->seen == PING_SAMPLED)
		return true;
	before = ping_before(watch, ping);
	return before && is_overdue(model, watch, before);
}

enum ping_fate ping_fate(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	int64_t in_time_ns = WATCH_TICK_NS + (ping->seen == PING_SAMPLED ? SAMPLE_NS : 0);

	if (ping->reply_ns)
		return ping->result < 0 ? FATE_REFUSED : ping->reply_ns - ping->sent_ns > in_time_ns ? FATE_LATE : FATE_ANSWERED;
	if (is_overdue(model, watch, ping))
		return FATE_OVERDUE;
	return ping->seen == PING_SAMPLED ? FATE_NEVER_SENT : FATE_ON_ITS_WAY;
}

bool answer_was_recorded(const struct model *model, const struct client *client, const struct ping *ping)
{
	int64_t due_ns = ping->sent_ns + WATCH_SLACK_NS;

	for (size_t i = 0; i < client->hole_count; i++)
		if (client->holes[i].begin_ns <= due_ns && client->holes[i].end_ns > due_ns)
			return false;
	for (const struct discarded *each = model->discards; each; each = each->next)
		if (each->end_ns >= ping->sent_ns && each->begin_ns <= due_ns &&
		    (!each->source || model_one_clock(model, each->source, ping->source)))
			return false;
	return true;
}

bool ping_was_lost(const struct model *model, const struct watch *watch, const struct ping *ping)
{
	return is_overdue(model, watch, ping) && answer_was_recorded(model, watch->image->client, ping);
}
