/* SPDX-License-Identifier: MIT */
/* A client is made, connects, and ends: what is asked, registered, told. */
#ifndef FENCELINE_SHIM_CLIENT_LIFE_H
#define FENCELINE_SHIM_CLIENT_LIFE_H

#include "client.h"

/* The first wrapped call of a process: opens the provider. */
void client_creating(void);

/* One was made by the function `real`, with the name given to it: type and id ("client.cinder"), or the id alone. Of a C++ object
 * the first word is its rados_t. */
void client_created(void *cluster, const void *real, const char *type_id, const char *id);
void client_initialised(void **self, const void *real, const char *type_id, const char *id);

/* A client connects only once. If this rados_t is known as connected already, that was another client at the same address in
 * memory. */
bool client_is_stale(void *cluster);
void client_connected(void *cluster, int result, uint64_t begin, bool stale);

/* A client whose shutdown has begun. Before that has returned another one may have its rados_t, and be in its slot. */
struct client_ending {
	struct client *client; /* NULL: not known */
	uint32_t life;
};
struct client_ending client_ending(void *cluster);
void client_ended(const struct client_ending *ending);

/*
 * librbd makes Rados objects for a moment to ask something of an IoCtx's client; they share it, and their destructor drops
 * their share through shutdown(). Only the object that was initialised ends the client: nothing else holds on to one
 * whose owner is gone.
 */
bool client_is_owner(void **self);

#endif
