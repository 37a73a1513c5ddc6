/* SPDX-License-Identifier: MIT */
/* `timeline --format ndjson --follow`. */
#ifndef FENCELINE_FOLLOW_H
#define FENCELINE_FOLLOW_H

#include "options.h"

/* Prints what the inputs hold and then what is added to them, until SIGINT or SIGTERM, until the recordings on this host that
 * write into them have ended, or until --until has passed. An enum exit_code. */
int follow_timeline(const struct report_options *options);

#endif
