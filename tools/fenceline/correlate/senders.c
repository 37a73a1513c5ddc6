/* SPDX-License-Identifier: MIT */
/* Who sent a command. */
#include "correlate/senders.h"
#include "model/times.h"

#include <stdlib.h>

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
