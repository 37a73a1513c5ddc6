/* SPDX-License-Identifier: MIT */
/* What the programs of shim_surface.sh share, C and C++. */
#ifndef FENCELINE_TESTS_SHIM_SURFACE_H
#define FENCELINE_TESTS_SHIM_SURFACE_H

#include "fenceline/events.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #condition); \
			exit(1); \
		} \
	} while (0)

static const uint64_t IMAGE_SIZE = UINT64_C(64) << 20;

/* Nautilus frees a completion that is released before its I/O has begun, and then uses it (seen without a shim). */
#define MAY_BE_RELEASED_FIRST (LIBRBD_VERSION_CODE >= LIBRBD_VERSION(1, 16, 0))

/* Each I/O goes to a place of its own. */
static inline uint64_t next_place(void)
{
	static uint64_t place;

	return place = (place + 65536) % IMAGE_SIZE;
}

/* The event that an I/O must leave. */
static inline void expect(enum fl_io_op op, uint64_t offset, uint64_t length, int64_t result)
{
	printf("io op=%d offset=%llu length=%llu result=%lld\n", op, (unsigned long long)offset, (unsigned long long)length,
	       (long long)result);
}

#endif
