/* SPDX-License-Identifier: MIT */
/* How the fetch commands, which other programs of fenceline call, begin: URL SINCE UNTIL [...]. */
#ifndef FENCELINE_FLEET_FETCH_H
#define FENCELINE_FLEET_FETCH_H

#include "fleet/store.h"

/* Opens the store of argv[1], whose schema is known; the caller closes it. 0, or the exit code, and stderr says why. `whose`: what is
 * said to a person who calls it with less than it takes. */
int fetch_begin(int argc, char **argv, const char *whose, struct store **store);

#endif
