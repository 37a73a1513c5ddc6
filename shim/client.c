/* SPDX-License-Identifier: MIT */
/* rados_create, connect and shutdown, C and C++: which clients there are and who they are. */
#include "client.h"

#include "emit.h"
#include "fork.h"
#include "hook.h"
#include "process.h"
#include "state.h"

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

/* A slot for a client that has just been made. What is known by this address was another one, whose end nobody saw. */
static struct client *new_client(void *cluster)
{
	struct client *client = client_find(cluster);

	if (client)
		state_client_shutdown(client);
	pthread_mutex_lock(&clients_lock);
	while ((client = client_find(cluster)))
		free_slot(client);
	client = take_slot(cluster);
	pthread_mutex_unlock(&clients_lock);
	return client;
}

static void ask_version(struct client_names *names)
{
	/* ceph_version_to_str() of libceph-common, in all of 14 to 20 */
	const char *(*version)(void) = (const char *(*)(void))library_symbol(LIB_CEPH_COMMON, "_Z19ceph_version_to_strv");
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

/* ---- what the wrappers below share ---- */

/* The first wrapped call of a process: time to open the provider. */
static void before_create(void)
{
	int saved = errno;

	fork_survive();
	libraries_refresh();
	emit_open();
	state_tell_at_exit();
	errno = saved;
}

static void after_create(void *cluster, const void *real, const char *type_id, const char *id)
{
	struct client *client;
	int saved = errno;

	libraries_refresh();
	handle_made(LIB_RADOS, cluster, real);
	client = cluster ? new_client(cluster) : NULL;
	if (cluster && !client)
		hook_pass(HOOK_rados_create, "too many clients");
	if (client && type_id)
		snprintf(client->names.entity, sizeof client->names.entity, "%s", type_id);
	else if (client && id)
		snprintf(client->names.entity, sizeof client->names.entity, "client.%s", id);
	errno = saved;
}

/* A client connects only once. If this rados_t is known as connected already, that was another client at the same address in
 * memory. */
static bool is_stale(void *cluster)
{
	struct client *client = client_find(cluster);

	return client && atomic_load(&client->connected);
}

static void after_connect(void *cluster, int result, uint64_t begin, bool stale)
{
	int saved = errno;
	struct client *client = result == 0 && stale ? new_client(cluster) : client_find(cluster);
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

/* A client whose shutdown has begun. Before that has returned another one may have its rados_t, and be in its slot. */
struct ending {
	struct client *client; /* NULL: not known */
	uint32_t life;
};

static struct ending before_shutdown(void *cluster)
{
	struct client *client = client_find(cluster);
	struct ending ending = { client, client ? atomic_load(&client->life) : 0 };
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

static void after_shutdown(const struct ending *ending)
{
	pthread_mutex_lock(&clients_lock);
	if (ending->client && atomic_load(&ending->client->life) == ending->life)
		free_slot(ending->client);
	pthread_mutex_unlock(&clients_lock);
}

/* ---- the C API ---- */

FL_EXPORT int rados_create(void **cluster, const char *id);
FL_EXPORT int rados_create2(void **cluster, const char *cluster_name, const char *name, uint64_t flags);
FL_EXPORT int rados_create_with_context(void **cluster, void *context);
FL_EXPORT int rados_connect(void *cluster);
FL_EXPORT void rados_shutdown(void *cluster);

int rados_create(void **cluster, const char *id)
{
	REAL_OR_RETURN(rados_create, -ENOSYS, cluster, id);
	before_create();
	int result = real(cluster, id);
	if (result == 0)
		after_create(*cluster, real, NULL, id ? id : "admin");
	return result;
}

int rados_create2(void **cluster, const char *cluster_name, const char *name, uint64_t flags)
{
	REAL_OR_RETURN(rados_create2, -ENOSYS, cluster, cluster_name, name, flags);
	before_create();
	int result = real(cluster, cluster_name, name, flags);
	if (result == 0)
		after_create(*cluster, real, name, NULL);
	return result;
}

int rados_create_with_context(void **cluster, void *context)
{
	REAL_OR_RETURN(rados_create_with_context, -ENOSYS, cluster, context);
	before_create();
	int result = real(cluster, context);
	if (result == 0)
		after_create(*cluster, real, NULL, NULL);
	return result;
}

int rados_connect(void *cluster)
{
	uint64_t begin = now_monotonic_ns();

	REAL_OR_RETURN(rados_connect, -ENOSYS, cluster);
	before_create();
	bool stale = is_stale(cluster);
	int result = real(cluster);
	after_connect(cluster, result, begin, stale);
	return result;
}

void rados_shutdown(void *cluster)
{
	REAL_OR_RETURN(rados_shutdown, , cluster);
	struct ending ending = before_shutdown(cluster);
	real(cluster);
	after_shutdown(&ending);
}

/* ---- the C++ API: librados::Rados, whose first word is the rados_t ---- */

FL_EXPORT int Rados_init(void **self, const char *id) __asm__("_ZN8librados7v14_2_05Rados4initEPKc");
FL_EXPORT int Rados_init2(void **self, const char *name, const char *cluster_name,
                          uint64_t flags) __asm__("_ZN8librados7v14_2_05Rados5init2EPKcS3_m");
FL_EXPORT int Rados_init_with_context(void **self, void *context) __asm__("_ZN8librados7v14_2_05Rados17init_with_contextEPv");
FL_EXPORT int Rados_connect(void **self) __asm__("_ZN8librados7v14_2_05Rados7connectEv");
FL_EXPORT void Rados_shutdown(void **self) __asm__("_ZN8librados7v14_2_05Rados8shutdownEv");
FL_EXPORT void Rados_destroy(void **self) __asm__("_ZN8librados7v14_2_05RadosD1Ev");

static void after_init(void **self, const void *real, const char *type_id, const char *id)
{
	struct client *client;

	after_create(*self, real, type_id, id);
	client = client_find(*self);
	if (client)
		atomic_store(&client->owner, self);
}

/*
 * librbd makes Rados objects for a moment to ask something of an IoCtx's client; they share it, and their destructor drops
 * their share through shutdown(). Only the object that was initialised ends the client: nothing else holds on to one
 * whose owner is gone.
 */
static bool ends_client(void **self)
{
	struct client *client = client_find(*self);
	void *owner = self;

	return client && atomic_compare_exchange_strong(&client->owner, &owner, NULL);
}

int Rados_init(void **self, const char *id)
{
	REAL_OR_RETURN(Rados_init, -ENOSYS, self, id);
	before_create();
	int result = real(self, id);
	if (result == 0)
		after_init(self, real, NULL, id ? id : "admin");
	return result;
}

int Rados_init2(void **self, const char *name, const char *cluster_name, uint64_t flags)
{
	REAL_OR_RETURN(Rados_init2, -ENOSYS, self, name, cluster_name, flags);
	before_create();
	int result = real(self, name, cluster_name, flags);
	if (result == 0)
		after_init(self, real, name, NULL);
	return result;
}

int Rados_init_with_context(void **self, void *context)
{
	REAL_OR_RETURN(Rados_init_with_context, -ENOSYS, self, context);
	before_create();
	int result = real(self, context);
	if (result == 0)
		after_init(self, real, NULL, NULL);
	return result;
}

int Rados_connect(void **self)
{
	uint64_t begin = now_monotonic_ns();

	REAL_OR_RETURN(Rados_connect, -ENOSYS, self);
	before_create();
	bool stale = is_stale(*self);
	int result = real(self);
	after_connect(*self, result, begin, stale);
	return result;
}

static void shut_down(void **self, void (*real)(void **self))
{
	struct ending ending = { NULL, 0 };

	if (ends_client(self))
		ending = before_shutdown(*self);
	real(self);
	after_shutdown(&ending);
}

void Rados_shutdown(void **self)
{
	REAL_OR_RETURN(Rados_shutdown, , self);
	shut_down(self, real);
}

void Rados_destroy(void **self)
{
	REAL_OR_RETURN(Rados_destroy, , self);
	shut_down(self, real);
}
