/* SPDX-License-Identifier: MIT */
/*
 * What only logs tell of a fence. A -108 in a log belongs to the client or the VM that it names. If it names none, it belongs to
 * the only fence that stood at that time; if several stood, or several VMs failed then, that is said, and it counts for none.
 */
#include "correlate/findings_logs.h"
#include "correlate/episode.h"
#include "correlate/findings.h"
#include "correlate/sign.h"
#include "model/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Its own trace has the -108: then no other client of that process is meant. */
static bool has_it_in_its_trace(const struct client *client, const struct failure_run *run)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next)
		for (const struct eshutdown_run *own = image->eshutdown_runs; own; own = own->next)
			if (run->begin_ns <= own->end_ns + CLOCK_SLACK_NS && run->end_ns >= own->begin_ns - CLOCK_SLACK_NS)
				return true;
	return false;
}

/* The I/O that the line tells of, whatever the clocks say. */
static bool has_this_io(const struct client *client, const struct failure_run *run)
{
	for (const struct image *image = client->images; image; image = image->next)
		for (const struct eshutdown_run *own = image->eshutdown_runs; own; own = own->next)
			if (own->op == run->op && own->offset == run->offset && own->length == run->length)
				return true;
	return false;
}

/* QEMU's line names no drive: it is another one's if that one's trace has the I/O, and this one's has not. */
static bool is_of_another_drive(const struct model *model, const struct client *client, const struct failure_run *run)
{
	if (run->op >= FL_IO_OPS || !client->process || *run->image_id || run->address.family || has_this_io(client, run))
		return false;
	for (const struct client *each = model->clients; each; each = each->next)
		if (each != client && each->process == client->process && has_this_io(each, run))
			return true;
	return false;
}

static bool is_named(const struct model *model, const struct client *client, const struct failure_run *run)
{
	bool named;

	if (!client)
		return false;
	named = run->client == client || run->holder == client;
	/* The line names the VM alone. */
	named = named || (run->holder && run->process && run->process->pid && run->process == client->process &&
	                  !has_it_in_its_trace(run->client, run));
	return named && !is_of_another_drive(model, client, run); /* that looks at all clients: last */
}

static size_t count_candidates(const struct episodes *episodes, const struct failure_run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < episodes->count; i++)
		count += episode_explains(&episodes->list[i], run);
	return count;
}

/* Was this client, by its name, refused in the same moment? */
static bool was_refused_then(const struct model *model, const struct episode *episode, const struct failure_run *run)
{
	for (const struct failure_run *other = model->failures; other; other = other->next)
		if (other != run && other->result == -ESHUTDOWN && is_named(model, episode->client, other) &&
		    other->begin_ns <= run->end_ns + SAME_COMMAND_NS && other->end_ns >= run->begin_ns - SAME_COMMAND_NS)
			return true;
	return false;
}

/* The fence that a line of nobody belongs to: the only one that stood then; of several, the only one whose client was refused, by
 * its name, in the same moment. NULL: it may be of any of them. */
static const struct episode *episode_by_time(const struct model *model, const struct episodes *episodes,
                                             const struct failure_run *run)
{
	const struct episode *only = NULL, *refused = NULL;
	size_t count = 0, refused_count = 0;

	for (size_t i = 0; i < episodes->count; i++) {
		const struct episode *episode = &episodes->list[i];
		if (!episode_explains(episode, run))
			continue;
		count++;
		only = episode;
		if (!was_refused_then(model, episode, run))
			continue;
		refused_count++;
		refused = episode;
	}
	return count == 1 ? only : refused_count == 1 ? refused : NULL;
}

/* One client was fenced, and the logs of several VMs have a -108 soon after: none of them is known to be that client's. */
static bool several_vms_failed(const struct findings *findings)
{
	const struct process *vm = NULL;

	for (const struct failure_run *run = findings->model->failures; run; run = run->next) {
		if (run->result != -ESHUTDOWN || run->client || !run->process || !run->process->vm_name ||
		    run->begin_ns > findings->fence_ns + STORY_NS || !episode_explains(findings->episode, run))
			continue;
		if (vm && model_same_vm(vm, run->process) < 0)
			return true;
		vm = run->process;
	}
	return false;
}

