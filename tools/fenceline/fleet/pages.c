/* SPDX-License-Identifier: MIT */
#include "fleet/pages.h"
#include "ingest/event_text.h"
#include "ingest/fact_fields.h"
#include "metrics/host.h"
#include "run/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATE_NS (3 * NS_PER_S)
#define SUMS_NS  (10 * NS_PER_S)

struct shipped_osd { /* what was shipped of an OSD until now */
	char address[64];
	uint64_t answered, errors, lost, rtt_sum_ns, rtt[HOST_RTT_BUCKETS];
};

struct fleet_pages {
	struct status_finder *finder;
	struct host *host;
	struct source source;
	struct shipped_osd *osds; /* owned */
	size_t osd_count;
	int64_t state_ns, sums_ns;
};

struct fleet_pages *fleet_pages_new(void)
{
	struct fleet_pages *pages = calloc(1, sizeof *pages);

	if (!pages)
		return NULL;
	pages->finder = status_finder_new();
	pages->host = host_new(0);
	pages->source = (struct source){ .path = "status-pages", .kind = "page", .tz = "UTC", .tz_from = "log" };
	if (pages->finder && pages->host)
		return pages;
	fleet_pages_free(pages);
	return NULL;
}

void fleet_pages_free(struct fleet_pages *pages)
{
	if (!pages)
		return;
	status_finder_free(pages->finder);
	host_free(pages->host);
	free(pages->osds);
	free(pages);
}

static int tell_state(struct fleet_pages *pages, const struct host_watch *entry, int64_t at_ns, struct shipper *shipper)
{
	const struct fl_status *head = &entry->page->head;
	const struct fl_status_client *client = entry->client;
	const struct fl_status_image *image = entry->image;
	struct event event;

	event = (struct event){ .ts_ns = at_ns };
	fact_clear(&event, FACT_state);
	pages->source.host = head->host;
	event.source = &pages->source;
	event.trace.state.pid = head->pid;
	event.trace.state.global_id = client->global_id;
	event.trace.state.host = head->host;
	event.trace.state.process = head->process;
	event.trace.state.vm_name = head->vm_name;
	event.trace.state.vm_uuid = head->vm_uuid;
	event.trace.state.entity = client->entity;
	event.trace.state.address = client->address;
	event.trace.state.fsid = client->fsid;
	event.trace.state.ceph_version = client->version;
	event.trace.state.cookie = entry->watch->cookie;
	event.trace.state.last_ack_sent_ns = entry->watch->last_ack_sent_ns;
	if (image) {
		event.trace.state.image = image->serial;
		event.trace.state.pool = image->pool;
		event.trace.state.nspace = image->nspace;
		event.trace.state.name = image->name;
		event.trace.state.image_id = image->id;
		event.trace.state.inflight = image->inflight;
		event.trace.state.ios = image->ios;
		event.trace.state.errors = image->errors;
		event.trace.state.eshutdowns = image->eshutdowns;
		event.trace.state.opened_ns = image->opened_ns;
	}
	return shipper_add(shipper, &event);
}

static struct shipped_osd *shipped_of(struct fleet_pages *pages, const struct host_osd *osd)
{
	struct shipped_osd *more;

	for (size_t i = 0; i < pages->osd_count; i++)
		if (!strcmp(pages->osds[i].address, osd->address))
			return &pages->osds[i];
	more = reallocarray(pages->osds, pages->osd_count + 1, sizeof *more);
	if (!more)
		return NULL;
	pages->osds = more;
	more += pages->osd_count++;
	*more = (struct shipped_osd){ .answered = 0 };
	snprintf(more->address, sizeof more->address, "%s", osd->address);
	return more;
}

static void write_sum(FILE *out, const char *shipper, const struct host_osd *osd, struct shipped_osd *shipped, int64_t at_ns)
{
	time_t seconds = at_ns / NS_PER_S;
	char day[16];
	struct tm tm;

	strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&seconds, &tm));
	fprintf(out, "{\"day\":\"%s\",\"ts_ns\":%" PRId64 ",\"shipper\":", day, at_ns);
	event_text_string(out, shipper);
	fputs(",\"osd\":", out);
	event_text_string(out, osd->address);
	fprintf(out,
	        ",\"answered\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"rtt_sum_ns\":%" PRIu64
	        ",\"vms\":%u,\"rtt\":[",
	        osd->answered - shipped->answered, osd->errors - shipped->errors, osd->lost - shipped->lost,
	        osd->rtt_sum_ns - shipped->rtt_sum_ns, osd->vms);
	for (int i = 0; i < HOST_RTT_BUCKETS; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", osd->rtt[i] - shipped->rtt[i]);
	fputs("]}\n", out);
	shipped->answered = osd->answered;
	shipped->errors = osd->errors;
	shipped->lost = osd->lost;
	shipped->rtt_sum_ns = osd->rtt_sum_ns;
	memcpy(shipped->rtt, osd->rtt, sizeof shipped->rtt);
}

/* The first look tells nothing: what the counters hold by then is of all time. */
static int tell_sums(struct fleet_pages *pages, int64_t at_ns, struct shipper *shipper)
{
	unsigned count;
	const struct host_osd *osds = host_osds(pages->host, &count);
	bool first = !pages->sums_ns;
	char *rows = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&rows, &size);

	for (unsigned i = 0; out && i < count; i++) {
		struct shipped_osd *shipped = shipped_of(pages, &osds[i]);
		if (shipped &&
		    (osds[i].answered != shipped->answered || osds[i].lost != shipped->lost || osds[i].errors != shipped->errors))
			write_sum(out, shipper_host(shipper), &osds[i], shipped, at_ns);
	}
	if (out)
		fclose(out);
	if (!first && size)
		shipper_sums(shipper, rows, size);
	free(rows);
	return out ? 0 : -ENOMEM;
}

int fleet_pages_tick(struct fleet_pages *pages, struct shipper *shipper)
{
	int64_t at_ns = epoch_ns();
	const struct host_watch *watches;
	unsigned count;
	int error = 0;

	if (at_ns - pages->state_ns < STATE_NS)
		return 0;
	pages->state_ns = at_ns;
	host_begin(pages->host, at_ns);
	status_finder_look(pages->finder, host_visit, pages->host);
	host_end(pages->host);
	watches = host_watches(pages->host, &count);
	for (unsigned i = 0; !error && i < count; i++)
		error = tell_state(pages, &watches[i], at_ns, shipper);
	if (!error && at_ns - pages->sums_ns >= SUMS_NS) {
		error = tell_sums(pages, at_ns, shipper);
		pages->sums_ns = at_ns;
	}
	return error;
}
