/* SPDX-License-Identifier: MIT */
#include "metrics/top.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- For a person ---- */

static int64_t age_ns(const struct host *host, const struct host_watch *entry)
{
	int64_t since = entry->watch->last_ack_sent_ns ?: entry->watch->registered_ns;

	return since ? host_now(host) - since : 0;
}

static const struct host *sorted_host; /* of the qsort that runs: qsort_r has two forms in the world */

static int worst_first(const void *a, const void *b)
{
	const struct host_watch *x = *(const struct host_watch *const *)a, *y = *(const struct host_watch *const *)b;
	int64_t difference = (y->client->fenced_ns != 0) - (x->client->fenced_ns != 0);

	difference = difference ?: (int64_t)y->unanswered - x->unanswered;
	if (!difference && x->unanswered)
		difference = age_ns(sorted_host, y) - age_ns(sorted_host, x);
	difference = difference ?: strcmp(x->page->head.vm_name, y->page->head.vm_name);
	return difference < 0 ? -1 : difference > 0;
}

/* A name is the process's own word: what would move the cursor is shown as '?'. */
static void top_put(FILE *out, int width, const char *text)
{
	int column = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at && column < width; at++) {
		fputc(*at < 0x20 || *at == 0x7f ? '?' : *at, out);
		column += (*at & 0xc0) != 0x80;
	}
	fprintf(out, "%*s ", width - column, "");
}

/* No sign of its watch for longer than the OSD's timeout, though no ping waits for an answer: none was sent, or none was seen. */
static bool is_silent(const struct host *host, const struct host_watch *entry)
{
	const char *source;

	return age_ns(host, entry) > (int64_t)host_timeout(host, entry->watch, &source) * 1000000000;
}

static const char *state_of(const struct host *host, const struct host_watch *entry)
{
	if (entry->client->fenced_ns)
		return "FENCED";
	if (entry->process->state == 'T')
		return "stopped";
	if (entry->watch->error)
		return "watch failed";
	if (entry->unanswered)
		return "pings unanswered";
	return is_silent(host, entry) ? "silent" : "ok";
}

static const char *colour_of(const struct host *host, const struct host_watch *entry)
{
	if (entry->client->fenced_ns || entry->unanswered > 1)
		return "\033[31m";
	if (entry->unanswered || entry->watch->error || entry->process->state == 'T' || is_silent(host, entry))
		return "\033[33m";
	return "";
}

static void print_row(const struct host *host, const struct host_watch *entry, bool coloured, FILE *out)
{
	const struct fl_status *head = &entry->page->head;
	const char *source, *colour = coloured ? colour_of(host, entry) : "";
	double age = (double)age_ns(host, entry) / 1e9, left = host_timeout(host, entry->watch, &source) - age;
	char image[400], rtt[16] = "-";

	snprintf(image, sizeof image, "%s%s%s", entry->image ? entry->image->pool : "", entry->image ? "/" : "",
	         entry->image ? entry->image->name : entry->watch->oid);
	if (entry->watch->last_rtt_ns)
		snprintf(rtt, sizeof rtt, "%.1f", (double)entry->watch->last_rtt_ns / 1e6);
	fputs(colour, out);
	top_put(out, 20, *head->vm_name ? head->vm_name : head->process);
	top_put(out, 26, image);
	fprintf(out, "%7.1f %7u %6.1f %6u ", age, entry->unanswered, left > 0 ? left : 0,
	        entry->image ? entry->image->inflight : 0);
	fprintf(out, "%7s ", rtt);
	top_put(out, 21, *entry->watch->osd ? entry->watch->osd : "-");
	fprintf(out, "%s%s\n", state_of(host, entry), *colour ? "\033[0m" : "");
}

void top_text(const struct host *host, FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");
	bool coloured = isatty(fileno(out)) && !(no_colour && *no_colour);
	const struct host_totals *totals = host_totals(host);
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count), **order = calloc(count + 1, sizeof *order);

	fprintf(out, "%u process%s under the shim, %u watch%s; %" PRIu64 " fenced since they began\n", totals->processes,
	        totals->processes == 1 ? "" : "es", count, count == 1 ? "" : "es", totals->fences);
	if (totals->unreadable)
		fprintf(out, "%u more are of another version of fenceline and cannot be read\n", totals->unreadable);
	if (totals->not_understood) {
		fprintf(out, "%u of them not wholly recorded, their Ceph has layouts that the shim does not know: ",
		        totals->not_understood);
		top_put(out, 120, totals->not_understood_what);
		fputc('\n', out);
	}
	if (totals->conflicting)
		fprintf(out, "%u watch%s claimed by a second process, not shown\n", totals->conflicting,
		        totals->conflicting == 1 ? " is" : "es are");
	if (!count || !order) {
		if (!totals->processes)
			fputs("No process under the shim has opened an image yet; `fenceline doctor` tells what is missing.\n",
			      out);
		free(order);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		order[i] = &watches[i];
	sorted_host = host;
	qsort(order, count, sizeof *order, worst_first);
	fprintf(out, "\n%-20s %-26s %7s %7s %6s %6s %7s %-21s %s\n", "VM", "IMAGE", "ACK s", "UNANSW", "LEFT s", "I/O", "RTT ms",
	        "OSD", "STATE");
	for (unsigned i = 0; i < count; i++)
		print_row(host, order[i], coloured, out);
	free(order);
}

