/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_FLEET_WANTED_FIND_H
#define FENCELINE_FLEET_WANTED_FIND_H

#include "fleet/wanted.h"

/* Starts from what happened in the time asked for, or from the VM or image that is named, and finds all that is wanted. 0 or
 * -errno, said. */
int wanted_find(struct wanted *wanted, struct store *store);

#endif
