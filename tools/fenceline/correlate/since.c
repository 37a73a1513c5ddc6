/* SPDX-License-Identifier: MIT */
#include "correlate/since.h"
#include "correlate/answers.h"
#include "model/clients.h"

#include <string.h>

/* When it opened its first image, which its state tells as well; a recording that was begun late heard of it later. */
static int64_t began_ns(const struct client *client)
{
	int64_t began_ns = client->first_ns;

	for (const struct image *image = client->images; image; image = image->next)
		if (image->open_ns && image->open_ns < began_ns)
			began_ns = image->open_ns;
	return began_ns;
}

/* A start may have failed, or ended since; inside a range that is fenced it is refused at once. */
static bool runs(const struct client *client)
{
	return !client->shutdown_ns && !client_was_refused(client, 0, INT64_MAX);
}

/* The same VM under another process that is heard of after the fence, begun later than the fenced one, or the fenced one has shut
 * down: started anew, or migrated. */
static const struct client *other_process(const struct model *model, const struct incident *incident)
{
	const struct process *fenced = incident->client ? incident->client->process : NULL;

	if (incident->successor)
		return runs(incident->successor) ? incident->successor : NULL;
	for (const struct client *client = model->clients; client && fenced; client = client->next)
		if (client->process && client->process != fenced && model_same_vm(client->process, fenced) > 0 &&
		    !strcmp(client->process->name, fenced->name) && runs(client) &&
		    (began_ns(client) > began_ns(incident->client) || incident->client->shutdown_ns) &&
		    client->last_ns > incident_ns(incident))
			return client;
	return NULL;
}

static bool has_image(const struct client *client, const struct image *wanted)
{
	for (const struct image *image = client->images; image; image = image->next)
		if (*image->id && !strcmp(image->id, wanted->id) && !image->close_ns)
			return true;
	return false;
}

/* A disk that was detached and attached, or a VM whose pid came back (in a container every QEMU has the same). */
static const struct client *same_process(const struct model *model, const struct incident *incident)
{
	const struct client *fenced = incident->client;

	for (const struct client *client = model->clients; client && fenced && fenced->process && incident->image;
	     client = client->next)
		if (client != fenced && client->process == fenced->process && runs(client) &&
		    began_ns(client) > incident_ns(incident) && !fsids_differ(client->fsid, fenced->fsid) &&
		    has_image(client, incident->image))
			return client;
	return NULL;
}

/* The last thing that the VM's own log has of its life after the fence. A VM that has logs on two hosts was migrated: an end on
 * one says nothing of the other. NULL: nothing. */
static const struct vm_change *last_change(const struct process *vm, int64_t after_ns)
{
	const struct vm_change *last = NULL;

	for (const struct vm_change *change = vm->changes; change; change = change->next) {
		if (hosts_differ(change->host, vm->changes->host))
			return NULL;
		if (change->ts_ns > after_ns && (!last || change->ts_ns > last->ts_ns))
			last = change;
	}
	return last;
}

static const struct process *vm_of(const struct incident *incident)
{
	const struct process *traced = incident->client ? incident->client->process : NULL;

	return traced && traced->vm_name ? traced : incident->vm;
}

static const struct vm_change *by_log(const struct model *model, const struct incident *incident)
{
	const struct process *fenced = vm_of(incident);
	const struct vm_change *last = NULL;

	for (const struct process *vm = model->processes; vm && fenced && !last; vm = vm->next)
		if (vm->changes && (vm == fenced || model_same_vm(vm, fenced) > 0))
			last = last_change(vm, incident_ns(incident));
	return last;
}

struct since since_fence(const struct findings *findings, const struct incident *incident)
{
	const struct model *model = findings->model;
	const struct process *vm = vm_of(incident);
	const char *name = vm ? vm->vm_name : NULL;
	const struct client *other = other_process(model, incident), *same = other ? NULL : same_process(model, incident);
	const struct vm_change *logged = by_log(model, incident);

	if (other)
		return (struct since){ SINCE_RUNS_AGAIN, other->first_ns, other, name };
	if (same)
		return (struct since){ SINCE_ATTACHED, same->first_ns, same, name };
	if (incident->cause == CAUSE_CLIENT_GONE)
		return (struct since){ 0 };
	if (logged)
		return (struct since){ logged->ended ? SINCE_ENDED : SINCE_STARTED, logged->ts_ns, NULL, name };
	if (incident->client && incident->client->shutdown_ns > incident_ns(incident))
		return (struct since){ SINCE_SHUT_DOWN, incident->client->shutdown_ns, NULL, name };
	return findings->again_ns ? (struct since){ SINCE_ANSWERED, findings->again_ns, NULL, name } : (struct since){ 0 };
}
