/* SPDX-License-Identifier: MIT */
/* Which process, client and image an event belongs to; and their names, once an event tells them. */
#include "model/identity.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int bucket_of(const char *host, uint32_t pid, uint64_t gid)
{
	uint64_t hash = gid * UINT64_C(0x9e3779b97f4a7c15) + pid;

	while (*host)
		hash = hash * 31 + (unsigned char)*host++;
	return (unsigned int)((hash ^ (hash >> 29)) % CLIENT_BUCKETS);
}

/* What one recording knows of another may not. */
static bool owners_agree(uint32_t a, uint32_t b)
{
	return !a || !b || a == b;
}

static void process_set_owner(struct model *model, struct process *process, uint32_t owner)
{
	if (owner)
		process->owner = owner;
	if (owner && !model->private->an_owner)
		model->private->an_owner = owner;
	model->private->owners_differ |= !owners_agree(owner, model->private->an_owner);
}

struct process *process_add(struct model *model, const char *host, uint32_t pid, uint32_t owner)
{
	struct process_record *record = model_alloc(model, sizeof(*record));

	if (!record)
		return NULL;
	record->public.pid = pid;
	record->public.host = model_strdup(model, host);
	record->key_host = model_strdup(model, host);
	record->public.name = model_strdup(model, "");
	process_set_owner(model, &record->public, owner);
	if (model->private->process_tail)
		model->private->process_tail->next = &record->public;
	else
		model->processes = &record->public;
	return model->private->process_tail = &record->public;
}

/* The newest of that host and pid: an older one of the same pid has ended. A pid is what the process says: of another user's it
 * is another process. */
static struct process *process_find(struct model *model, const struct source *source, uint32_t pid, uint32_t owner)
{
	struct process *found = NULL, *own = NULL;

	for (struct process *process = model->processes; process; process = process->next) {
		struct process_record *record = (struct process_record *)process;
		if (process->pid != pid || !owners_agree(process->owner, owner) || strcmp(record->key_host, source->host))
			continue;
		if (record->of == source)
			own = process;
		else if (!record->of)
			found = process;
	}
	found = own ? own : found;
	if (found)
		process_set_owner(model, found, owner);
	return found ? found : process_add(model, source->host, pid, owner);
}

static struct client_record *client_new(struct model *model, struct process *process, uint64_t gid)
{
	struct client_record *record = model_alloc(model, sizeof(*record));

	if (!record)
		return NULL;
	record->public.process = process;
	record->public.global_id = gid;
	record->public.address_text = model_strdup(model, "");
	record->public.entity = model_strdup(model, "");
	record->public.fsid = model_strdup(model, "");
	record->key_host = "";
	return record;
}

static struct client_record **gid_bucket(const struct model *model, uint64_t gid)
{
	return &model->private->gid_buckets[bucket_of("", 0, gid)];
}

struct client_record *gid_chain(const struct model *model, uint64_t gid)
{
	return gid ? *gid_bucket(model, gid) : NULL;
}

struct client *client_of_gid(const struct model *model, uint64_t gid)
{
	struct client_record *record = gid_chain(model, gid);

	while (record && record->public.global_id != gid)
		record = record->gid_next;
	return record ? &record->public : NULL;
}

void client_set_gid(struct model *model, struct client *client, uint64_t gid)
{
	struct client_record *record = (struct client_record *)client, **bucket = gid_bucket(model, gid);

	client->global_id = gid;
	if (!gid)
		return;
	record->gid_next = *bucket;
	*bucket = record;
}

static void forget_gid(struct model *model, struct client_record *record)
{
	struct client_record **bucket = gid_bucket(model, record->public.global_id);

	while (*bucket && *bucket != record)
		bucket = &(*bucket)->gid_next;
	if (*bucket)
		*bucket = record->gid_next;
}

void client_free(struct client *client)
{
	struct image *next;

	for (struct image *image = client->images; image; image = next) {
		next = image->next;
		image_free(image);
	}
	free(client->holes);
	free(client->address_text);
	free(client->entity);
	free(client->fsid);
	free(client);
}

