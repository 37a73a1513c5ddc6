/* SPDX-License-Identifier: MIT */
/* `incidents --saved`: the folders that the record daemon left. */
#ifndef FENCELINE_SAVED_LIST_H
#define FENCELINE_SAVED_LIST_H

#include "options.h"

#define SAVED_FOLDER "/var/lib/fenceline"

/* Lists those below each input (SAVED_FOLDER without one), a line each, newest first, or as JSON (fenceline/saved/1). An enum
 * exit_code. */
int saved_print(const struct report_options *options, bool exit_code);

#endif
