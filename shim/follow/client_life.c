/* SPDX-License-Identifier: MIT */
#include "client_life.h"

#include "base/emit.h"
#include "base/fork.h"
#include "base/hook.h"
#include "base/process.h"
#include "base/provider_open.h"
#include "state.h"

#include <errno.h>
#include <stdio.h>

void client_creating(void)
{
	int saved = errno;

	fork_survive();
	libraries_refresh();
	provider_open();
	state_tell_at_exit();
	errno = saved;
}

/* A client of this rados_t begins: what is known by that address was another one, whose end nobody saw. */
static struct client *client_begins(void *cluster)
{
	struct client *client = client_find(cluster);

	if (client)
		state_client_shutdown(client);
	return client_made(cluster);
}

void client_created(void *cluster, const void *real, const char *type_id, const char *id)
{
	struct client *client;
	int saved = errno;

	libraries_refresh();
	handle_made(LIB_RADOS, cluster, real);
	client = cluster ? client_begins(cluster) : NULL;
	if (cluster && !client)
		hook_pass(HOOK_rados_create, "too many clients");
	if (client && type_id)
		snprintf(client->names.entity, sizeof client->names.entity, "%s", type_id);
	else if (client && id)
		snprintf(client->names.entity, sizeof client->names.entity, "client.%s", id);
	errno = saved;
}

bool client_is_stale(void *cluster)
{
	struct client *client = client_find(cluster);

	return client && atomic_load(&client->connected);
}

void client_connected(void *cluster, int result, uint64_t begin, bool stale)
{
	int saved = errno;
	struct client *client = result == 0 && stale ? client_begins(cluster) : client_find(cluster);
	const struct process_identity *process = process_identity();
	struct client_names names;
	uint64_t global_id;

	libraries_refresh();
	if (result == 0)
		client = client_of_cluster(cluster);
	client_read(client, &names, &global_id);
	EMIT(client_connect, .pid = process_id(), .global_id = global_id, .host = process->host, .process = process->name,
	     .vm_name = process->vm_name, .vm_uuid = process->vm_uuid, .entity = names.entity, .address = names.address,
	     .fsid = names.fsid, .ceph_version = names.version, .result = result, .latency_ns = now_monotonic_ns() - begin);
	errno = saved;
}

struct client_ending client_ending(void *cluster)
{
	struct client *client = client_find(cluster);
	struct client_ending ending = { client, client ? atomic_load(&client->life) : 0 };
	int saved = errno;

	handle_gone(cluster); /* from here on it may be another client's */
	if (client) {
		EMIT(client_shutdown, .pid = process_id(), .global_id = client_id(client), .address = client->names.address);
		state_emit_losses(client_id(client));
		state_client_shutdown(client);
	}
	errno = saved;
	return ending;
}

void client_ended(const struct client_ending *ending)
{
	if (ending->client)
		client_gone(ending->client, ending->life);
}

void client_initialised(void **self, const void *real, const char *type_id, const char *id)
{
	struct client *client;

	client_created(*self, real, type_id, id);
	client = client_find(*self);
	if (client)
		atomic_store(&client->owner, self);
}

bool client_is_owner(void **self)
{
	struct client *client = client_find(*self);
	void *owner = self;

	return client && atomic_compare_exchange_strong(&client->owner, &owner, NULL);
}
