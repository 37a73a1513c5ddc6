/* SPDX-License-Identifier: MIT */
/*
 * I/O that failed, as logs tell it: QEMU's, the guest's kernel's, librbd's, an OSD's. Such a line names the VM (mostly by the
 * log's own path), or the image, or the client, or nobody. Who it was that failed is found here by name; by time it is
 * correlate/'s.
 */
#include "model/failures.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/fences.h"
#include "model/handlers.h"
#include "model/image.h"
#include "model/logged.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"
#include "model/sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So much of a line, with its end, is kept for the timeline. */
#define ENTRY_TEXT 401

/* An OSD's line begins with half a screen about the placement group. */
static const char *words_of(const struct io_failure *failure)
{
	const char *what = failure->layer == LAYER_OSD ? strstr(failure->text, "do_op ") : NULL;

	return what ? what : failure->text;
}

static bool failures_continues(const struct model *model, const struct failure_run *run, const struct event *event,
                               const struct client *client)
{
	const struct io_failure *failure = &event->failure;

	return same_log(run->source, event->source) && run->layer == failure->layer && run->result == failure->result &&
	       run->client == client && !blocklist_since(model, run->after, client) && !strcmp(run->device, failure->device) &&
	       event->ts_ns - run->end_ns <= FAILURE_GAP_NS;
}

static struct failure_run *run_find(struct model *model, const struct event *event, const struct client *client)
{
	struct open_calls *open = &model->private->open_failures;

	for (size_t i = open->count; i-- > 0;) {
		struct failure_run *run = open->calls[i];
		if (failures_continues(model, run, event, client))
			return run;
		if (event->ts_ns - run->end_ns > FAILURE_GAP_NS)
			open_calls_remove(open, run);
	}
	return NULL;
}

static struct failure_run *run_add(struct model *model, const struct event *event, struct client *client)
{
	const struct io_failure *failure = &event->failure;
	struct failure_run *run = model_alloc(model, sizeof(*run));

	if (!run)
		return NULL;
	run->begin_ns = event->ts_ns;
	run->layer = failure->layer;
	run->result = failure->result;
	run->op = failure->op;
	run->offset = failure->offset;
	run->length = failure->length;
	run->image_id = model_strdup(model, failure->image_id);
	run->device = model_strdup(model, failure->device);
	run->text = model_strdup(model, words_of(failure));
	address_parse(failure->address, &run->address);
	run->client = client;
	run->source = event->source;
	if (model->private->failure_tail)
		model->private->failure_tail->next = run;
	else
		model->failures = run;
	model->private->failure_tail = run;
	model->private->prunable++;
	open_calls_add(model, &model->private->open_failures, run);
	return run;
}

static void add_entry(struct model *model, const struct event *event, struct client *client)
{
	const struct io_failure *failure = &event->failure;
	struct image *image = model->private->options.keep_entries ? image_of_serial(model, client, 0) : NULL;
	char text[ENTRY_TEXT];

	snprintf(text, sizeof(text), "%s", words_of(failure));
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = TL_GUEST_ERROR,
	                                    .source = event->source,
	                                    .guest = { failure->device, text, failure->offset, failure->length, failure->result,
	                                               failure->op, (uint8_t)failure->layer } });
}

void failure_told(struct model *model, const struct event *event)
{
	const struct io_failure *failure = &event->failure;
	struct failure_run *run;
	struct client *client;

	if (failure->gid || *failure->address)
		client = client_logged(model, failure->gid, failure->address, event);
	else
		client = client_of_log(model, failure->vm_name, failure->vm_uuid, event->source);
	if (!client)
		return;
	if (((struct client_record *)client)->log && failure->result == -ESHUTDOWN)
		vm_failed(model, client, event->source);
	((struct client_record *)client)->failed = true;
	if (told_twice(model, event, hash_text(hash_number(FACT_io_failure, failure->layer), failure->text)))
		return;
	run = run_find(model, event, client);
	if (!run)
		run = run_add(model, event, client);
	if (!run)
		return;
	run->after = model->private->blocklist_tail;
	run->end_ns = event->ts_ns;
	run->lines++;
	run->ios += failure->io;
	run->bytes += failure->io ? failure->length : 0;
	add_entry(model, event, client);
}

/* ---- at the end: who that was ---- */

static int64_t failures_distance(const struct client *client, int64_t at_ns)
{
	if (!at_ns || at_ns > client->last_ns)
		return at_ns ? at_ns - client->last_ns : 0;
	return at_ns < client->first_ns ? client->first_ns - at_ns : 0;
}

static bool was_fenced(const struct model *model, const struct client *client, int64_t at_ns)
{
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (!strcmp(action->op, "add") && blocklist_reaches(action, client) && action->ts_ns <= at_ns + CLOCK_SLACK_NS)
			return true;
	return false;
}

/* Its own trace has them. */
static bool has_failed_then(const struct client *client, int64_t at_ns)
{
	for (const struct image *image = client->images; image; image = image->next)
		for (const struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next)
			if (at_ns >= run->begin_ns - CLOCK_SLACK_NS && at_ns <= run->end_ns + CLOCK_SLACK_NS)
				return true;
	return false;
}

