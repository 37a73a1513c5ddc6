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

/* Tentacle now and then ends a program that closes an image which was opened read-only at a snapshot (seen without a shim). */
#define READ_ONLY_SNAP (CEPH_MAJOR < 20 ? "snap" : "")

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

/* How many images have been opened: the number of the last one. */
static inline unsigned *images_opened(void)
{
	static unsigned opened;

	return &opened;
}

static inline void expect_open(const char *name, const char *id, const char *snap, int read_only, int result)
{
	printf("image_open image=%u name=\"%s\" image_id=\"%s\" snap=\"%s\" read_only=%d result=%d\n",
	       result < 0 ? 0 : ++*images_opened(), name, id, snap, read_only, result);
}

static inline void expect_close(unsigned image)
{
	printf("image_close image=%u result=0 inflight=0\n", image);
}

static inline void expect_client(void)
{
	printf("client_connect entity=\"client.admin\" result=0\nclient_shutdown\n");
}

/* A snapshot call, of an image or of a group, which has no image's name. */
static inline void expect_snapshot(const char *op, const char *snap, const char *image, int result)
{
	static unsigned action;

	printf("snapshot_begin action=%u op=\"%s\" snap=\"%s\" name=\"%s\"\n", ++action, op, snap, image);
	printf("snapshot_end action=%u result=%d\n", action, result);
}

/* A snapshot call with this result, and what it must leave. */
#define MUST_SNAP(op, snap, image, wanted, call) \
	do { \
		MUST((call) == (wanted)); \
		expect_snapshot(op, snap, image, wanted); \
	} while (0)

#endif
