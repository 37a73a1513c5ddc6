/* SPDX-License-Identifier: MIT */
/*
 * Pings on the wire. libceph-common sends with libc's sendmsg and receives with read; in crc mode a watch operation in
 * there is plain to see. Only calls that come from libceph-common are looked at, only while there is a watch and a session
 * wants pings, and of what they carry nothing is kept but a watch operation's cookie, gen, op and result, and the number of the
 * message (tid). How it is told from what else goes by: wire_format.h.
 */
#ifndef FENCELINE_SHIM_WIRE_H
#define FENCELINE_SHIM_WIRE_H

#include <stdbool.h>

/* In a forked child nothing has been sent and nothing is awaited. */
void wire_after_fork_child(void);
/* Is what is received looked at, right now? Exposed for its test. */
bool wire_is_looking(void);

#endif
