/* SPDX-License-Identifier: MIT */
/* The sockets of this network namespace, and which of them belong to a process that can be seen. */
#ifndef FENCELINE_GUARD_SOCKETS_H
#define FENCELINE_GUARD_SOCKETS_H

#include "model/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* "ip:port" of what clients connect to, one after the other; sockets are compared with these. */
struct peers {
	char (*list)[64];
	size_t count;
}; /* owned */
void peers_add(const char *address, void *peers);
void peers_free(struct peers *peers);

struct sockets;
struct sockets *sockets_open(void); /* reads /proc/net; NULL if it cannot */
void sockets_close(struct sockets *sockets);
/* What this process holds is explained. */
void sockets_explain(struct sockets *sockets, pid_t pid);
/* Is every TCP connection from that IP to one of the peers explained? why names one that is not. What is only the kernel's rest
 * of a closed one has no inode and does not count. */
bool sockets_explained(const struct sockets *sockets, const struct address *local, const struct peers *peers, char *why,
                       size_t size);
/* Is every socket of TCP, UDP and UNIX explained? */
bool sockets_all_explained(const struct sockets *sockets, char *why, size_t size);

#endif
