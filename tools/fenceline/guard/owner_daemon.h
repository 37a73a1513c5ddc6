/* SPDX-License-Identifier: MIT */
/* GET /v1/client/ADDRESS of the record daemon on the owner's host. */
#ifndef FENCELINE_GUARD_OWNER_DAEMON_H
#define FENCELINE_GUARD_OWNER_DAEMON_H

#include "guard/owner.h"

/* Asks the record daemon at host:port, `host` an address without port. False if it does not answer or never saw that client; the
 * reason is in why. */
bool owner_by_daemon(const char *host, unsigned port, const char *address, struct owner_process *owner);

#endif
