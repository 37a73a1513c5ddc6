/* SPDX-License-Identifier: MIT */
/*
 * The snapshot calls of librbd, in C, which is also python-rbd's, and so cinder's, and in C++, which is that of `rbd`: those rows
 * of the table that are SNAPSHOT_ROW. The first word of a librbd::Image is its rbd_image_t, that of a librados::IoCtx its
 * rados_ioctx_t; a ProgressContext& is passed on as it is.
 */
#include "calls.h"
#include "follow/snapshot.h"

#define ROW(...)
#define SNAPSHOT_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	WRAPPER(id, type, parameters, arguments, struct snapshot_call call; before, snapshot_end(&call, result))
#include "base/table.h"
