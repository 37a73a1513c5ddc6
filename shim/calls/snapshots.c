/* SPDX-License-Identifier: MIT */
/*
 * The snapshot calls of librbd, in C, which is also python-rbd's, and so cinder's, and in C++, which is that of `rbd`: those rows
 * of the table that are SNAPSHOT_ROW. The first word of a librbd::Image is its rbd_image_t, that of a librados::IoCtx its
 * rados_ioctx_t; a ProgressContext& is passed on as it is.
 */
#include "calls.h"
#include "follow/snapshot.h"

#include <errno.h>

#define ROW(...)
#define SNAPSHOT_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	type id parameters \
	{ \
		struct snapshot_call call; \
\
		REAL_OR_RETURN(id, -ENOSYS, WITHOUT_PARENTHESES arguments); \
		before; \
		type result = real arguments; \
		snapshot_end(&call, result); \
		return result; \
	}
#include "base/table.h"
