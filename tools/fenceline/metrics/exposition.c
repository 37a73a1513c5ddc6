/* SPDX-License-Identifier: MIT */
/* Each family is one function; a label's value is escaped in one place. */
#include "metrics/exposition.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS(ns) ((double)(ns) / 1e9)

/* A status page is the process's own word: whatever stands in a name, the line stays one line. Bytes that are no UTF-8 would make
 * Prometheus refuse the whole scrape. */
static void write_value(FILE *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at == '\\' || *at == '"')
			fprintf(out, "\\%c", *at);
		else if (*at == '\n')
			fputs("\\n", out);
		else if (*at < 0x20 || *at == 0x7f)
			fputc('?', out);
		else if (*at < 0x80)
			fputc(*at, out);
		else {
			int more = *at >= 0xf0 && *at < 0xf5 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc2 ? 1 : 0, got = 0;

			while (*at < 0xf5 && got < more && (at[got + 1] & 0xc0) == 0x80)
				got++;
			if (!more || got < more || (*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
			    (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f)) {
				fputc('?', out);
				continue;
			}
			fwrite(at, 1, more + 1, out);
			at += more;
		}
}

static void label(FILE *out, const char *before, const char *name, const char *value)
{
	fprintf(out, "%s%s=\"", before, name);
	write_value(out, value);
	fputc('"', out);
}

static void family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *image_id(const struct host_watch *entry)
{
	const char *header = "rbd_header.";

	if (entry->image && *entry->image->id)
		return entry->image->id;
	return strncmp(entry->watch->oid, header, strlen(header)) ? entry->watch->oid : entry->watch->oid + strlen(header);
}

/* The labels that join a watch's series: the client and the image. */
static void watch_labels(FILE *out, const char *name, const struct host_watch *entry)
{
	fputs(name, out);
	label(out, "{", "client", entry->address);
	label(out, ",", "image_id", image_id(entry));
}

/* ---- Watches ---- */

static void write_info(const struct host *host, FILE *out)
{
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count);
	char uid[16];

	family(out, "fenceline_image_info", "gauge", "An image that is watched, and the VM whose disk it is; always 1.");
	for (unsigned i = 0; i < count; i++) {
		const struct fl_status *head = &watches[i].page->head;
		const struct fl_status_image *image = watches[i].image;

		snprintf(uid, sizeof uid, "%u", (unsigned)watches[i].process->uid);
		watch_labels(out, "fenceline_image_info", &watches[i]);
		label(out, ",", "vm", head->vm_name);
		label(out, ",", "uuid", head->vm_uuid);
		label(out, ",", "process", head->process);
		label(out, ",", "uid", uid);
		label(out, ",", "pool", image ? image->pool : "");
		label(out, ",", "namespace", image ? image->nspace : "");
		label(out, ",", "image", image ? image->name : "");
		fputs("} 1\n", out);
	}
}

static void write_timeout(const struct host *host, FILE *out)
{
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count);
	const char *source;

	family(out, "fenceline_watch_timeout_seconds", "gauge",
	       "After how many seconds without a ping the OSD drops the watch; source tells who says so.");
	for (unsigned i = 0; i < count; i++) {
		unsigned timeout = host_timeout(host, watches[i].watch, &source);

		watch_labels(out, "fenceline_watch_timeout_seconds", &watches[i]);
		label(out, ",", "source", source);
		fprintf(out, "} %u\n", timeout);
	}
}

static double last_ack(const struct host_watch *entry)
{
	return SECONDS(entry->watch->last_ack_sent_ns);
}

static double exposition_registered(const struct host_watch *entry)
{
	return SECONDS(entry->watch->registered_ns);
}

static double unanswered(const struct host_watch *entry)
{
	return entry->unanswered;
}

static double lost(const struct host_watch *entry)
{
	return (double)entry->lost;
}

static double failed(const struct host_watch *entry)
{
	return entry->watch->error != 0;
}

static double stopped(const struct host_watch *entry)
{
	return entry->process->state == 'T';
}

static double fenced(const struct host_watch *entry)
{
	return entry->client->fenced_ns != 0;
}

static double inflight(const struct host_watch *entry)
{
	return entry->image ? entry->image->inflight : 0;
}

static double errors(const struct host_watch *entry)
{
	return entry->image ? (double)entry->image->errors : 0;
}

static double eshutdowns(const struct host_watch *entry)
{
	return entry->image ? (double)entry->image->eshutdowns : 0;
}

