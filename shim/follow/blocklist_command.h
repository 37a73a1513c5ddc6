/* SPDX-License-Identifier: MIT */
/*
 * What a monitor command asks for, if it is one that blocklists. Other commands may carry secrets: of those nothing is
 * kept, not even their name.
 */
#ifndef FENCELINE_SHIM_BLOCKLIST_COMMAND_H
#define FENCELINE_SHIM_BLOCKLIST_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer commands are none of ours: an address with its expiry needs 200 bytes. */
#define BLOCKLIST_COMMAND_MAX 1024

struct blocklist_command {
	char op[8];       /* "add", "rm" or "clear" */
	char target[256]; /* as it stands in the command; "" for clear */
	int64_t expire_s; /* 0: the cluster's default; -1: not named */
	bool range;       /* target is a CIDR */
	bool old_verb;    /* blacklist, not blocklist: what clients fall back to when a monitor older than 16 refuses */
};

/* Parses the JSON text of a monitor command, as in {"prefix": "osd blocklist", "blocklistop": "add", "addr": "1.2.3.4:0/5"}.
 * False: another command, or not well formed. Pure; neither allocates nor locks. */
bool blocklist_command_parse(struct blocklist_command *command, const char *json, size_t length);
/* One that adds this address (of length bytes), as the API calls do. expire 0: the cluster's default. */
void blocklist_command_add(struct blocklist_command *command, const char *address, size_t length, uint32_t expire_s);

#endif
