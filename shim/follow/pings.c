/* SPDX-License-Identifier: MIT */
#include "pings.h"

#include "base/emit.h"

#include "fenceline/status.h"

#include <stdio.h>
#include <string.h>

_Atomic(int) pings_awaited;

void pings_init(struct pings *pings)
{
	pthread_mutex_init(&pings->lock, NULL);
	pings->first = pings->count = pings->forgotten = 0;
	pings->all_sent = pings->all_answered = pings->last_rtt_ns = 0;
	pings->osd[0] = '\0';
	pings->reconnecting = pings->over = false;
}

static bool is_awaited(const struct pings *pings)
{
	return !pings->over && (pings->count > 0 || pings->reconnecting);
}

/* What changes that goes between these two. */
static bool begin_change(struct pings *pings)
{
	pthread_mutex_lock(&pings->lock);
	return is_awaited(pings);
}

static void end_change(struct pings *pings, bool awaited_before)
{
	int change = is_awaited(pings) - awaited_before;

	if (change)
		atomic_fetch_add(&pings_awaited, change);
	pthread_mutex_unlock(&pings->lock);
}

void pings_reset(struct pings *pings)
{
	bool awaited = begin_change(pings);

	pings->over = true;
	end_change(pings, awaited);
}

static void drop_first(struct pings *pings)
{
	pings->first = (pings->first + 1) % PINGS_KEPT;
	pings->count--;
}

/* A new registration: what was sent before is not answered any more. */
static void drop_older_registrations(struct pings *pings, uint32_t gen)
{
	while (pings->count && pings->sent[pings->first].gen != gen) {
		drop_first(pings);
		pings->forgotten = 0;
	}
}

void pings_sent(struct pings *pings, const struct ping *ping)
{
	bool awaited = begin_change(pings);

	drop_older_registrations(pings, ping->gen);
	if (pings->count == PINGS_KEPT) {
		drop_first(pings);
		pings->forgotten++;
	}
	uint32_t place = (pings->first + pings->count++) % PINGS_KEPT;
	pings->sent[place] = *ping;
	pings->tids[place] = (uint32_t)ping->tid;
	pings->all_sent++;
	end_change(pings, awaited);
}

static struct ping *at(struct pings *pings, uint32_t i)
{
	return &pings->sent[(pings->first + i) % PINGS_KEPT];
}

static bool is_of(const struct ping *ping, uint32_t gen, int fd)
{
	return ping->gen == gen && (fd < 0 || ping->fd == fd);
}

typedef uint32_t four __attribute__((vector_size(16)));

/* False: none was sent with this tid. */
static bool may_have_tid(const struct pings *pings, uint64_t tid)
{
	uint32_t low = (uint32_t)tid;
	four wanted = { low, low, low, low }, tids, any = { 0 };

	for (uint32_t i = 0; i < PINGS_KEPT; i += 4) {
		memcpy(&tids, pings->tids + i, sizeof tids);
		any |= (four)(tids == wanted);
	}
	return any[0] | any[1] | any[2] | any[3];
}
_Static_assert(PINGS_KEPT % 4 == 0, "four at a time");

/* Takes the ping that was sent with this tid, and all before it: answers come in order, so those get none any more. If a ping was
 * sent again after its connection broke, the answer is to the last one sent. */
static bool take_tid(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping)
{
	uint32_t up_to = 0;

	for (uint32_t i = 0; i < pings->count; i++)
		if (at(pings, i)->tid == tid && is_of(at(pings, i), gen, fd)) {
			*ping = *at(pings, i);
			up_to = i + 1;
		}
	for (uint32_t i = 0; i < up_to; i++)
		drop_first(pings);
	if (up_to)
		pings->forgotten = 0;
	return up_to;
}

static enum pings_found take_oldest(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping)
{
	if (!pings->count || at(pings, 0)->gen != gen)
		return PINGS_NONE;
	if (pings->forgotten) {
		pings->forgotten--;
		return PINGS_FORGOTTEN;
	}
	if ((tid && at(pings, 0)->tid) || !is_of(at(pings, 0), gen, fd)) /* and it is another one's */
		return PINGS_NONE;
	*ping = *at(pings, 0);
	drop_first(pings);
	return PINGS_SEEN;
}

enum pings_found pings_answered(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping)
{
	bool awaited = begin_change(pings);
	enum pings_found found = tid && may_have_tid(pings, tid) && take_tid(pings, gen, tid, fd, ping)
	                                 ? PINGS_SEEN
	                                 : take_oldest(pings, gen, tid, fd, ping);

	pings->all_answered += found != PINGS_NONE;
	if (found == PINGS_SEEN)
		pings->last_rtt_ns = now_monotonic_ns() - ping->sent_mono_ns;
	end_change(pings, awaited);
	return found;
}

void pings_reconnect_sent(struct pings *pings, const struct ping *ping)
{
	bool awaited = begin_change(pings);

	pings->reconnect = *ping;
	pings->reconnecting = true;
	end_change(pings, awaited);
}

bool pings_reconnected(struct pings *pings, uint32_t gen, uint64_t tid, int fd, struct ping *ping)
{
	bool awaited = begin_change(pings);
	const struct ping *sent = &pings->reconnect;
	bool is = pings->reconnecting && is_of(sent, gen, fd) && (!tid || !sent->tid || tid == sent->tid);

	if (is) {
		*ping = *sent;
		pings->reconnecting = false;
	}
	end_change(pings, awaited);
	return is;
}

void pings_sent_before(struct pings *pings, uint32_t unanswered)
{
	bool awaited = begin_change(pings);

	pings->forgotten = unanswered > pings->count ? unanswered - pings->count : 0;
	end_change(pings, awaited);
}

void pings_went_to(struct pings *pings, const char *osd)
{
	pthread_mutex_lock(&pings->lock);
	snprintf(pings->osd, sizeof pings->osd, "%s", osd);
	pthread_mutex_unlock(&pings->lock);
}

void pings_told(struct pings *pings, struct fl_status_watch *entry)
{
	pthread_mutex_lock(&pings->lock);
	entry->unanswered = pings->count + pings->forgotten;
	entry->oldest_unanswered_ns = pings->count ? pings->sent[pings->first].sent_ns : 0;
	entry->pings_sent = pings->all_sent;
	entry->pings_answered = pings->all_answered;
	entry->last_rtt_ns = pings->last_rtt_ns;
	snprintf(entry->osd, sizeof entry->osd, "%s", pings->osd);
	pthread_mutex_unlock(&pings->lock);
}