/* I/O that took 2^20 us (1.05 s) and longer; only what a recording has timed. */
static double slow(const struct host_watch *entry)
{
	double sum = 0;

	for (int bucket = 20; entry->image && bucket < FL_LATENCY_BUCKETS; bucket++)
		sum += (double)entry->image->latency[bucket];
	return sum;
}

static const struct {
	const char *name, *type, *help;
	double (*of)(const struct host_watch *entry);
	bool of_image; /* left out where no image is known */
} per_watch[] = {
	{ "fenceline_watch_last_ack_timestamp_seconds", "gauge", "When the newest acknowledged watch ping was sent.", last_ack,
	  false },
	{ "fenceline_watch_registered_timestamp_seconds", "gauge", "When the watch was registered.", exposition_registered,
	  false },
	{ "fenceline_watch_pings_unanswered", "gauge", "Watch pings without an answer 2 s after they were sent.", unanswered,
	  false },
	{ "fenceline_watch_pings_lost_total", "counter", "Watch pings that were not answered within 7 s.", lost, false },
	{ "fenceline_watch_failed", "gauge", "1 if the client knows that its watch has failed.", failed, false },
	{ "fenceline_process_stopped", "gauge", "1 if the process is stopped, as by SIGSTOP or a debugger.", stopped, false },
	{ "fenceline_client_fenced", "gauge", "1 if the client was told -108: it is on the blocklist.", fenced, false },
	{ "fenceline_io_in_flight", "gauge", "I/O of the image that is under way.", inflight, true },
	{ "fenceline_io_errors_total", "counter", "I/O of the image that failed.", errors, true },
	{ "fenceline_io_eshutdown_total", "counter", "I/O of the image that failed with -108.", eshutdowns, true },
	{ "fenceline_io_slow_total", "counter", "I/O of the image that took longer than a second.", slow, true },
};

static void write_per_watch(const struct host *host, FILE *out)
{
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count);

	for (size_t i = 0; i < sizeof per_watch / sizeof *per_watch; i++) {
		family(out, per_watch[i].name, per_watch[i].type, per_watch[i].help);
		for (unsigned k = 0; k < count; k++)
			if (!per_watch[i].of_image || watches[k].image) {
				watch_labels(out, per_watch[i].name, &watches[k]);
				fprintf(out, "} %.17g\n", per_watch[i].of(&watches[k]));
			}
	}
}

/* ---- OSDs: one histogram for each that this host's VMs ping, whatever their number ---- */

#define FIRST_BUCKET 6  /* below 128 us nothing is told apart */
#define LAST_BUCKET  22 /* 8.4 s; beyond is +Inf */

static void write_histogram(const struct host_osd *osd, FILE *out)
{
	uint64_t sum = 0;

	for (int bucket = 0; bucket <= LAST_BUCKET; bucket++) {
		sum += osd->rtt[bucket];
		if (bucket < FIRST_BUCKET)
			continue;
		fputs("fenceline_watch_ping_rtt_seconds_bucket", out);
		label(out, "{", "osd", osd->address);
		fprintf(out, ",le=\"%g\"} %" PRIu64 "\n", (double)(UINT64_C(2) << bucket) / 1e6, sum);
	}
	fputs("fenceline_watch_ping_rtt_seconds_bucket", out);
	label(out, "{", "osd", osd->address);
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", osd->answered);
	fputs("fenceline_watch_ping_rtt_seconds_sum", out);
	label(out, "{", "osd", osd->address);
	fprintf(out, "} %.17g\nfenceline_watch_ping_rtt_seconds_count", SECONDS(osd->rtt_sum_ns));
	label(out, "{", "osd", osd->address);
	fprintf(out, "} %" PRIu64 "\n", osd->answered);
}

static unsigned processes(const struct host_osd *osd)
{
	return osd->vms;
}

static unsigned slow_processes(const struct host_osd *osd)
{
	return osd->slow;
}

static void write_processes(const struct host *host, const char *name, const char *help,
                            unsigned (*of)(const struct host_osd *osd), FILE *out)
{
	unsigned count;
	const struct host_osd *osds = host_osds(host, &count);

	family(out, name, "gauge", help);
	for (unsigned i = 0; i < count; i++) {
		fputs(name, out);
		label(out, "{", "osd", osds[i].address);
		fprintf(out, "} %u\n", of(&osds[i]));
	}
}

