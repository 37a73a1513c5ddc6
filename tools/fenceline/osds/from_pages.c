/* SPDX-License-Identifier: MIT */
#include "osds/from_pages.h"

#include <stdio.h>
#include <string.h>

int64_t osds_page_sample(const struct status_page *page, const struct fl_status_osd *osd, int64_t now_ns)
{
	int64_t sample_ns = osd->answered && now_ns - osd->last_ns < OSDS_RECENT_NS ? (int64_t)osd->rtt_last_ns : -1;

	for (uint32_t i = 0; i < page->watch_count; i++) {
		const struct fl_status_watch *watch = &page->watches[i];
		int64_t age_ns = watch->oldest_unanswered_ns ? now_ns - watch->oldest_unanswered_ns : 0;
		if (watch->unanswered && !strcmp(watch->osd, osd->address) && age_ns >= OSDS_WAITS_NS && age_ns > sample_ns)
			sample_ns = age_ns;
	}
	return sample_ns;
}

/* Pings to an OSD that has never answered this process have no entry among the page's OSDs. */
static void add_silent(struct osds_of_pages *pages, const struct status_process *process, const char *name)
{
	const struct status_page *page = process->page;

	for (uint32_t i = 0; i < page->watch_count; i++) {
		const struct fl_status_watch *watch = &page->watches[i];
		struct fl_status_osd silent = { .answered = 0 };
		bool known = !*watch->osd;
		int64_t sample_ns;

		for (uint32_t k = 0; k < page->osd_count && !known; k++)
			known = !strcmp(page->osds[k].address, watch->osd);
		if (known)
			continue;
		memcpy(silent.address, watch->osd, sizeof silent.address);
		sample_ns = osds_page_sample(page, &silent, pages->now_ns);
		if (sample_ns >= 0)
			osds_add_sample(pages->osds, osds_find(pages->osds, watch->osd), process, name, sample_ns);
	}
}

static void add_lost(struct osds_of_pages *pages, const struct status_page *page)
{
	for (uint32_t i = 0; i < page->watch_count; i++) {
		const struct fl_status_watch *watch = &page->watches[i];
		struct osd_seen *osd = *watch->osd ? osds_find(pages->osds, watch->osd) : NULL;
		uint64_t out = watch->pings_sent > watch->pings_answered ? watch->pings_sent - watch->pings_answered : 0;

		/* All that is out but the newest, which may be on its way. */
		if (osd && out > 1)
			osd->lost += out - (watch->unanswered > 0);
		if (!*watch->osd && watch->last_ack_sent_ns)
			pages->osds->unplaced++;
	}
}

void osds_visit(struct status_process *process, void *arg)
{
	struct osds_of_pages *pages = arg;
	const struct status_page *page = process->page;
	char name[320];

	if (!process->state)
		return;
	if (!page) {
		pages->unreadable++;
		return;
	}
	pages->processes++;
	if (*page->head.vm_name)
		snprintf(name, sizeof name, "%s", page->head.vm_name);
	else
		snprintf(name, sizeof name, "%s (pid %d)", page->head.process, (int)process->pid);
	for (uint32_t i = 0; i < page->osd_count; i++) {
		struct osd_seen *osd = osds_find(pages->osds, page->osds[i].address);
		int64_t sample_ns = osds_page_sample(page, &page->osds[i], pages->now_ns);

		if (!osd)
			return;
		osd->answered += page->osds[i].answered;
		osd->errors += page->osds[i].errors;
		for (int bucket = 0; bucket < OSDS_BUCKETS; bucket++)
			osd->buckets[bucket] += page->osds[i].rtt[bucket];
		if (sample_ns >= 0)
			osds_add_sample(pages->osds, osd, process, name, sample_ns);
	}
	add_silent(pages, process, name);
	add_lost(pages, page);
}
