/* SPDX-License-Identifier: MIT */
/* Numbers for simulations that come out the same every time: Knuth's generator of MMIX. */
#ifndef FENCELINE_SNAPS_SIMULATE_RANDOM_H
#define FENCELINE_SNAPS_SIMULATE_RANDOM_H

#include <stdint.h>

/* Moves the state on and returns it; the high bits are the good ones. */
static inline uint64_t random_next(uint64_t *state)
{
	return *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
}

#endif
