/* SPDX-License-Identifier: MIT */
/*
 * What only logs tell of clients, their watches and their fences. A line names a client by its global id, its address or a
 * watch's cookie, mostly by one of them: whoever is named gets a record at once, and at the end those that turn out to be one are
 * joined. What a trace says is better than what a log says of the same thing, so logs count only where no trace does.
 */
#include "model/logged.h"
#include "model/clients.h"
#include "model/clocks.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/naming.h"
#include "model/ping.h"
#include "model/private.h"
#include "model/sources.h"
#include "model/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- whose line it is ---- */

static void heard_of(struct client *client, int64_t ts_ns)
{
	if (client->process || !ts_ns)
		return;
	if (!client->first_ns)
		client->first_ns = ts_ns;
	client->last_ns = ts_ns;
}

/* The record of what logs tell of that global id. Two clusters may have equal ones: they differ in address or cookie, or the logs
 * say which cluster they are of. Whether a client of a trace is meant shows at the end. */
static struct client *logged_of_gid(const struct model *model, uint64_t gid, const struct address *address, uint64_t cookie,
                                    const struct source *log)
{
	struct client *found = NULL;

	for (struct client_record *record = gid_chain(model, gid); record; record = record->gid_next) {
		struct client *client = &record->public;
		if (client->global_id != gid || client->process || strcmp(client->fsid, log->cluster) != 0 ||
		    (address && client->address.family && !address_same_client(&client->address, address)))
			continue;
		if (cookie && watch_find(client, cookie))
			return client;
		/* Nothing tells several apart: what has no address is put together. */
		found = found && client->address.family ? found : client;
	}
	return found;
}

struct client *client_logged(struct model *model, uint64_t gid, const char *address_text, const struct event *event)
{
	struct address address;
	bool known = *address_text && address_parse(address_text, &address) && address.has_nonce && address.nonce;
	struct client *client = logged_of_gid(model, gid, known ? &address : NULL,
	                                      event->fact == FACT_watch_logged ? event->watch.cookie : 0, event->source);

	if (!client && !gid && known)
		client = model_client_by_address(model, &address, event->ts_ns);
	if (!client || model_log_of_cluster(event->source, client) < 0) {
		client = client_add(model, NULL, gid);
		if (!client)
			return NULL;
		model_set(model, &client->fsid, event->source->cluster);
	}
	if (known && !client->address.family)
		client_set_address(model, client, address_text);
	heard_of(client, event->ts_ns);
	return client;
}

/* Of a VM that this line names, as far as it does: a line without a UUID is of none that has one, for then two have its name
 * (ingest/log_vm.h). */
static bool is_of_vm(const struct process *vm, const char *vm_name, const char *vm_uuid, const struct source *source)
{
	if (vm->vm_uuid || *vm_uuid)
		return vm->vm_uuid && !strcmp(vm->vm_uuid, vm_uuid);
	return vm->vm_name && !strcmp(vm->vm_name, vm_name) && !hosts_differ(vm->host, source->host);
}

static struct client *holder_find(const struct model *model, const char *vm_name, const char *vm_uuid,
                                  const struct source *source)
{
	const struct open_calls *holders = &model->private->holders;

	for (size_t i = 0; i < holders->count; i++) {
		struct client *client = holders->calls[i];
		const struct process *vm = client->process;
		if (vm ? is_of_vm(vm, vm_name, vm_uuid, source)
		       : !*vm_name && !*vm_uuid && same_log(((struct client_record *)client)->log, source) &&
		                    !hosts_differ(((struct client_record *)client)->log->host, source->host))
			return client;
	}
	return NULL;
}

struct client *client_of_log(struct model *model, const char *vm_name, const char *vm_uuid, const struct source *source)
{
	struct client *client = holder_find(model, vm_name, vm_uuid, source);
	struct process *process = NULL;

	if (client && client->process)
		model_set(model, &client->process->vm_name, vm_name); /* it may have been renamed */
	if (client)
		return client;
	if (*vm_name || *vm_uuid) {
		process = process_add(model, source->host, 0, 0);
		if (!process)
			return NULL;
		model_set(model, &process->vm_name, vm_name);
		model_set(model, &process->vm_uuid, vm_uuid);
	}
	client = client_add(model, process, 0);
	if (!client)
		return NULL;
	((struct client_record *)client)->log = source;
	open_calls_add(model, &model->private->holders, client);
	return client;
}

