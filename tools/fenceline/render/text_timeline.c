/* SPDX-License-Identifier: MIT */
#include "render/text_timeline.h"
#include "render/formats.h"
#include "render/text.h"
#include "render/text_fold.h"
#include "render/text_verdict.h"
#include "render/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Columns: "  21:41:07.123  -12.345s  X  " */
#define COLUMN_REL   10
#define COLUMN_WORDS (2 + 12 + 2 + COLUMN_REL + 2 + 1 + 2)

static bool is_vm(const struct process *process)
{
	return process && process->vm_name;
}

static const struct incident *incident_of(const struct view *view, const struct client *client)
{
	for (size_t i = 0; i < view->incident_count; i++)
		if (view->incidents[i]->client == client)
			return view->incidents[i];
	return NULL;
}

/* The model already puts snapshots, broken locks and blocklist commands into the story of every image that they concern.
 * What is left is how others took the lock, or did not get it. */
static bool concerns_image(const struct timeline_entry *entry)
{
	return entry->kind == TL_LOCK_ACQUIRED || entry->kind == TL_LOCK_LOST ||
	       (entry->kind == TL_LOCK_CHECKED && entry->lock.result < 0);
}

/* The VM's image that this open of it by a process that is no VM can be told with; a fenced one has a section of its own. */
static bool is_guest_of(const struct view *view, const struct view_vm *vm, const struct view_image *guest,
                        const struct view_image *image)
{
	return !is_vm(vm->process) && guest->image && image->image && guest != image && image_same(guest->image, image->image) &&
	       !incident_of(view, guest->client);
}

static bool has_host_section(const struct view *view, const struct view_vm *vm, const struct view_image *guest)
{
	for (size_t i = 0; i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++) {
			const struct view_image *image = &view->vms[i].images[j];
			bool hosts = is_vm(view->vms[i].process) || incident_of(view, image->client);
			if (hosts && is_guest_of(view, vm, guest, image))
				return true;
		}
	return false;
}

/* Nothing but the beginning and end of a process that did nothing to an image. */
static bool is_worth_a_section(const struct view *view, const struct view_vm *vm, const struct view_image *image)
{
	if (is_vm(vm->process) || incident_of(view, image->client))
		return true;
	for (size_t i = 0; i < image->count; i++)
		if (!(image->events[i]->kind == TL_STATE && image->events[i]->state.said == STATE_COUNTS) &&
		    image->events[i]->kind != TL_IMAGE_OPEN && image->events[i]->kind != TL_IMAGE_CLOSE &&
		    image->events[i]->kind != TL_WATCH_REGISTERED && image->events[i]->kind != TL_WATCH_UNREGISTERED)
			return true;
	return false;
}

/* ---- one section's events ---- */

static int compare_events(const void *a, const void *b)
{
	const struct text_event *x = a, *y = b;

	if (x->entry->ts_ns != y->entry->ts_ns)
		return x->entry->ts_ns < y->entry->ts_ns ? -1 : 1;
	return (x->by != NULL) - (y->by != NULL);
}

/* librbd notifies itself, too. */
static bool is_own_notify(const struct view_image *image, const struct timeline_entry *entry)
{
	return entry->kind == TL_NOTIFY && entry->notify.notifier_gid && entry->notify.notifier_gid == image->client->global_id;
}

/* The placeholder for a VM that only a log names: its story stands with the client that it turned out to be. */
static bool is_shown_elsewhere(const struct view *view, const struct client *client)
{
	for (size_t i = 0; i < view->incident_count; i++)
		if (view->incidents[i]->log_holder == client)
			return true;
	return false;
}

static size_t gather_logged(const struct view *view, const struct view_image *own, struct text_event *events)
{
	const struct incident *incident = incident_of(view, own->client);
	size_t count = 0;

	for (size_t i = 0; incident && incident->log_holder && i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++) {
			const struct view_image *logged = &view->vms[i].images[j];
			for (size_t k = 0; logged->client == incident->log_holder && k < logged->count; k++, count++)
				if (events)
					events[count] = (struct text_event){ logged->events[k], NULL };
		}
	return count;
}

static bool while_pings_were_lost(const struct incident *incident, int64_t ts_ns)
{
	return incident && incident->last_ping_ack_ns && ts_ns >= incident->last_ping_ack_ns && ts_ns <= incident_ns(incident);
}

/* Deletions beside the lost pings: what OSDs said of removed snapshots in this image's snapshot windows, and from its last
 * answered ping to its fence. */
