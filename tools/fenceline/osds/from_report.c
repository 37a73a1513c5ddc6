/* SPDX-License-Identifier: MIT */
#include "osds/from_report.h"
#include "render/text.h"
#include "render/view.h"

#include <errno.h>

static void widen_span(struct osds *osds, int64_t ts_ns)
{
	if (!osds->begin_ns || ts_ns < osds->begin_ns)
		osds->begin_ns = ts_ns;
	if (ts_ns > osds->end_ns)
		osds->end_ns = ts_ns;
}

/* An answered ping's round trip; one that was never answered counts as lost, one that the OSD's own log tells of not at all. */
static void add_ping(struct osds *osds, const void *key, const char *name, const struct timeline_entry *entry)
{
	bool lost = entry->kind == TL_PING_LOST && entry->ping.rtt_ns < 0;

	if (entry->kind != TL_PING_ACK && entry->kind != TL_PING_LATE && entry->kind != TL_PING_LOST)
		return;
	if (!entry->ping.osd || (!lost && entry->ping.rtt_ns < 0)) {
		osds->unplaced++;
		return;
	}
	widen_span(osds, entry->ts_ns);
	osds_add(osds, entry->ping.osd, key, name, lost ? OSDS_LOST_NS : entry->ping.rtt_ns, entry->ping.result);
}

int osds_of_report(const struct report *report, struct osds *osds)
{
	char name[TEXT_NAME];
	struct view view;
	int error = view_open(report, &view);

	for (size_t i = 0; !error && i < view.count; i++)
		for (size_t k = 0; k < view.vms[i].count; k++) {
			const struct view_image *image = &view.vms[i].images[k];
			const void *key = view.vms[i].process ? (const void *)view.vms[i].process : image->client;

			if (!image->client)
				continue;
			text_who(image->client, image->client->address_text, name);
			for (size_t n = 0; n < image->count; n++)
				add_ping(osds, key, name, image->events[n]);
		}
	view_close(&view);
	return error ? error : osds->no_memory ? -ENOMEM : 0;
}
