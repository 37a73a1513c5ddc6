/* SPDX-License-Identifier: MIT */
/*
 * Every wrapper of a call of Ceph, declared from its row in base/table.h: with its type and under the symbol's own name, exported.
 * A C++ object and a reference are pointers here; what is behind one that is only passed on is void.
 */
#ifndef FENCELINE_SHIM_CALLS_H
#define FENCELINE_SHIM_CALLS_H

#include "base/hook.h"
#include "base/peek.h"
#include "follow/record_pool.h"
#include "follow/watch_proxy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef int iterate_callback(uint64_t off, size_t len, const char *buf, void *arg);
typedef int (*progress_fn)(uint64_t offset, uint64_t total, void *arg);
typedef void (*old_watch_fn)(uint8_t opcode, uint64_t version, void *arg);

#define LIBC_ROW(...)
#define ROW(id, symbol, library, need, first, last, type, parameters, ...) FL_EXPORT type id parameters __asm__(symbol);
#include "base/table.h"

#define WITHOUT_PARENTHESES(...) __VA_ARGS__

/* The body of a wrapper that the table makes. WRAPPER_BY: `call` reaches the real function, and answers for it. WRAPPER: it is
 * called between `begin`, which may declare, and `end`, which may look at `result`. */
#define WRAPPER_BY(id, type, parameters, arguments, call) \
	type id parameters \
	{ \
		REAL_OR_RETURN(id, -ENOSYS, WITHOUT_PARENTHESES arguments); \
		return call; \
	}
#define WRAPPER(id, type, parameters, arguments, begin, end) \
	type id parameters \
	{ \
		REAL_OR_RETURN(id, -ENOSYS, WITHOUT_PARENTHESES arguments); \
		begin; \
		type result = real arguments; \
		end; \
		return result; \
	}

#endif