static size_t gather_cluster(const struct view *view, const struct view_image *own, struct text_event *events)
{
	const struct view_vm *last = view->count ? &view->vms[view->count - 1] : NULL;
	const struct view_image *cluster = last && last->count && last->images[0].cluster ? &last->images[0] : NULL;
	size_t count = 0;

	for (size_t i = 0; cluster && cluster != own && i < cluster->count; i++) {
		if (!view_in_snapshot_window(own, cluster->events[i]->ts_ns) &&
		    !while_pings_were_lost(incident_of(view, own->client), cluster->events[i]->ts_ns))
			continue;
		if (events)
			events[count] = (struct text_event){ cluster->events[i], NULL };
		count++;
	}
	return count;
}

static bool is_recorders(const struct timeline_entry *entry)
{
	return entry->kind == TL_WINDOW_BEGIN || entry->kind == TL_WINDOW_END || entry->kind == TL_RECORDING_GAP;
}

/* Is it of this host's recorder, and of nothing else? */
static bool is_recorder_of(const struct view_image *image, const struct process *process)
{
	if (image->image || !image->count || !image->client->process || !process ||
	    strcmp(image->client->process->host, process->host) != 0)
		return false;
	for (size_t i = 0; i < image->count; i++)
		if (!is_recorders(image->events[i]))
			return false;
	return true;
}

/* Windows and gaps are the host's: each of its VMs' stories has them. */
static size_t gather_recorder(const struct view *view, const struct view_image *own, struct text_event *events)
{
	size_t count = 0;

	if (!is_vm(own->client->process))
		return 0;
	for (size_t i = 0; i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++) {
			const struct view_image *recorder = &view->vms[i].images[j];
			for (size_t k = 0; is_recorder_of(recorder, own->client->process) && k < recorder->count; k++, count++)
				if (events)
					events[count] = (struct text_event){ recorder->events[k], NULL };
		}
	return count;
}

static bool has_vm_beside(const struct view *view, const struct view_image *recorder)
{
	for (size_t i = 0; i < view->count; i++)
		if (is_vm(view->vms[i].process) && is_recorder_of(recorder, view->vms[i].process))
			return true;
	return false;
}

/* With `events` NULL it only counts. */
static size_t timeline_gather(const struct view *view, const struct view_image *own, struct text_event *events)
{
	size_t count = 0;

	for (size_t i = 0; i < own->count; i++) {
		if (is_own_notify(own, own->events[i]))
			continue;
		if (events)
			events[count] = (struct text_event){ own->events[i], NULL };
		count++;
	}
	for (size_t i = 0; i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++) {
			const struct view_image *guest = &view->vms[i].images[j];
			if (!is_guest_of(view, &view->vms[i], guest, own))
				continue;
			for (size_t k = 0; k < guest->count; k++) {
				if (!concerns_image(guest->events[k]))
					continue;
				if (events)
					events[count] = (struct text_event){ guest->events[k], view->vms[i].process };
				count++;
			}
		}
	count += gather_logged(view, own, events ? events + count : NULL);
	count += gather_recorder(view, own, events ? events + count : NULL);
	return count + gather_cluster(view, own, events ? events + count : NULL);
}

/* ---- printing ---- */

static const char *uid_words(const struct process *process, char buf[24])
{
	buf[0] = '\0';
	if (process->owner)
		snprintf(buf, 24, "   uid %" PRIu32, process->owner - 1);
	return buf;
}

static void print_vm_line(const struct text *text, const struct view_vm *vm)
{
	const struct process *process = vm->process;
	char words[3 * TEXT_NAME], who[TEXT_NAME], uid[24];

	if (is_vm(process) && !process->pid)
		snprintf(words, sizeof words, "VM %s   %s%s%s%s%s%s(known from logs only)", process->vm_name,
		         process->vm_uuid ? "uuid " : "", process->vm_uuid ? process->vm_uuid : "", process->vm_uuid ? "   " : "",
		         *process->host ? "host " : "", process->host, *process->host ? "   " : "");
	else if (is_vm(process))
		snprintf(words, sizeof words, "VM %s   uuid %s   %s%s%spid %" PRIu32 "%s", process->vm_name,
		         process->vm_uuid && *process->vm_uuid ? process->vm_uuid : "unknown", *process->host ? "host " : "",
		         process->host, *process->host ? "   " : "", process->pid, uid_words(process, uid));
	else if (vm->images[0].cluster)
		snprintf(words, sizeof words, "The cluster: what OSDs and monitors say");
	else
		snprintf(words, sizeof words, "%s", process ? text_process(process, who) : "Known from logs only");
	text_wrap(text, 3, INK_BOLD, words);
}

