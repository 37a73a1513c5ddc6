/* SPDX-License-Identifier: MIT */
/*
 * What is told again and again, so that every trace names its VM: the state events, and the end of a client.
 */
#ifndef FENCELINE_SHIM_STATE_H
#define FENCELINE_SHIM_STATE_H

#include "client.h"
#include "image.h"

/* Emits state for one image (image not NULL) or for a client without an open image. */
void state_emit(const struct client *client, const struct image *image);
/* Emits state for every open image, for every client without one, and passthrough counts. Called by the sampler thread
 * every STATE_PERIOD_S while any event is wanted, and by nobody else. */
void state_emit_all(void);
#define STATE_PERIOD_S 3

/* What was passed through, once more: of a process that ends before the next state is due nobody would learn it. */
void state_emit_losses(uint64_t global_id);
/* From the first call on it is told at exit, too. To be called when the provider has been opened: so it ends later. */
void state_tell_at_exit(void);

/* A client is about to be shut down: nothing may ask librados about it any more. Stops the sampling of its watches
 * (watch_client_shutdown) and returns only when no sample is under way. */
void state_client_shutdown(struct client *client);

#endif
