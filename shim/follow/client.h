/* SPDX-License-Identifier: MIT */
/*
 * The librados clients of this process: who each is, asked once when it has connected.
 *
 * rados_t is a RadosClient*, which is also the first word of a librados::Rados; rados_ioctx_t is an IoCtxImpl*, the
 * first word of a librados::IoCtx (Ceph 14 to 20; one client pointer, no virtual functions). So the public C calls
 * rados_ioctx_get_cluster, rados_get_instance_id and rados_getaddrs answer for the C++ objects as well.
 *
 * Slots are never freed, only reused: a pointer to one stays readable for ever. Who a client is does not change from
 * connected to shutdown; whoever may run beside that shutdown (the sampler) takes a copy, client_read.
 */
#ifndef FENCELINE_SHIM_CLIENT_H
#define FENCELINE_SHIM_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client {
	_Atomic(void *) cluster; /* rados_t; NULL: a free slot */
	_Atomic(uint32_t) life;  /* of the slot, counted: a rados_t is an address, and may soon be the next client's */
	_Atomic(bool) connected;
	_Atomic(uint64_t) global_id; /* 0: not connected */
	_Atomic(int64_t) fenced_ns;  /* when it was first told -108, since the epoch; 0: never */
	struct client_names {
		char entity[64];   /* "client.cinder", "" if not known */
		char address[128]; /* as rados_getaddrs writes it, "" if not connected */
		char fsid[40];
		char version[32]; /* "16.2.15" */
	} names;
	_Atomic(void *) owner; /* the librados::Rados that was initialised; NULL if rados_create made the client */
};

/* The client of a connected rados_t; made known now if nobody has seen it connect. NULL: none, or no slot is free.
 * Asks librados: not to be called with a Ceph lock held. Any thread. */
struct client *client_of_cluster(void *cluster);
/* The same for a rados_ioctx_t, and for the address of a librados::IoCtx. */
struct client *client_of_ioctx(void *ioctx);
static inline struct client *client_of_cpp_ioctx(void *const *ioctx)
{
	return ioctx && *ioctx ? client_of_ioctx(*ioctx) : NULL;
}
/* Only looks, never asks Ceph: usable with a lock held. NULL if it is not known. */
struct client *client_find(void *cluster);
/* The client, if exactly one is connected in this process; else NULL. For hooks that see no handle. */
struct client *client_only(void);
/* Calls visit for every connected client. */
void client_each(void (*visit)(struct client *client, void *arg), void *arg);

/* Copies who a client is, as far as that is known; false, and empty names: it has gone by now, or client is NULL. Any thread. */
bool client_read(const struct client *client, struct client_names *names, uint64_t *global_id);

/* For client_life.c: a slot for a rados_t that has just been made, NULL: all are taken; and the end of a slot's life, if it is
 * still that. */
struct client *client_made(void *cluster);
void client_gone(struct client *client, uint32_t life);

/* In a forked child librados has no threads left: the parent's clients are not this process's. */
void client_after_fork_child(void);

static inline uint64_t client_id(const struct client *client)
{
	return client ? atomic_load_explicit(&((struct client *)client)->global_id, memory_order_relaxed) : 0;
}

#endif