static void write_osds(const struct host *host, FILE *out)
{
	unsigned count;
	const struct host_osd *osds = host_osds(host, &count);

	family(out, "fenceline_watch_ping_rtt_seconds", "histogram", "Round trips of watch pings, by the OSD that answered.");
	for (unsigned i = 0; i < count; i++)
		write_histogram(&osds[i], out);
	family(out, "fenceline_osd_pings_lost_total", "counter", "Watch pings that this OSD did not answer within 7 s.");
	for (unsigned i = 0; i < count; i++) {
		fputs("fenceline_osd_pings_lost_total", out);
		label(out, "{", "osd", osds[i].address);
		fprintf(out, "} %" PRIu64 "\n", osds[i].lost);
	}
	write_processes(host, "fenceline_osd_processes", "Processes of this host that have pinged the OSD.", processes, out);
	write_processes(host, "fenceline_osd_slow_processes",
	                "Of these, those whose last ping took 50 ms or longer, or has waited longer than 2 s.", slow_processes,
	                out);
}

/* ---- The host and the recorder ---- */

static void single(FILE *out, const char *name, const char *type, double value, const char *help)
{
	family(out, name, type, help);
	fprintf(out, "%s %.17g\n", name, value);
}

static void write_totals(const struct host *host, FILE *out)
{
	const struct host_totals *totals = host_totals(host);

	single(out, "fenceline_processes", "gauge", totals->processes, "Processes under the shim that have a status page.");
	single(out, "fenceline_status_pages_unreadable", "gauge", totals->unreadable,
	       "Status pages of another version, or damaged.");
	single(out, "fenceline_status_pages_conflicting", "gauge", totals->conflicting,
	       "Watches that a second process claims as its own; they are not shown.");
	single(out, "fenceline_fences_total", "counter", (double)totals->fences, "Clients of this host that were told -108.");
	single(out, "fenceline_blocklists_sent_total", "counter", (double)totals->blocklists_sent,
	       "Blocklist commands that processes of this host have sent.");
	family(out, "fenceline_near_misses_total", "counter",
	       "Pings that stayed unanswered or watches that failed, without a fence.");
	fprintf(out, "fenceline_near_misses_total{kind=\"pings-lost\"} %" PRIu64 "\n", totals->near_miss_pings);
	fprintf(out, "fenceline_near_misses_total{kind=\"watch-error\"} %" PRIu64 "\n", totals->near_miss_errors);
}

static void write_recorder(const struct host *host, const struct recorder_state *recorder, FILE *out)
{
	family(out, "fenceline_build_info", "gauge", "The version of the recorder; always 1.");
	fputs("fenceline_build_info{version=\"" FENCELINE_VERSION "\"} 1\n", out);
	single(out, "fenceline_recorder_up", "gauge", recorder->recording,
	       "1 if the recorder records: its LTTng session is active.");
	single(out, "fenceline_recorder_start_time_seconds", "gauge", SECONDS(recorder->started_ns), "When the recorder began.");
	single(out, "fenceline_recorder_look_timestamp_seconds", "gauge", SECONDS(host_now(host)),
	       "When the status pages were read last.");
	single(out, "fenceline_lost_events_total", "counter", (double)recorder->lost_events,
	       "Trace events that LTTng discarded.");
	single(out, "fenceline_incidents_total", "counter", (double)recorder->incidents,
	       "Incident folders that the recorder has written.");
	single(out, "fenceline_vms_without_shim", "gauge", recorder->vms_without_shim,
	       "Running QEMUs with librbd in them and no shim.");
}

void exposition_write(const struct host *host, const struct recorder_state *recorder, FILE *out)
{
	if (recorder)
		write_recorder(host, recorder, out);
	write_totals(host, out);
	write_info(host, out);
	write_timeout(host, out);
	write_per_watch(host, out);
	write_osds(host, out);
}

int exposition_textfile(const struct host *host, const struct recorder_state *recorder, const char *folder)
{
	char path[PATH_MAX], beside[PATH_MAX + 8];
	int fd, status = 0;
	FILE *out;

	snprintf(path, sizeof path, "%s/fenceline.prom", folder);
	snprintf(beside, sizeof beside, "%s.new", path); /* the collector reads *.prom alone */
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		return -errno;
	fchmod(fd, 0644); /* whatever the umask: the collector is another user */
	exposition_write(host, recorder, out);
	if (ferror(out))
		status = -EIO;
	if (fclose(out) && !status)
		status = -errno;
	if (!status && rename(beside, path))
		status = -errno;
	if (status)
		unlink(beside);
	return status;
}
