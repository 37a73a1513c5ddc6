/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_CORRELATE_SENDERS_H
#define FENCELINE_CORRELATE_SENDERS_H

#include "model/model.h"

/* The client that a command's sender is, found by process and global id; NULL if no input knows it. */
const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id);
/* The client that sent the command; NULL if no input knows it, or if a global id alone, which another cluster may have, too,
 * names it. */
const struct client *sender_of(const struct model *model, const struct blocklist_action *action);
/* Is the process, or that client of it, the command's sender? Threads of one service have a client each. */
bool is_sender(const struct blocklist_action *action, const struct process *process, uint64_t gid);
/* The fsid of the sender's cluster, else that of the log with the command. "": neither is known, it may be any cluster's. */
const char *command_cluster(const struct model *model, const struct blocklist_action *action);
bool command_failed(const struct blocklist_action *action);
/* May the sender have broken this lock with the command? It breaks one once the monitors have answered. As the command's own
 * trace tells; whether it could is op->result. */
bool is_break_after(const struct blocklist_action *action, const struct header_op *op);
/* May the sender have sent the command for what it saw here? What it asked for, and whether it got that, is the listing's. */
bool is_look_before(const struct blocklist_action *action, const struct watchers_listing *listing);
/* Is the command known to have been carried out: the audit log's end of it, its result, or the lock that its sender broke after
 * it? */
bool blocklist_committed(const struct model *model, const struct blocklist_action *action);
/* Do its sender's clock and the monitors' disagree about one command? */
bool command_is_apart(const struct blocklist_action *action);
/* May the command have been another cluster's than the client's? Its cluster is known by the sender's trace or the audit log's
 * folder, if the client's is known as well. `client`: NULL where only an address is known. */
bool may_be_of_other_cluster(const struct model *model, const struct blocklist_action *action, const struct client *client);

#endif
