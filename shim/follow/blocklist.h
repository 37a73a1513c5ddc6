/* SPDX-License-Identifier: MIT */
/*
 * Who fences whom, and through which call. One action is seen at up to three layers: a break_lock call of librbd's API
 * causes an add of librados' API, which makes the monitor client send a command. Here they become one blocklist event.
 *
 *   - A wrapper of librados' API or of a monitor command (outer) begins an action before the real call and ends it with
 *     its result. Meanwhile the same command seen in the same thread belongs to it and is not reported again.
 *   - MonClient::_send_command (inner), the only thing that can be seen of librbd's own blocklisting from Ceph 16 on,
 *     reports what nobody else has reported.
 *   - What librbd adds while a break_lock call of librbd's API is open anywhere in the process is that call's doing.
 */
#ifndef FENCELINE_SHIM_BLOCKLIST_H
#define FENCELINE_SHIM_BLOCKLIST_H

#include "blocklist_command.h"
#include "client.h"

#include "fenceline/events.h"

struct blocklist_action {
	uint64_t serial; /* 0: not reported, because it is part of an outer one or nobody wants it */
	uint64_t global_id;
	bool outermost;
};

/* Does any session want to hear of blocklisting? If not, nothing below needs to be called. */
bool blocklist_wanted(void);

/*
 * An outer wrapper is about to make the real call. Emits blocklist and the call stack. `entry` is what the wrapped call
 * is if the application made it; `caller` the wrapper's return address, which tells whether librbd did; `call` a string
 * constant. client may be NULL. No Ceph lock needs to be free.
 */
void blocklist_begin(struct blocklist_action *action, const struct blocklist_command *command, enum fl_blocklist_entry entry,
                     const char *call, const struct client *client, const void *caller);
/* The real call has returned. Emits blocklist_result. */
void blocklist_end(const struct blocklist_action *action, int result);

/* The monitor client sends a command; reports it unless an outer wrapper of this thread has. Asks Ceph nothing. */
void blocklist_sent(const struct blocklist_command *command, const char *call, const struct client *client, const void *caller);

#endif
