/* SPDX-License-Identifier: MIT */
/* The asynchronous I/O calls of librbd, C and C++: those rows of the table that are AIO_ROW. Their completion is called c. */
#include "calls.h"
#include "completion.h"

static uint64_t iov_length(const struct iovec *iov, int iovcnt)
{
	uint64_t length = 0;

	for (int i = 0; i < iovcnt; i++)
		length += iov[i].iov_len;
	return length;
}

#define ROW(...)
#define AIO_ROW(id, symbol, library, need, first, last, type, parameters, arguments, handle, op, offset, length) \
	WRAPPER(id, type, parameters, arguments, \
	        struct completion *io = completion_begin_io(HOOK_##id, c, handle, op, offset, length), \
	        completion_submitted(io, result))
#include "base/table.h"
