/* SPDX-License-Identifier: MIT */
/* Serial numbers, from 1, that join the begin and end events of one call: blocklist, lock_break, snapshot. */
#ifndef FENCELINE_SHIM_ACTION_H
#define FENCELINE_SHIM_ACTION_H

#include <stdint.h>

/* Any thread. */
uint64_t action_next(void);

#endif
