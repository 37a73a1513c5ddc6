/* SPDX-License-Identifier: MIT */
/* The call stack of a thread that fences somebody, as stack_frame events. */
#ifndef FENCELINE_SHIM_STACK_H
#define FENCELINE_SHIM_STACK_H

#include <stdint.h>

/* Emits one stack_frame per frame of the calling thread, innermost first, from the first frame outside the shim on.
 * Neither allocates nor asks Ceph: usable with a Ceph lock held. Any thread. */
void stack_emit(uint64_t action, uint64_t global_id);

#endif