void clients_remove(struct model *model, bool (*out)(const struct model *model, const struct client *client))
{
	struct client **at = &model->clients, *last = NULL;

	while (*at) {
		struct client *client = *at;
		if (!out(model, client)) {
			last = client;
			at = &client->next;
			continue;
		}
		*at = client->next;
		forget_gid(model, (struct client_record *)client);
		open_calls_remove(&model->private->holders, client);
		client_free(client);
	}
	model->private->client_tail = last;
}

struct client *client_add(struct model *model, struct process *process, uint64_t gid)
{
	struct client_record *record = client_new(model, process, gid);

	if (!record)
		return NULL;
	if (model->private->client_tail)
		model->private->client_tail->next = &record->public;
	else
		model->clients = &record->public;
	model->private->client_tail = &record->public;
	client_set_gid(model, &record->public, gid);
	return &record->public;
}

static struct client_record *client_keep(struct model *model, struct process *process, uint64_t gid)
{
	struct client_record *record = process ? (struct client_record *)client_add(model, process, gid) : NULL, **bucket;

	if (!record)
		return NULL;
	record->pid = process->pid;
	record->key_host = ((struct process_record *)process)->key_host;
	record->of = ((struct process_record *)process)->of;
	bucket = &model->private->buckets[bucket_of(record->key_host, record->pid, gid)];
	record->bucket_next = *bucket;
	return *bucket = record;
}

/* NULL: none is known. */
static struct client_record *client_known(const struct model *model, const struct event *event)
{
	const struct fl_head *head = &event->head;
	const char *host = event->source->host;
	struct client_record *record = model->private->buckets[bucket_of(host, head->pid, head->global_id)], *found = NULL;

	for (; record; record = record->bucket_next)
		if (record->public.global_id == head->global_id && record->pid == head->pid && !strcmp(record->key_host, host) &&
		    owners_agree(record->public.process->owner, event->owner) && (!record->of || record->of == event->source)) {
			if (record->of)
				return record;
			found = found ? found : record;
		}
	return found;
}

/* Another trace has a client of that host, pid and global id, and it is another one: hosts of two clouds may have one name, two
 * clusters count alike, and in containers every process is number 1. */
static bool is_namesake(const struct client_record *record, const struct event *event)
{
	const struct client *client = &record->public;
	bool state = event->fact == FACT_state;
	struct address address;

	if (record->of || client->first_source == event->source || (!state && event->fact != FACT_client_connect))
		return false;
	if (fsids_differ(client->fsid, state ? event->trace.state.fsid : event->trace.client_connect.fsid))
		return true;
	return client->address.nonce &&
	       address_parse(state ? event->trace.state.address : event->trace.client_connect.address, &address) &&
	       address.nonce && !address_same_client(&client->address, &address);
}

static struct client_record *client_lookup(struct model *model, const struct event *event)
{
	const struct fl_head *head = &event->head;
	struct client_record *record = client_known(model, event);
	struct process *process;

	if (record && is_namesake(record, event)) {
		process = process_add(model, event->source->host, head->pid, event->owner);
		if (process)
			((struct process_record *)process)->of = event->source;
		return client_keep(model, process, head->global_id);
	}
	if (record) {
		process_set_owner(model, record->public.process, event->owner);
		return record;
	}
	return client_keep(model, process_find(model, event->source, head->pid, event->owner), head->global_id);
}

/* Where the client left no event for long: it stood still, had died, or was not recorded. */
static void heard(struct model *model, struct client *client, const struct event *event)
{
	int64_t ts_ns = event->ts_ns;

	if (!client->first_ns) {
		client->first_ns = ts_ns;
		client->first_source = event->source;
	} else if (ts_ns - client->last_ns > UNHEARD_NS) {
		if (!client->holes)
			client->holes = model_alloc(model, HOLES * sizeof(*client->holes));
		if (client->holes && client->hole_count == HOLES)
			memmove(client->holes, client->holes + 1, --client->hole_count * sizeof(*client->holes));
		if (client->holes)
			client->holes[client->hole_count++] = (struct hole){ client->last_ns, ts_ns };
	}
	client->last_ns = ts_ns;
}

struct client *client_of_event(struct model *model, const struct event *event)
{
	struct model_private *private = model->private;
	const struct fl_head *head = &event->head;
	struct client_record *record = private->last_client;

