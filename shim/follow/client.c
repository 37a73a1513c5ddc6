/* SPDX-License-Identifier: MIT */
/* Which clients there are, and who they are. */
#include "client.h"

#include "base/hook.h"
#include "base/process.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_SLOTS 512

static struct client clients[CLIENT_SLOTS];
static _Atomic(unsigned) slots_used; /* no slot at or beyond it was ever used */
static pthread_mutex_t clients_lock = PTHREAD_MUTEX_INITIALIZER;

struct client *client_find(void *cluster)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; cluster && i < used; i++)
		if (atomic_load_explicit(&clients[i].cluster, memory_order_acquire) == cluster)
			return &clients[i];
	return NULL;
}

/* Under the lock. NULL: all taken. */
static struct client *take_slot(void *cluster)
{
	for (unsigned i = 0; i < CLIENT_SLOTS; i++) {
		struct client *slot = &clients[i];
		if (atomic_load(&slot->cluster))
			continue;
		atomic_store(&slot->connected, false);
		atomic_store(&slot->global_id, 0);
		atomic_store(&slot->fenced_ns, 0);
		slot->names = (struct client_names){ "" };
		atomic_store(&slot->owner, NULL);
		atomic_fetch_add(&slot->life, 1);
		atomic_store_explicit(&slot->cluster, cluster, memory_order_release);
		if (i >= atomic_load(&slots_used))
			atomic_store_explicit(&slots_used, i + 1, memory_order_release);
		return slot;
	}
	return NULL;
}

/* Under the lock. */
static void free_slot(struct client *client)
{
	atomic_store(&client->connected, false);
	atomic_store_explicit(&client->cluster, NULL, memory_order_release);
}

/* A slot for this rados_t, the one that it has or a new one. NULL: all taken. */
static struct client *client_slot(void *cluster)
{
	struct client *found;

	pthread_mutex_lock(&clients_lock);
	found = client_find(cluster);
	if (!found)
		found = take_slot(cluster);
	pthread_mutex_unlock(&clients_lock);
	return found;
}

struct client *client_made(void *cluster)
{
	struct client *client;

	pthread_mutex_lock(&clients_lock);
	while ((client = client_find(cluster)))
		free_slot(client);
	client = take_slot(cluster);
	pthread_mutex_unlock(&clients_lock);
	return client;
}

void client_gone(struct client *client, uint32_t life)
{
	pthread_mutex_lock(&clients_lock);
	if (atomic_load(&client->life) == life)
		free_slot(client);
	pthread_mutex_unlock(&clients_lock);
}

static void ask_version(struct client_names *names)
{
	const char *(*version)(void) = (const char *(*)(void))library_symbol(LIB_CEPH_COMMON, CEPH_VERSION_SYMBOL);
	const char *text = version ? version() : NULL;

	if (text)
		snprintf(names->version, sizeof names->version, "%s", text);
}

/* Fills in who a connected client is; returns its global id, 0 if it is not connected. */
static uint64_t ask_identity(struct client_names *names, void *cluster)
{
	uint64_t (*instance_id)(void *) = (uint64_t(*)(void *))library_symbol_for(LIB_RADOS, "rados_get_instance_id", cluster);
	int (*getaddrs)(void *, char **) = (int (*)(void *, char **))library_symbol_for(LIB_RADOS, "rados_getaddrs", cluster);
	int (*fsid)(void *, char *, size_t) =
	        (int (*)(void *, char *, size_t))library_symbol_for(LIB_RADOS, "rados_cluster_fsid", cluster);
	char *address = NULL, text[40] = "";
	uint64_t global_id = instance_id ? instance_id(cluster) : 0;

	/* Without a connection librados has no messenger, and rados_getaddrs uses it without a look (seen on 16: a crash). */
	if (!global_id)
		return 0;
	if (getaddrs && getaddrs(cluster, &address) == 0 && address)
		snprintf(names->address, sizeof names->address, "%s", address);
	free(address);
	if (fsid && fsid(cluster, text, sizeof text) > 0)
		snprintf(names->fsid, sizeof names->fsid, "%s", text);
	ask_version(names);
	return global_id;
}

/* Two threads may meet a client at once and ask the same: the answer that comes first stays. While a thread asks, the client may
 * end and another one may get its rados_t: then the answer is dropped. */
static void connected(struct client *client, void *cluster)
{
	struct client_names names = { "" };
	uint32_t life = atomic_load(&client->life);
	uint64_t global_id = ask_identity(&names, cluster);
	const char *entity = process_identity()->entity;

	pthread_mutex_lock(&clients_lock);
	if (!atomic_load(&client->connected) && atomic_load(&client->life) == life) {
		memcpy(names.entity, client->names.entity, sizeof names.entity);
		if (!names.entity[0])
			snprintf(names.entity, sizeof names.entity, "%s", entity);
		client->names = names;
		atomic_store(&client->global_id, global_id);
		atomic_store_explicit(&client->connected, global_id != 0, memory_order_release);
	}
	pthread_mutex_unlock(&clients_lock);
}

struct client *client_of_cluster(void *cluster)
{
	struct client *client = client_find(cluster);
	int saved = errno;

	if (!cluster || (client && atomic_load_explicit(&client->connected, memory_order_acquire)))
		return client;
	if (!client)
		client = client_slot(cluster);
	if (!client)
		return NULL;
	connected(client, cluster);
	errno = saved;
	return client;
}

bool client_read(const struct client *client, struct client_names *names, uint64_t *global_id)
{
	bool there = false;

	*names = (struct client_names){ "" };
	*global_id = 0;
	if (!client)
		return false;
	pthread_mutex_lock(&clients_lock);
	there = atomic_load(&((struct client *)client)->cluster);
	if (there) {
		*names = client->names;
		*global_id = client_id(client);
	}
	pthread_mutex_unlock(&clients_lock);
	return there;
}

struct client *client_of_ioctx(void *ioctx)
{
	static _Atomic(void *) cached;
	void *symbol = library_symbol_cached(&cached, LIB_RADOS, "rados_ioctx_get_cluster", ioctx);

	return symbol && ioctx ? client_of_cluster(((void *(*)(void *))symbol)(ioctx)) : NULL;
}

struct client *client_only(void)
{
	struct client *only = NULL;
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; i < used; i++)
		if (atomic_load(&clients[i].cluster) && atomic_load(&clients[i].connected)) {
			if (only)
				return NULL;
			only = &clients[i];
		}
	return only;
}

void client_each(void (*visit)(struct client *client, void *arg), void *arg)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; i < used; i++)
		if (atomic_load(&clients[i].cluster) && atomic_load(&clients[i].connected))
			visit(&clients[i], arg);
}

void client_after_fork_child(void)
{
	pthread_mutex_init(&clients_lock, NULL);
	for (unsigned i = 0; i < atomic_load(&slots_used); i++) {
		atomic_store(&clients[i].connected, false);
		atomic_store(&clients[i].cluster, NULL);
	}
}