static void print_image_line(const struct text *text, const struct view_image *image, int64_t zero_ns,
                             const struct incident *incident)
{
	bool fenced = incident && incident->blocklist;
	const struct client *client = image->client;
	char name[TEXT_NAME], words[3 * TEXT_NAME], date[TEXT_BUF];
	size_t length = 0;

	if (incident && incident->vm && incident->vm->vm_name)
		length += (size_t)snprintf(words + length, sizeof words - length, "VM %.256s, by time   ", incident->vm->vm_name);
	if (image->image && !*image->image->name)
		length += (size_t)snprintf(words + length, sizeof words - length, "image id %s   ", image->image->id);
	else if (image->image)
		length += (size_t)snprintf(words + length, sizeof words - length, "image %s%s%s%s   ",
		                           text_image(image->image, name), *image->image->id ? " (id " : "", image->image->id,
		                           *image->image->id ? ")" : "");
	if (client->global_id)
		length += (size_t)snprintf(words + length, sizeof words - length, "client.%" PRIu64 "   ", client->global_id);
	snprintf(words + length, sizeof words - length, "%s",
	         image->cluster          ? "(not of one image)"
	         : *client->address_text ? client->address_text
	                                 : "(the log names no client)");
	fputs("   ", text->out);
	text_wrap(text, 3, INK_PLAIN, words);
	if (zero_ns)
		fprintf(text->out, "   %s%s UTC; relative times count from %s%s\n", ink(text, INK_DIM), text_date(zero_ns, date),
		        fenced                                        ? "the blocklist command"
		        : incident && incident->first_eshutdown.ts_ns ? "the first -108"
		        : incident                                    ? "about when it was fenced"
		                                                      : "the first event",
		        ink_off(text));
}

static void print_line(const struct text *text, const struct text_line *line, int64_t zero_ns)
{
	char clock[TEXT_BUF], relative[TEXT_BUF];
	enum ink colour = ink_of(line->severity);

	snprintf(clock, sizeof clock, "%-12s", "no time");
	*relative = '\0';
	if (line->ts_ns) {
		text_clock(line->ts_ns, clock);
		text_relative(line->ts_ns - zero_ns, relative);
	}
	fprintf(text->out, "  %s%s%s  %*s  %s%s%s  ", ink(text, INK_DIM), clock, ink_off(text), COLUMN_REL, relative,
	        ink(text, colour), mark_of(text, line->severity), ink_off(text));
	text_wrap(text, COLUMN_WORDS, line->severity >= SEV_WARNING ? colour : INK_PLAIN, line->words);
}

static int64_t first_time(const struct text_lines *lines)
{
	size_t first = 0;

	while (first < lines->count && !lines->list[first].ts_ns)
		first++;
	return first < lines->count ? lines->list[first].ts_ns : 0;
}

static void print_lines(const struct text *text, const struct text_lines *lines, int64_t zero_ns)
{
	char day[TEXT_BUF], last[TEXT_BUF];

	text_date(zero_ns ? zero_ns : first_time(lines), last);
	for (size_t i = 0; i < lines->count; i++) {
		if (lines->list[i].ts_ns && strcmp(text_date(lines->list[i].ts_ns, day), last))
			fprintf(text->out, "  %s%s%s\n", ink(text, INK_DIM), strcpy(last, day), ink_off(text));
		print_line(text, &lines->list[i], zero_ns);
	}
	if (!lines->count)
		fputs("  (no events in this time)\n", text->out);
}

static int print_section(const struct text *text, const struct view *view, const struct view_image *image)
{
	const struct incident *incident = incident_of(view, image->client);
	size_t count = timeline_gather(view, image, NULL);
	struct text_event *events = calloc(count + 1, sizeof *events);
	struct text_lines lines = { 0 };
	int64_t zero_ns = 0;
	int error = -ENOMEM;

	if (events) {
		timeline_gather(view, image, events);
		qsort(events, count, sizeof *events, compare_events);
		error = text_fold(text, events, count, &lines);
	}
	if (!error) {
		zero_ns = incident ? incident_ns(incident) : first_time(&lines);
		print_image_line(text, image, zero_ns, incident);
		print_lines(text, &lines, zero_ns);
		fputc('\n', text->out);
	}
	text_lines_free(&lines);
	free(events);
	return error;
}

static int print_vm(const struct text *text, const struct view *view, const struct view_vm *vm)
{
	bool shown = false;

	for (size_t i = 0; i < vm->count; i++) {
		const struct view_image *image = &vm->images[i];
		if (has_host_section(view, vm, image) || !is_worth_a_section(view, vm, image) ||
		    is_shown_elsewhere(view, image->client) || has_vm_beside(view, image))
			continue;
		if (!shown)
			print_vm_line(text, vm);
		shown = true;
		if (print_section(text, view, image))
			return -ENOMEM;
	}
	return 0;
}

