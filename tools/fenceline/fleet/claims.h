/* SPDX-License-Identifier: MIT */
/*
 * Which of several watchers calls the hook for a verdict: the one that claimed it first. A claim settles: it counts only once
 * those that others made in the same moment are in the store, too.
 */
#ifndef FENCELINE_FLEET_CLAIMS_H
#define FENCELINE_FLEET_CLAIMS_H

#include "fleet/stored.h"

#define CLAIMS_SETTLE_MS 2000

/* Those that are stored->wanted: reads who claimed them, claims what nobody has, and calls announce for what is this watcher's, once.
 * Again later, as long as any is `wanted` and not `announced`. 0 or -errno, said. */
int claims_round(struct stored_book *book, void (*announce)(struct stored *stored, void *arg), void *arg);

#endif
