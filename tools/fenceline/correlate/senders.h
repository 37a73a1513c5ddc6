/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_SENDERS_H
#define FENCELINE_CORRELATE_SENDERS_H

#include "model/model.h"

/* The client that a command's sender is, found by process and global id; NULL if no input knows it. */
const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id);
/* Is the process, or that client of it, the command's sender? Threads of one service have a client each. */
bool is_sender(const struct blocklist_action *action, const struct process *process, uint64_t gid);
/* Do its sender's clock and the monitors' disagree about one command? */
bool command_is_apart(const struct blocklist_action *action);

#endif