static int likelihood(const struct model *model, const struct client *client, int64_t at_ns)
{
	return 2 * has_failed_then(client, at_ns) + was_fenced(model, client, at_ns);
}

/* Neither fenced nor refused anything by its own trace, and answered with 0 long after it: another process of the VM failed. */
static bool lived_on(const struct model *model, const struct client *client, int64_t at_ns)
{
	return at_ns && !likelihood(model, client, at_ns) && client_was_answered(client, at_ns + WATCH_OVERDUE_NS, INT64_MAX);
}

/* Which client of the VM that a log names it was: the one that lived then (a VM may have been started anew), rather one whose
 * trace has the failure, too, or that was fenced (each of its drives has a client of its own). NULL, too, where the log has a
 * name alone, and it may be either of two VMs. */
static struct client *client_of_vm(const struct model *model, const struct process *named, int64_t at_ns, bool fenced)
{
	struct client *found = NULL;
	bool either = false;

	for (struct client *client = model->clients; client; client = client->next) {
		bool is_vm = client->process && client->process->pid && model_same_vm(client->process, named) >= 0;
		bool other_vm = is_vm && found && model_same_vm(client->process, found->process) < 0;
		int64_t nearer = is_vm && found ? failures_distance(found, at_ns) - failures_distance(client, at_ns) : 0;
		int likelier;
		if (other_vm && llabs(nearer) <= WATCH_OVERDUE_NS) /* both lived then */
			nearer = 0;
		if (!is_vm || nearer < 0 || (fenced && lived_on(model, client, at_ns)))
			continue;
		likelier = found ? likelihood(model, client, at_ns) - likelihood(model, found, at_ns) : 1;
		either = nearer <= 0 && likelier <= 0 && (either || (other_vm && !likelier));
		if (nearer > 0 || likelier > 0)
			found = client;
	}
	return either ? NULL : found;
}

static bool had_shut_down(const struct client *client, int64_t at_ns)
{
	return client->shutdown_ns && at_ns && client->shutdown_ns < at_ns;
}

/* The one client that has this image then; NULL if several have. */
static struct client *client_of_image(const struct model *model, const char *id, int64_t at_ns)
{
	struct client *found = NULL;

	for (struct client *client = model->clients; client; client = client->next)
		for (const struct image *image = *id ? client->images : NULL; image; image = image->next) {
			if (strcmp(image->id, id) || client == found || had_shut_down(client, at_ns))
				continue;
			if (found)
				return NULL;
			found = client;
		}
	return found;
}

static bool is_holder(const struct model *model, const struct client *client)
{
	const struct open_calls *holders = &model->private->holders;

	for (size_t i = 0; i < holders->count; i++)
		if (holders->calls[i] == client)
			return true;
	return false;
}

static struct client *who_was(const struct model *model, const struct client *holder, const char *image_id, int64_t at_ns,
                              bool fenced)
{
	struct client *client = holder->process ? client_of_vm(model, holder->process, at_ns, fenced) : NULL;

	return client ? client : client_of_image(model, image_id, at_ns);
}

static void move_entries(struct model *model, struct client *holder, const char *image_id)
{
	for (struct image *image = holder->images; image; image = image->next)
		for (size_t i = 0, count = image->entry_count; i < count; i++) {
			const struct timeline_entry *entry = &image->entries[i];
			bool fenced = entry->kind == TL_GUEST_ERROR && entry->guest.result == -ESHUTDOWN;
			struct client *client = who_was(model, holder, image_id, entry->ts_ns, fenced);
			struct image one = { .entries = &image->entries[i], .entry_count = 1 };
			if (client)
				entries_move_all(model, &one, image_of_serial(model, client, 0));
			if (client)
				image->entries[i].kind = TL_KINDS; /* gone */
		}
}

static void drop_moved(struct client *holder)
{
	for (struct image *image = holder->images; image; image = image->next) {
		size_t kept = 0;
		for (size_t i = 0; i < image->entry_count; i++)
			if (image->entries[i].kind != TL_KINDS)
				image->entries[kept++] = image->entries[i];
		image->entry_count = kept;
	}
}

void failures_finish(struct model *model)
{
	const struct open_calls *holders = &model->private->holders;

	for (size_t i = 0; i < holders->count; i++) {
		struct client *holder = holders->calls[i];
		const char *image_id = "";
		for (const struct failure_run *run = model->failures; run; run = run->next)
			if (run->client == holder && *run->image_id)
				image_id = run->image_id;
		move_entries(model, holder, image_id);
		drop_moved(holder);
	}
	for (struct failure_run *run = model->failures; run; run = run->next) {
		struct client *holder = run->client, *client;
		run->process = holder->process && holder->process->vm_name ? holder->process : NULL;
		if (!is_holder(model, holder))
			continue;
		run->holder = holder;
		client = who_was(model, holder, run->image_id, run->begin_ns, run->result == -ESHUTDOWN);
		run->client = client;
		if (client && client->process)
			run->process = client->process;
	}
}

void failure_free(struct failure_run *run)
{
	free(run->image_id);
	free(run->device);
	free(run->text);
	free(run);
}
