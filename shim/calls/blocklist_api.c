/* SPDX-License-Identifier: MIT */
/* The rows that are BLOCKLIST_ROW: librados' own calls that blocklist: blacklist_add (its name up to Ceph 15, kept in C) and
 * blocklist_add, C and C++. */
#include "calls.h"
#include "follow/blocklist.h"

#include <string.h>

static void blocklist_api_begin(struct blocklist_action *action, void *cluster, const char *address, size_t length,
                                uint32_t expire_s, const char *call, const void *caller)
{
	struct blocklist_command command;

	*action = (struct blocklist_action){ 0 };
	if (!blocklist_wanted())
		return;
	blocklist_command_add(&command, address, length, expire_s);
	blocklist_begin(action, &command, FL_ENTRY_BLOCKLIST_API, call, client_of_cluster(cluster), caller);
}

#define ROW(...)
#define BLOCKLIST_ROW(id, symbol, library, need, first, last, type, parameters, arguments, ...) \
	WRAPPER(id, type, parameters, arguments, struct blocklist_action action; \
	        blocklist_api_begin(&action, __VA_ARGS__, __builtin_return_address(0)), blocklist_end(&action, result))
#include "base/table.h"