	if (!record || private->last_source != event->source || event->fact == FACT_state || event->fact == FACT_client_connect ||
	    record->public.global_id != head->global_id || record->pid != head->pid ||
	    record->public.process->owner != event->owner)
		record = client_lookup(model, event);
	if (!record)
		return NULL;
	private->last_client = record;
	private->last_source = event->source;
	heard(model, &record->public, event);
	record->public.process->last_ns = event->ts_ns;
	return &record->public;
}

struct client *client_of_cluster(struct model *model)
{
	struct client_record *record = model->cluster ? NULL : client_new(model, NULL, 0);

	if (record) {
		model->cluster = &record->public;
		image_of_serial(model, model->cluster, 0);
	}
	return model->cluster;
}

struct client *client_of_address(struct model *model, const struct address *address)
{
	char text[96];
	struct client *client = client_add(model, NULL, 0);

	if (!client)
		return NULL;
	client->address = *address;
	model_set(model, &client->address_text, address_format(address, text, sizeof(text)));
	return client;
}

struct client *client_by_gid(const struct model *model, const struct process *process, uint64_t gid)
{
	for (struct client *client = model->clients; client; client = client->next)
		if (client->process == process && client->global_id == gid)
			return client;
	return NULL;
}

void client_set_address(struct model *model, struct client *client, const char *text)
{
	struct address address;
	char normal[96];

	if (!*text || !address_parse(text, &address))
		return;
	client->address = address;
	model_set(model, &client->address_text, address_format(&address, normal, sizeof(normal)));
}

/* What client_connect and state say alike of a process. */
struct identity {
	const char *host, *process, *vm_name, *vm_uuid, *entity, *address, *fsid;
};
#define IDENTITY_OF(e) \
	{ \
		(e)->host, (e)->process, (e)->vm_name, (e)->vm_uuid, (e)->entity, (e)->address, (e)->fsid \
	}

static bool is_other_process(const struct process *process, const struct identity *identity)
{
	return (*process->name && *identity->process && strcmp(process->name, identity->process)) ||
	       (process->vm_uuid && *identity->vm_uuid && strcmp(process->vm_uuid, identity->vm_uuid)) ||
	       (process->vm_name && *identity->vm_name && strcmp(process->vm_name, identity->vm_name));
}

/* A pid comes back, also within a recording: in containers every process may be number 1. */
static void process_identify(struct model *model, struct client *client, const struct identity *identity)
{
	struct process *process = client->process, *other = process;

	if (is_other_process(process, identity)) {
		other = process_add(model, ((struct process_record *)process)->key_host, process->pid, process->owner);
		if (!other)
			return;
		other->last_ns = client->last_ns;
		client->process = other;
	}
	if (!*other->host)
		model_set(model, &other->host, identity->host);
	model_set(model, &other->name, identity->process);
	model_set(model, &other->vm_name, identity->vm_name);
	model_set(model, &other->vm_uuid, identity->vm_uuid);
}

void client_identify(struct model *model, const struct event *event, struct client *client)
{
	struct identity identity;

	if (event->fact == FACT_state)
		identity = (struct identity)IDENTITY_OF(&event->trace.state);
	else
		identity = (struct identity)IDENTITY_OF(&event->trace.client_connect);
	process_identify(model, client, &identity);
	client_set_address(model, client, identity.address);
	model_set(model, &client->entity, identity.entity);
	model_set(model, &client->fsid, identity.fsid);
}

static bool same_text(const char *a, const char *b)
{
	return a && b && *a && !strcmp(a, b);
}

void claimed_twice(struct model *model, struct process *process, struct image *image, const struct event *event)
{
	struct process_record *record = (struct process_record *)process;

	if (!model->private->owners_differ || record->claim_noted || !process->owner)
		return;
	for (const struct process *other = model->processes; other; other = other->next) {
		const char *host = ((const struct process_record *)other)->key_host;
		if (owners_agree(other->owner, process->owner) || strcmp(host, record->key_host) ||
		    (!same_text(other->vm_name, process->vm_name) && !same_text(other->vm_uuid, process->vm_uuid)))
			continue;
		record->claim_noted = true;
		entry_add(model, image,
		          &(struct timeline_entry){ .ts_ns = event->ts_ns,
		                                    .kind = TL_STATE,
		                                    .source = event->source,
		                                    .state = { .said = STATE_CLAIMED_TWICE,
		                                               .owner = process->owner - 1,
		                                               .other = other->owner - 1 } });
		return;
	}
}
