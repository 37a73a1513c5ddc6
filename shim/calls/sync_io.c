/* SPDX-License-Identifier: MIT */
/* The synchronous I/O calls of librbd, C and C++: those rows of the table that are IO_ROW. None of them goes through an exported
 * asynchronous one. */
#include "calls.h"
#include "follow/io.h"

#define ROW(...)
#define IO_ROW(id, symbol, library, need, first, last, type, parameters, arguments, handle, op, offset, length) \
	WRAPPER(id, type, parameters, arguments, struct io io; io_begin(&io, handle, op, offset, length), io_end(&io, result))
#include "base/table.h"
