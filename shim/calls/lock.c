/* SPDX-License-Identifier: MIT */
/* break_lock and lock_break of librbd's API, C and C++: those rows of the table that are LOCK_ROW. A std::string begins with the
 * pointer to its text. */
#include "calls.h"
#include "follow/lock_break.h"

#define ROW(...)
#define LOCK_ROW(id, symbol, library, need, first, last, type, parameters, arguments, ...) \
	WRAPPER(id, type, parameters, arguments, struct lock_break call; \
	        lock_break_begin(&call, HOOK_##id, __VA_ARGS__), lock_break_end(&call, result))
#include "base/table.h"
