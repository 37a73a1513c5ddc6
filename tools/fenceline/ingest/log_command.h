/* SPDX-License-Identifier: MIT */
/* QEMU's command line, as libvirt writes it into a VM's log. Internal to ingest/. Not thread-safe. */
#ifndef FENCELINE_INGEST_LOG_COMMAND_H
#define FENCELINE_INGEST_LOG_COMMAND_H

#include "ingest/log_row.h"

struct command_drive {
	struct command_drive *next;
	char *device, *pool, *namespace, *image, *user; /* owned, "" if not told */
};

struct log_command {
	int64_t ts_ns;
	uint64_t line;
	char *name, *uuid, *host;     /* owned, "" if not told */
	struct command_drive *drives; /* owned, in the order of the command line */
	char *option;                 /* owned: the one whose value comes next, "" if none */
};

/* For the VM that starts at that time, told in that line. */
struct log_command *log_command_new(int64_t ts_ns, uint64_t line, struct log_span host);
/* One line of the command line, or all of it. */
void log_command_add(struct log_command *command, const char *text, size_t length);
void command_drives_free(struct command_drive *drives);
void log_command_free(struct log_command *command);

#endif
