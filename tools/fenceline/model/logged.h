/* SPDX-License-Identifier: MIT */
/* What logs tell of clients, watches and fences. */
#ifndef FENCELINE_MODEL_LOGGED_H
#define FENCELINE_MODEL_LOGGED_H

#include "model/records.h"

/* The client that a log names by global id or address, made if need be; the event's time is one of its own if it knows no better.
 */
struct client *client_logged(struct model *model, uint64_t gid, const char *address, const struct event *event);
/* The placeholder for a client that a log does not name: one per VM that the log names, else one per log. */
struct client *client_of_log(struct model *model, const char *vm_name, const char *vm_uuid, const struct source *source);
/* The VM of that placeholder failed where this log is written. */
void vm_failed(struct model *model, struct client *holder, const struct source *source);
/* A client that only logs know of and that left in good order, so long ago that it can be part of no incident. */
bool logged_is_over(const struct model *model, const struct client *client);
/* At the end: what logs say of watches counts where no trace does. */
void logged_watches(struct model *model);

#endif