/* A VM that is migrated has a log on each of its hosts, and only the line of a start names it. "": it does not. */
static const char *host_of_log(const struct process *process, const struct source *source)
{
	const struct vm_change *change = process->changes;

	while (change && !same_log(change->source, source))
		change = change->next;
	return change ? change->host : "";
}

void vm_failed(struct model *model, struct client *holder, const struct source *source)
{
	if (holder->process)
		model_set(model, &holder->process->host, host_of_log(holder->process, source));
}

static void change_add(struct model *model, struct process *process, const struct event *event)
{
	struct vm_change *change = model_alloc(model, sizeof(*change));

	if (!change)
		return;
	*change = (struct vm_change){ event->ts_ns, event->vm.what == VM_ENDED,
		                      model_strdup(model, *event->vm.host ? event->vm.host : host_of_log(process, event->source)),
		                      event->source, process->changes };
	process->changes = change;
}

/* A VM's drives, by the command line that its log begins with. */
void vm_told(struct model *model, const struct event *event)
{
	const struct vm_logged *vm = &event->vm;
	struct client *client = client_of_log(model, vm->name, vm->uuid, event->source);
	struct image *image = NULL;

	if (client && client->process && event->ts_ns && vm->what != VM_DRIVE)
		change_add(model, client->process, event);
	if (!client || vm->what == VM_STARTED)
		return;
	if (client->process && *vm->host && !*client->process->host)
		model_set(model, &client->process->host, vm->host);
	if (vm->what == VM_DRIVE)
		image = image_of_name(model, client, vm->pool, vm->namespace, vm->image);
	if (image)
		entry_add(model, image,
		          &(struct timeline_entry){ .ts_ns = event->ts_ns,
		                                    .kind = TL_IMAGE_OPEN,
		                                    .source = event->source,
		                                    .open = { .device = vm->device, .user = vm->user } });
	for (image = client->images; vm->what == VM_ENDED && image; image = image->next)
		if (*image->name)
			entry_add(model, image,
			          &(struct timeline_entry){ .ts_ns = event->ts_ns,
			                                    .kind = TL_IMAGE_CLOSE,
			                                    .source = event->source,
			                                    .close = { .vm_ended = true } });
}

/* ---- watches ---- */

/* Some lines of the client's own log name a watch by the client's number of it only. */
static struct watch *watch_of_linger(struct model *model, const struct event *event)
{
	struct client *client = client_of_log(model, "", "", event->source);
	struct watch *watch;

	for (struct client *each = model->clients; each; each = each->next)
		for (const struct image *image = each->process ? NULL : each->images; image; image = image->next)
			for (watch = image->watches; watch; watch = watch->next) {
				const struct watch_record *record = (const struct watch_record *)watch;
				if (record->logged.linger == event->watch.linger &&
				    same_log(record->logged.client_source, event->source))
					return watch;
			}
	watch = client ? watch_add(model, client, 0) : NULL;
	if (watch) {
		((struct watch_record *)watch)->logged.linger = event->watch.linger;
		((struct watch_record *)watch)->logged.client_source = event->source;
	}
	return watch;
}

static bool is_clients_own(enum watch_words what)
{
	return what == WATCH_FAILED || what == WATCH_PING_SENT || what == WATCH_PING_REPLY;
}

static struct watch *watch_of_line(struct model *model, const struct event *event)
{
	const struct watch_logged *logged = &event->watch;
	struct watch *watch = NULL;
	struct client *client;

	/* What a client's own log tells stays together: all of it is of the client that turns out to have one of its watches. */
	if (!logged->gid && !*logged->address && logged->cookie && !is_clients_own(logged->what))
		watch = watch_anywhere(model, logged->cookie);
	if (watch)
		return watch;
	if (!logged->cookie && logged->linger)
		return watch_of_linger(model, event);
	if (logged->gid || *logged->address)
		client = client_logged(model, logged->gid, logged->address, event);
	else
		client = client_of_log(model, "", "", event->source);
	watch = client && logged->cookie ? watch_find(client, logged->cookie) : NULL;
	if (!watch && client && logged->cookie)
		watch = watch_add(model, client, logged->cookie);
	return watch;
}