/* Is it this fence's, by name or because no other stood then? */
static bool is_own(const struct findings *findings, const struct episodes *episodes, const struct failure_run *run, bool *by_time)
{
	*by_time = !is_named(findings->model, findings->client, run);
	if (!*by_time)
		return findings->episode->undated ? !run->begin_ns : findings_inside(findings, run->begin_ns);
	if (findings->several_vms && run->process && run->process->vm_name)
		return false;
	return !run->client && episode_by_time(findings->model, episodes, run) == findings->episode;
}

/* Each I/O once: QEMU, librbd and the OSD may all tell of the same one, so those of one layer are counted, the one next to the
 * guest that tells of any. */
static void count_logged(struct findings *findings, const struct episodes *episodes)
{
	struct {
		uint64_t ios, bytes;
	} layers[LAYERS] = { 0 };
	bool by_time;

	if (findings->failed)
		return;
	for (const struct failure_run *run = findings->model->failures; run; run = run->next)
		if (run->result == -ESHUTDOWN && is_own(findings, episodes, run, &by_time)) {
			layers[run->layer].ios += run->ios;
			layers[run->layer].bytes += run->bytes;
		}
	for (size_t i = LAYERS; i-- > 0;)
		if (layers[i].ios) {
			findings->failed_ios = layers[i].ios;
			findings->failed_bytes = layers[i].bytes;
		}
}

/* A VM that a log names, and that failed as this client did. */
static void find_vm(struct findings *findings, const struct failure_run *run, bool by_time)
{
	bool known = findings->client && findings->client->process;

	if (by_time && !known && run->process && run->process->vm_name && !findings->vm)
		findings->vm = run;
}

static void find_logged(struct findings *findings, const struct episodes *episodes)
{
	for (const struct failure_run *run = findings->model->failures; run; run = run->next) {
		bool by_time, own = is_own(findings, episodes, run, &by_time);
		if (run->result != -ESHUTDOWN)
			continue;
		if (own)
			find_vm(findings, run, by_time);
		if (!run->begin_ns && (!by_time || (!run->client && !run->process)))
			findings->undated_failure = run;
		if (own && (!findings->logged_failure || (findings->logged_by_time && !by_time) ||
		            (findings->logged_by_time == by_time && run->begin_ns < findings->logged_failure->begin_ns))) {
			findings->logged_failure = run;
			findings->logged_by_time = by_time;
		} else if (!own && by_time && !run->client && episode_explains(findings->episode, run) &&
		           (findings->several_vms || !episode_by_time(findings->model, episodes, run))) {
			findings->unclear_failure = run;
			findings->unclear_candidates = count_candidates(episodes, run);
		}
	}
	if (findings->logged_failure)
		count_logged(findings, episodes);
}

/* The guest's kernel knows no -108: it says -5, which is no fence by itself. */
static void find_guest_error(struct findings *findings, const struct episodes *episodes)
{
	bool by_time;

	for (const struct failure_run *run = findings->model->failures; run; run = run->next)
		if (run->layer == LAYER_GUEST && run->result != -ESHUTDOWN && run->begin_ns && !findings->guest_error &&
		    is_own(findings, episodes, run, &by_time))
			findings->guest_error = run;
}

void findings_logs(struct findings *findings)
{
	findings->several_vms = several_vms_failed(findings);
	find_logged(findings, findings->episodes);
	find_guest_error(findings, findings->episodes);
	/* What the shim counted are the same, and more. */
	if (findings->counted_ios > findings->failed_ios)
		findings->unrecorded_ios = findings->counted_ios - findings->failed_ios;
	else
		findings->counted = NULL;
}