/* ---- For a program ---- */

/* A name that is no UTF-8 is shown with '?' for each byte beyond ASCII. */
static json_t *text_or_null(const char *text)
{
	json_t *json = *text ? json_string(text) : json_null();
	char copy[512];

	if (json)
		return json;
	snprintf(copy, sizeof copy, "%s", text);
	for (char *at = copy; *at; at++)
		if (*at & 0x80)
			*at = '?';
	return json_string(copy);
}

static json_t *time_or_null(int64_t ns)
{
	return ns ? json_integer(ns) : json_null();
}

static json_t *watch_json(const struct host *host, const struct host_watch *entry)
{
	const struct fl_status_watch *watch = entry->watch;
	const char *source;
	unsigned timeout = host_timeout(host, watch, &source);

	return json_pack("{s:o, s:I, s:o, s:o, s:i, s:o, s:I, s:i, s:s, s:i, s:o, s:o}", "object", text_or_null(watch->oid),
	                 "cookie", (json_int_t)watch->cookie, "registered_ns", time_or_null(watch->registered_ns), "last_ack_ns",
	                 time_or_null(watch->last_ack_sent_ns), "unanswered", (int)entry->unanswered, "unanswered_since_ns",
	                 time_or_null(entry->unanswered_since_ns), "lost", (json_int_t)entry->lost, "timeout_s", (int)timeout,
	                 "timeout_from", source, "error", (int)watch->error, "osd", text_or_null(watch->osd), "rtt_ns",
	                 time_or_null((int64_t)watch->last_rtt_ns));
}

static json_t *image_json(const struct host *host, const struct host_watch *entry)
{
	const struct fl_status_image *image = entry->image;
	json_t *json = json_object();

	json_object_set_new(json, "image",
	                    image ? json_pack("{s:o, s:o, s:o, s:o}", "pool", text_or_null(image->pool), "namespace",
	                                      text_or_null(image->nspace), "name", text_or_null(image->name), "id",
	                                      text_or_null(image->id))
	                          : json_null());
	json_object_set_new(json, "client",
	                    json_pack("{s:I, s:o, s:o}", "global_id", (json_int_t)entry->client->global_id, "address",
	                              text_or_null(entry->address), "fenced_ns", time_or_null(entry->client->fenced_ns)));
	json_object_set_new(json, "inflight", json_integer(image ? image->inflight : 0));
	json_object_set_new(json, "errors", json_integer(image ? (json_int_t)image->errors : 0));
	json_object_set_new(json, "watch", watch_json(host, entry));
	return json;
}

static json_t *process_json(const struct host *host, const struct host_watch *watches, unsigned count, unsigned first)
{
	const struct fl_status *head = &watches[first].page->head;
	const struct status_process *process = watches[first].process;
	json_t *images = json_array();

	for (unsigned i = first; i < count; i++)
		if (watches[i].process == process)
			json_array_append_new(images, image_json(host, &watches[i]));
	return json_pack("{s:{s:o, s:o, s:o, s:i, s:i}, s:o, s:b, s:o}", "vm", "name", text_or_null(head->vm_name), "uuid",
	                 text_or_null(head->vm_uuid), "host", text_or_null(head->host), "pid", (int)process->pid, "uid",
	                 (int)process->uid, "process", text_or_null(head->process), "stopped", process->state == 'T', "images",
	                 images);
}

void top_json(const struct host *host, FILE *out)
{
	const struct host_totals *totals = host_totals(host);
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count);
	json_t *vms = json_array(), *json;

	for (unsigned i = 0; i < count; i++)
		if (!i || watches[i].process != watches[i - 1].process) /* a process's watches stand together */
			json_array_append_new(vms, process_json(host, watches, count, i));
	json = json_pack("{s:s, s:I, s:i, s:i, s:i, s:i, s:o}", "schema", "fenceline/top/1", "now_ns", (json_int_t)host_now(host),
	                 "processes", (int)totals->processes, "unreadable", (int)totals->unreadable, "conflicting",
	                 (int)totals->conflicting, "not_understood", (int)totals->not_understood, "vms", vms);
	json_dumpf(json, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(json);
}
