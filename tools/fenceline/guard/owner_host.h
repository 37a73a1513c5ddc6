/* SPDX-License-Identifier: MIT */
/* What this host's kernel knows: its addresses, and whether anything is left that could be the owner. */
#ifndef FENCELINE_GUARD_OWNER_HOST_H
#define FENCELINE_GUARD_OWNER_HOST_H

#include "guard/sockets.h"

#include <stdbool.h>
#include <stddef.h>

/* Is the address (ip:port/nonce) one of this host's, in this network namespace? */
bool owner_is_here(const char *address);

/*
 * Is nothing left on this host that could be the client of this address? True only if every process of this network namespace can
 * be seen, none has librbd loaded without a status page that names its clients, and no connection to the cluster belongs to
 * somebody that cannot be seen (the kernel's own client, another PID namespace). Else why tells what is in the way. For an
 * address that is here.
 */
bool owner_is_gone(const char *address, const struct peers *peers, char *why, size_t size);

#endif