static int64_t view_begin(const struct report *report)
{
	return report->since_ns > report->model->first_ns ? report->since_ns : report->model->first_ns;
}

static void print_clock(const struct text *text, const struct clock_offset *clock)
{
	char offset[TEXT_BUF];

	text_relative(clock->offset_ns, offset);
	fputs("   ", text->out);
	if (clock->by)
		text_wrapf(text, 3, INK_YELLOW,
		           "the clock of %s disagrees: %s added to its times, estimated from %zu event%s that %s saw, too; "
		           "--clock-offset overrides",
		           clock->host, offset, clock->samples, clock->samples == 1 ? "" : "s", clock->by->path);
	else
		text_wrapf(text, 3, INK_DIM, "%s added to the times of %s, as asked for", offset, clock->host);
}

/* -108 that a log tells of without a time: nobody can say which fence that was. */
static void print_undated(const struct text *text, const struct model *model)
{
	for (const struct failure_run *run = model->failures; run; run = run->next) {
		if (run->begin_ns || run->result != -ESHUTDOWN)
			continue;
		fputs("   ", text->out);
		text_wrapf(text, 3, INK_YELLOW, "%s tells of -108 without a time (%" PRIu64 " line%s): %s",
		           text_source(text, run->source->path), run->lines, run->lines == 1 ? "" : "s", run->text);
	}
}

static void print_head(const struct text *text, const struct report *report, const struct view *view)
{
	const struct model *model = report->model;
	char begin[TEXT_BUF], end[TEXT_BUF];
	int64_t begin_ns = view_begin(report), end_ns = report->until_ns < model->last_ns ? report->until_ns : model->last_ns;
	bool outside = begin_ns > end_ns; /* nothing of the inputs was asked for: what they hold is said instead */

	fprintf(text->out, "%sfenceline%s  ", ink(text, INK_BOLD), ink_off(text));
	if (!model->first_ns) {
		fputs(text_is_empty(model) ? "no events" : "no event with a time", text->out);
		if (view->incident_count)
			fprintf(text->out, "  %zu incident%s", view->incident_count, view->incident_count == 1 ? "" : "s");
		fputc('\n', text->out);
	} else {
		text_wrapf(text, 11, INK_PLAIN, "%s to %s UTC  %zu input%s, %zu incident%s, %zu near miss%s",
		           text_moment(outside ? model->first_ns : begin_ns, begin),
		           text_moment(outside ? model->last_ns : end_ns, end), report->source_count,
		           report->source_count == 1 ? "" : "s", view->incident_count, view->incident_count == 1 ? "" : "s",
		           view->near_miss_count, view->near_miss_count == 1 ? "" : "es");
	}
	if (text->folder_length) {
		fputs("   ", text->out);
		text_wrapf(text, 3, INK_DIM, "inputs in %.*s", (int)text->folder_length, text->folder);
	}
	if (model->lost_events)
		text_wrapf(text, 3, INK_YELLOW,
		           "%s  the tracer discarded %" PRIu64 " event%s: what is not shown may have happened all the same",
		           mark_of(text, SEV_WARNING), model->lost_events, model->lost_events == 1 ? "" : "s");
	if (model->orphans)
		fprintf(text->out, "%s  %" PRIu64 " call%s begun and never ended, or ended and never begun%s\n",
		        ink(text, INK_DIM), model->orphans, model->orphans == 1 ? "" : "s", ink_off(text));
	for (size_t i = 0; i < report->source_count; i++)
		if (report->sources[i]->tz_from && !strcmp(report->sources[i]->tz_from, "assumed")) {
			fputs("   ", text->out);
			text_wrapf(text, 3, INK_DIM, "the times in %s carry no zone: taken as UTC; --tz names another",
			           text_source(text, report->sources[i]->path));
		}
	for (const struct clock_offset *clock = model->clocks; clock; clock = clock->next)
		print_clock(text, clock);
	print_undated(text, model);
	fputc('\n', text->out);
}

int text_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	struct text text = text_of(report, style, out);
	struct view view;
	int error = view_open(report, &view);

	if (error)
		return error;
	print_head(&text, report, &view);
	for (size_t i = 0; i < view.count && !error; i++)
		error = print_vm(&text, &view, &view.vms[i]);
	if (!error)
		text_verdicts(&text, report, &view);
	view_close(&view);
	return error ? error : ferror(out) ? -EIO : 0;
}

int text_incidents(const struct report *report, const struct render_style *style, FILE *out)
{
	struct text text = text_of(report, style, out);
	struct view view;
	int error = view_open_verdicts(report, &view);

	if (error)
		return error;
	print_head(&text, report, &view);
	text_verdicts(&text, report, &view);
	view_close(&view);
	return ferror(out) ? -EIO : 0;
}
