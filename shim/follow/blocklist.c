/* SPDX-License-Identifier: MIT */
#include "blocklist.h"

#include "action.h"
#include "base/emit.h"
#include "base/hook.h"
#include "lock_break.h"
#include "noted.h"
#include "base/process.h"
#include "base/stack.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

/* What the outermost wrapper of this thread has reported and is sending right now; 0: nothing. A number and no pointer:
 * if a C++ exception leaves the real call, nobody clears it, and then it must not dangle. */
static __thread uint64_t sending;

/* FNV-1a over what makes two commands the same action. */
static uint64_t command_key(const struct blocklist_command *command)
{
	uint64_t key = UINT64_C(14695981039346656037);

	for (const char *c = command->op; *c; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(1099511628211);
	for (const char *c = command->target; *c; c++)
		key = (key ^ (unsigned char)*c) * UINT64_C(1099511628211);
	return (key + command->range) | 1;
}

bool blocklist_wanted(void)
{
	return emit_wanted(FL_EV_blocklist) || emit_wanted(FL_EV_blocklist_result) || emit_wanted(FL_EV_stack_frame);
}

/* rbd-mirror holds librbd statically, and nothing else there blocklists. On Ceph 14 to 20 it exports what it is made of. */
static bool holds_librbd(const void *caller)
{
	static const char *const breaks_locks[] = {
		"_ZN6librbd12managed_lock12BreakRequestINS_8ImageCtxEE14send_blocklistEv",
		"_ZN6librbd12managed_lock12BreakRequestINS_8ImageCtxEE14send_blacklistEv",
	};
	object_id object = object_of(caller);

	return object && (object_defines(object, breaks_locks[0]) || object_defines(object, breaks_locks[1]));
}

static enum fl_blocklist_entry entry_of(const struct blocklist_command *command, enum fl_blocklist_entry entry,
                                        const void *caller)
{
	if (strcmp(command->op, "add") != 0 || (!library_contains(LIB_RBD, caller) && !holds_librbd(caller)))
		return entry;
	return lock_break_is_open_for(command->target) ? FL_ENTRY_BREAK_LOCK_API : FL_ENTRY_EXCLUSIVE_LOCK_BREAK;
}

static uint64_t blocklist_report(const struct blocklist_command *command, enum fl_blocklist_entry entry, const char *call,
                                 const struct client *client, const void *caller)
{
	uint64_t serial = action_next();
	char thread[16] = "";

	prctl(PR_GET_NAME, thread);
	if (!strcmp(command->op, "add"))
		noted_blocklist(command->target);
	EMIT(blocklist, .pid = process_id(), .global_id = client_id(client), .action = serial, .op = command->op,
	     .range = command->range, .target = command->target, .expire_s = command->expire_s,
	     .entry = (uint8_t)entry_of(command, entry, caller), .call = call, .thread = thread,
	     .by_address = client ? client->names.address : "", .by_entity = client ? client->names.entity : "");
	stack_emit(serial, client_id(client));
	return serial;
}

void blocklist_begin(struct blocklist_action *action, const struct blocklist_command *command, enum fl_blocklist_entry entry,
                     const char *call, const struct client *client, const void *caller)
{
	uint64_t key = command_key(command);
	int saved = errno;

	*action = (struct blocklist_action){ .global_id = client_id(client), .outermost = sending != key };
	if (action->outermost) {
		sending = key;
		action->serial = blocklist_report(command, entry, call, client, caller);
	}
	errno = saved;
}

void blocklist_end(const struct blocklist_action *action, int result)
{
	if (!action->outermost)
		return;
	sending = 0;
	EMIT(blocklist_result, .pid = process_id(), .global_id = action->global_id, .action = action->serial, .result = result);
}

void blocklist_sent(const struct blocklist_command *command, const char *call, const struct client *client, const void *caller)
{
	int saved = errno;

	if (sending != command_key(command))
		blocklist_report(command, FL_ENTRY_MONITOR_COMMAND, call, client, caller);
	errno = saved;
}
