/* SPDX-License-Identifier: MIT */
/* The logs of --with: their ends are read with a case, and of those the lines that matter go into a folder. */
#ifndef FENCELINE_DAEMON_LOGS_H
#define FENCELINE_DAEMON_LOGS_H

#include "saved/saved.h"

#include <stddef.h>

#define LOG_END_BYTES (16 << 20) /* of each log */

/* The last LOG_END_BYTES of `log`, from a whole line on, into a file in `folder`, named after it. 0 or -errno. */
int logs_take_end(const char *log, const char *folder);

/*
 * The lines of every file in `from` that name what the verdict is about (the client's address, global id, image, header, VM) into
 * files of the same names in `to`; files without such a line are left out. 0 or -errno.
 */
int logs_take_lines(const char *from, const char *to, const struct verdict *verdict);

#endif
