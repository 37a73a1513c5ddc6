/* SPDX-License-Identifier: MIT */
/* Who sent a command, in which cluster, and was it carried out? */
#include "correlate/senders.h"
#include "model/clients.h"
#include "model/fences.h"
#include "model/times.h"

#include <stdlib.h>
#include <string.h>

const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id)
{
	const struct client *only = NULL;

	for (const struct client *client = model->clients; client; client = client->next) {
		if (process ? client->process != process : !global_id)
			continue;
		if (global_id && client->global_id == global_id)
			return client;
		if (process && !only)
			only = client;
	}
	return global_id ? NULL : only;
}

/* A global id alone identifies nobody where two clusters count alike, or where the address is another one. */
const struct client *sender_of(const struct model *model, const struct blocklist_action *action)
{
	const struct client *client = client_of(model, action->process, action->by_gid);

	if (!client || action->process)
		return client;
	if (!action->by.family || !client->address.family)
		return model_several_clusters(model) ? NULL : client;
	return address_same_client(&action->by, &client->address) ? client : NULL;
}

bool is_sender(const struct blocklist_action *action, const struct process *process, uint64_t gid)
{
	/* A global id alone identifies nobody: two clusters have equal ones. What only a log tells of has no process. */
	if (process != action->process)
		return false;
	/* Two threads of cinder-volume are two clients of one process. */
	if (action->by_gid && gid)
		return action->by_gid == gid;
	return action->process != NULL;
}

bool command_is_apart(const struct blocklist_action *action)
{
	return action->trace_ns && action->dispatch_ns && llabs(action->dispatch_ns - action->trace_ns) > CLOCK_SLACK_NS;
}

const char *command_cluster(const struct model *model, const struct blocklist_action *action)
{
	const struct client *sender = sender_of(model, action);

	if (sender && *sender->fsid)
		return sender->fsid;
	return action->audit_source && *action->audit_source->cluster ? action->audit_source->cluster : action->log_fsid;
}

bool command_failed(const struct blocklist_action *action)
{
	return action->has_result && blocklist_is_refusal(action->result);
}

bool is_break_after(const struct blocklist_action *action, const struct header_op *op)
{
	return action->trace_ns && !strcmp(op->method, "lock.break_lock") && is_sender(action, op->process, op->gid) &&
	       op->ts_ns >= action->trace_ns && op->ts_ns - action->trace_ns <= BREAKER_LOOKBACK_NS;
}

bool is_look_before(const struct blocklist_action *action, const struct watchers_listing *listing)
{
	return is_sender(action, listing->process, listing->gid) && listing->ts_ns <= action->ts_ns &&
	       action->ts_ns - listing->ts_ns <= BREAKER_LOOKBACK_NS;
}

static bool broke_lock_after(const struct model *model, const struct blocklist_action *action)
{
	for (const struct header_op *op = model->header_ops; op; op = op->next)
		if (op->result >= 0 && is_break_after(action, op))
			return true;
	return false;
}

bool blocklist_committed(const struct model *model, const struct blocklist_action *action)
{
	if (command_failed(action))
		return false;
	return action->finished_ns || (action->has_result && action->result >= 0) || broke_lock_after(model, action);
}

static bool same_folder(const char *a, const char *b)
{
	const char *a_end = strrchr(a, '/'), *b_end = strrchr(b, '/');
	size_t length = a_end ? (size_t)(a_end - a) : 0;

	return length == (b_end ? (size_t)(b_end - b) : 0) && !strncmp(a, b, length);
}

/* Another folder holds an audit log with a command that this one's lacks: it may be another cluster's. */
static bool other_folder_has_commands(const struct model *model, const struct source *audit)
{
	for (const struct blocklist_action *each = model->blocklists; each && audit; each = each->next)
		if (each->audit_source && each->audit_source != audit && !same_folder(each->audit_source->path, audit->path))
			return true;
	return false;
}

bool may_be_of_other_cluster(const struct model *model, const struct blocklist_action *action, const struct client *client)
{
	if (client && *client->fsid && !strcmp(client->fsid, command_cluster(model, action)))
		return false;
	return model_several_clusters(model) || other_folder_has_commands(model, action->audit_source);
}
