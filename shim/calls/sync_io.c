/* SPDX-License-Identifier: MIT */
/* The synchronous I/O calls of librbd, C and C++: those rows of the table that are IO_ROW. None of them goes through an exported
 * asynchronous one. */
#include "calls.h"
#include "follow/io.h"

#include <errno.h>

static inline int64_t end(const struct io *io, int64_t result)
{
	io_end(io, result);
	return result;
}

#define ROW(...)
#define IO_ROW(id, symbol, library, need, first, last, type, parameters, arguments, handle, op, offset, length) \
	type id parameters \
	{ \
		struct io io; \
\
		REAL_OR_RETURN(id, -ENOSYS, WITHOUT_PARENTHESES arguments); \
		io_begin(&io, handle, op, offset, length); \
		return (type)end(&io, real arguments); \
	}
#include "base/table.h"
