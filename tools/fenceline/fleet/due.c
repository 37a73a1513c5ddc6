/* SPDX-License-Identifier: MIT */
#include "fleet/due.h"
#include "model/times.h"

static const int64_t looks_ms[] = { 0, 4000, 8000, 12000, 16000, 20000, 60000, 180000 };

#define LOOKS (sizeof looks_ms / sizeof *looks_ms)

static void widen(struct due_item *item, int64_t begin_ns, int64_t end_ns)
{
	if (begin_ns < item->begin_ns)
		item->begin_ns = begin_ns;
	if (end_ns > item->end_ns)
		item->end_ns = end_ns;
}

void due_add(struct due *due, int64_t begin_ns, int64_t end_ns, int64_t now_ms)
{
	struct due_item *item = &due->items[due->count];

	if (due->count < DUE_MOST) {
		due->count++;
		*item = (struct due_item){ begin_ns, end_ns, now_ms, 0, false };
		return;
	}
	item = &due->items[DUE_MOST - 1];
	widen(item, begin_ns, end_ns);
	item->seen_ms = now_ms;
	item->looks = 0;
}

static bool is_due(const struct due_item *item, int64_t now_ms)
{
	return !item->taken && now_ms - item->seen_ms >= looks_ms[item->looks];
}

bool due_take(struct due *due, int64_t now_ms, int64_t *begin_ns, int64_t *end_ns)
{
	struct due_item all = { 0 };
	bool more = true;

	for (size_t i = 0; i < due->count && !all.taken; i++)
		if (is_due(&due->items[i], now_ms)) {
			all = due->items[i];
			all.taken = due->items[i].taken = true;
		}
	while (all.taken && more) {
		more = false;
		for (size_t i = 0; i < due->count; i++) {
			struct due_item *item = &due->items[i];
			if (!is_due(item, now_ms) || item->begin_ns > all.end_ns + STORY_NS ||
			    item->end_ns < all.begin_ns - STORY_NS)
				continue;
			widen(&all, item->begin_ns, item->end_ns);
			item->taken = more = true;
		}
	}
	*begin_ns = all.begin_ns;
	*end_ns = all.end_ns;
	return all.taken;
}

void due_done(struct due *due, int64_t now_ms)
{
	size_t left = 0;

	for (size_t i = 0; i < due->count; i++) {
		struct due_item item = due->items[i];
		if (item.taken)
			while (item.looks < LOOKS && now_ms - item.seen_ms >= looks_ms[item.looks])
				item.looks++;
		item.taken = false;
		if (item.looks < LOOKS)
			due->items[left++] = item;
	}
	due->count = left;
}

void due_failed(struct due *due, int64_t now_ms)
{
	for (size_t i = 0; i < due->count; i++) {
		struct due_item *item = &due->items[i];
		if (!item->taken)
			continue;
		item->taken = false;
		item->seen_ms = now_ms;
		item->looks = 0;
	}
}
