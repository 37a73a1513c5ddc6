/* SPDX-License-Identifier: MIT */
#include "pings.h"

void pings_init(struct pings *pings)
{
	pthread_mutex_init(&pings->lock, NULL);
	pings->first = pings->count = pings->forgotten = 0;
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
	pthread_mutex_lock(&pings->lock);
	drop_older_registrations(pings, ping->gen);
	if (pings->count == PINGS_KEPT) {
		drop_first(pings);
		pings->forgotten++;
	}
	pings->sent[(pings->first + pings->count++) % PINGS_KEPT] = *ping;
	pthread_mutex_unlock(&pings->lock);
}

bool pings_answered(struct pings *pings, uint32_t gen, struct ping *ping)
{
	bool seen = false;

	pthread_mutex_lock(&pings->lock);
	if (pings->count && pings->sent[pings->first].gen == gen) {
		if (pings->forgotten) {
			pings->forgotten--;
		} else {
			*ping = pings->sent[pings->first];
			drop_first(pings);
			seen = true;
		}
	}
	pthread_mutex_unlock(&pings->lock);
	return seen;
}
