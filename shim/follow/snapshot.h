/* SPDX-License-Identifier: MIT */
/* A snapshot call of librbd's API, from its begin to its end: what both sets of wrappers, C and C++, share. */
#ifndef FENCELINE_SHIM_SNAPSHOT_H
#define FENCELINE_SHIM_SNAPSHOT_H

#include <stdint.h>

struct snapshot_call {
	uint64_t action; /* 0: nobody wants it */
	uint64_t global_id;
};

/* Before the real call: emits snapshot_begin. handle is an rbd_image_t, op a string constant. Asks librbd for the names
 * of an image that was opened unseen. */
void snapshot_begin(struct snapshot_call *call, void *handle, const char *op, const char *snap);
/* The same for a snapshot that is named by its id. */
void snapshot_begin_by_id(struct snapshot_call *call, void *handle, const char *op, uint64_t snap_id);
/* The same for a group's snapshot: it belongs to the pool of this rados_ioctx_t and to no single image. */
void snapshot_begin_group(struct snapshot_call *call, void *ioctx, const char *op, const char *group, const char *snap);
/* The real call has returned: emits snapshot_end. Preserves errno, as the others do. */
void snapshot_end(const struct snapshot_call *call, int result);

#endif
