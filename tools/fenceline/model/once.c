/* SPDX-License-Identifier: MIT */
/*
 * Once is once. Two sessions that record one host write each event twice, microseconds apart; a rotated log may overlap its
 * successor; a copy of a file lies beside it. What is counted or listed asks here first. A source that says the same thing three
 * times tells of three things; another source that says it three times as well tells of the same three.
 */
#include "model/once.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdlib.h>

#define SEEN_EVENTS 1024

struct seen_event {
	uint64_t hash;
	int64_t ts_ns;
	const struct source *source;
	uint32_t times; /* that this source said it */
};

uint64_t hash_number(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

uint64_t hash_text(uint64_t hash, const char *text)
{
	while (*text)
		hash = (hash ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
	return hash_number(hash, 0);
}

static bool is_near(const struct seen_event *seen, int64_t ts_ns)
{
	return llabs(seen->ts_ns - ts_ns) <= SAME_EVENT_NS;
}

bool told_twice(struct model *model, const struct event *event, uint64_t hash)
{
	struct model_private *private = model->private;
	struct seen_event *own = NULL, *entry;
	uint32_t most_of_others = 0;

	if (!private->seen)
	private->seen = model_alloc(model, SEEN_EVENTS * sizeof(*private->seen));
	if (!private->seen || !event->ts_ns) /* without a time nothing can be told apart */
		return false;
	/* The newest first: what is older than a moment has no twin any more. */
	for (size_t i = 1; i <= SEEN_EVENTS; i++) {
		entry = &private->seen[(private->seen_next + SEEN_EVENTS - i) % SEEN_EVENTS];
		if (!entry->source || entry->ts_ns < event->ts_ns - SAME_EVENT_NS)
			break;
		if (entry->hash != hash || !is_near(entry, event->ts_ns))
			continue;
		if (entry->source == event->source)
			own = own ? own : entry;
		else if (entry->times > most_of_others)
			most_of_others = entry->times;
	}
	entry = &private->seen[private->seen_next];
	private->seen_next = (private->seen_next + 1) % SEEN_EVENTS;
	*entry = (struct seen_event){ hash, event->ts_ns, event->source, own ? own->times + 1 : 1 };
	return entry->times <= most_of_others;
}
