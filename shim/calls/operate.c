/* SPDX-License-Identifier: MIT */
/*
 * librados::IoCtx::operate and aio_operate in all their forms, exec and aio_exec: librbd's way to an image's header, and on Ceph
 * 14 to the guest's data as well. The rows of the table that are HEADER_ROW and AIO_HEADER_ROW. Pointers to bufferlists, traces
 * and snapshot contexts are passed on as they are.
 */
#include "calls.h"
#include "follow/header_op.h"

static inline struct header_op *begin_aio(void **ioctx, const struct std_string *oid, void **completion, const void *op)
{
	return object_ops_noted ? header_op_tap(header_op_begin(ioctx, oid, op), completion) : NULL;
}

#define ROW(...)
#define HEADER_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	WRAPPER(id, type, parameters, arguments, struct header_op *header_op = before, header_op_end(header_op, result))
#define AIO_HEADER_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	WRAPPER(id, type, parameters, arguments, struct header_op *header_op = before, \
	        header_op_submitted(header_op, completion, result))
#include "base/table.h"