/* An old registration has ended: the cookie came back. */
static bool has_ended(const struct watch *watch)
{
	const struct watch_record *record = (const struct watch_record *)watch;

	return watch->expired_ns || record->logged.removed_ns;
}

static struct watch *registered(struct model *model, struct watch *watch, const struct event *event)
{
	struct watch_record *record = (struct watch_record *)watch;

	if (has_ended(watch) && !watch->registered_ns) {
		watch = watch_add(model, watch->image->client, watch->cookie);
		record = (struct watch_record *)watch;
	}
	if (watch && !record->logged.registered_ns)
		record->logged.registered_ns = event->ts_ns;
	model->private->prunable++;
	return watch;
}

/* "osd.3" stays; of an address, IP and port, as a trace has it. */
static const char *osd_words(const char *text, char *buf, size_t size)
{
	struct address address;

	if (!address_parse(text, &address))
		return text;
	address.has_nonce = false;
	return address_format(&address, buf, size);
}

static void note_names(struct model *model, struct watch *watch, const struct watch_logged *logged)
{
	struct image *image;

	if (logged->timeout_s && !watch->timeout_s) {
		watch->timeout_s = logged->timeout_s;
		watch->timeout_logged = true;
	}
	if (*logged->osd && !*watch->osd)
		snprintf(watch->osd, sizeof(watch->osd), "%s", logged->osd);
	if (!*logged->object || *watch->oid)
		return;
	watch_name(model, watch, "", "", logged->object);
	image = watch->image->serial || watch->image->client->process
	                ? NULL
	                : image_of_object(model, watch->image->client, logged->object);
	if (image)
		watch_tie(model, watch, image);
}

static void take_watch(struct model *model, const struct event *event)
{
	const struct watch_logged *logged = &event->watch;
	struct watch *watch = watch_of_line(model, event);
	struct watch_record *record;

	if (watch && logged->what == WATCH_REGISTERED)
		watch = registered(model, watch, event);
	record = (struct watch_record *)watch;
	if (!watch)
		return;
	note_names(model, watch, logged);
	record->logged.address_told |= *logged->address != 0;
	if (logged->linger) {
		record->logged.linger = logged->linger;
		record->logged.client_source = event->source;
	}
	if (logged->what == WATCH_CONNECTED || logged->what == WATCH_PINGED || logged->what == WATCH_REGISTERED)
		watch->disconnected_ns = 0;
	if (logged->what == WATCH_DISCONNECTED && !watch->expired_ns) {
		watch->disconnected_ns = event->ts_ns;
		watch->disconnected_source = event->source;
	}
	if (logged->what == WATCH_REMOVED && model->private->found_fenced.source == event->source &&
	    event->ts_ns - model->private->found_fenced.ns < AT_ONCE_NS)
		watch->dropped_fenced = true;
	if (logged->what == WATCH_EXPIRED && !watch->expired_ns) {
		watch->expired_ns = event->ts_ns;
		watch->expired_source = event->source;
	} else if (logged->what == WATCH_REMOVED && !watch->expired_ns) {
		record->logged.removed_ns = event->ts_ns;
	} else if (logged->what == WATCH_FAILED && !record->logged.error_ns) {
		record->logged.error_ns = event->ts_ns;
		record->logged.error = logged->result ? logged->result : -ENOTCONN;
		record->logged.client_source = event->source;
	} else if (logged->what == WATCH_PINGED || logged->what == WATCH_PING_SENT || logged->what == WATCH_PING_REPLY) {
		ping_logged(model, watch, event);
	}
	if (logged->what == WATCH_REGISTERED || logged->what == WATCH_REMOVED)
		record->logged.osd_source = event->source;
}

/* The OSD drops what a blocklisted client watches: its first sign of the fence. The line names no cookie. */
static void client_fenced(struct model *model, const struct event *event)
{
	struct client *client = client_logged(model, event->watch.gid, event->watch.address, event);

	model->private->found_fenced.ns = event->ts_ns;
	model->private->found_fenced.source = event->source;
	if (!client || client->osd_fenced_ns)
		return;
	client->osd_fenced_ns = event->ts_ns;
	client->osd_fenced_source = event->source;
}

void watch_told(struct model *model, const struct event *event)
{
	struct event named = *event;
	char osd[64];

	if (event->watch.what == WATCH_FENCED) {
		client_fenced(model, event);
		return;
	}
	named.watch.osd = osd_words(event->watch.osd, osd, sizeof(osd));
	take_watch(model, &named);
}

bool logged_is_over(const struct model *model, const struct client *client)
{
	const struct client_record *record = (const struct client_record *)client;

	if (client->process || record->log || record->failed || !client->last_ns || may_matter(model, client->last_ns))
		return false;
	for (const struct image *image = client->images; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next) {
			const struct watch_record *each = (const struct watch_record *)watch;
			if (!each->logged.removed_ns || watch->expired_ns || each->logged.error_ns)
				return false;
		}
	return true;
}

static void watch_entry(struct model *model, struct watch *watch, int64_t ts_ns, enum timeline_kind kind,
                        const struct source *source)
{
	entry_add(model, watch->image,
	          &(struct timeline_entry){ .ts_ns = ts_ns,
	                                    .kind = kind,
	                                    .source = source,
	                                    .watch = { .oid = watch->oid,
	                                               .osd = *watch->osd ? watch->osd : NULL,
	                                               .cookie = watch->cookie,
	                                               .result = kind == TL_WATCH_ERROR ? watch->error : 0,
	                                               .by = WATCH_BY_LOG } });
}

/* The trace that tells of the watch; NULL: none does. */
static const struct source *trace_of(const struct watch *watch)
{
	for (size_t i = 0; i < watch->ping_count && !watch->registered_source; i++)
		if (watch->pings[i].seen == PING_WIRE || watch->pings[i].seen == PING_SAMPLED)
			return watch->pings[i].source;
	return watch->registered_source;
}

/* Where a trace tells of the watch, an OSD's time of its registration stands beside the trace's own times: only if the two clocks
 * may be compared. */
static bool is_comparable(const struct model *model, const struct watch *watch, const struct source *log)
{
	const struct source *trace = trace_of(watch);

	return !trace || !log || model_clocks_tied(model, trace, log);
}

static void count_logged(struct model *model, struct watch *watch)
{
	struct watch_record *record = (struct watch_record *)watch;

	if (!model->watch_timeout_s && watch->timeout_logged)
		model->watch_timeout_s = watch->timeout_s;
	if (watch->expired_ns)
		watch_entry(model, watch, watch->expired_ns, TL_WATCH_EXPIRED, watch->expired_source);
	watch->osd_registered_ns = record->logged.registered_ns;
	if (!watch->registered_ns && record->logged.registered_ns) {
		if (is_comparable(model, watch, record->logged.osd_source))
			watch->registered_ns = record->logged.registered_ns;
		watch_entry(model, watch, record->logged.registered_ns, TL_WATCH_REGISTERED, record->logged.osd_source);
	}
	if (!watch->unregistered_ns && record->logged.removed_ns && !watch->image->client->process) {
		watch->unregistered_ns = record->logged.removed_ns;
		watch_entry(model, watch, watch->unregistered_ns, TL_WATCH_UNREGISTERED, record->logged.osd_source);
	}
	if (!watch->error_ns && record->logged.error_ns) {
		watch->error_ns = record->logged.error_ns;
		watch->error = record->logged.error;
		watch->error_source = record->logged.client_source;
		watch_entry(model, watch, watch->error_ns, TL_WATCH_ERROR, record->logged.client_source);
	}
}

void logged_watches(struct model *model)
{
	for (struct client *client = model->clients; client; client = client->next)
		for (struct image *image = client->images; image; image = image->next)
			for (struct watch *watch = image->watches; watch; watch = watch->next)
				count_logged(model, watch);
}
