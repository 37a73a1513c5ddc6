/* SPDX-License-Identifier: MIT */
/*
 * The hooks: one row of table.h per exported symbol, and the way from a row to the real function.
 *
 * A wrapper in here follows one shape:
 *
 *	FL_HOOK(rbd_open) int rbd_open(rados_ioctx_t io, ...)
 *	{
 *		REAL_OR_RETURN(rbd_open, -ENOSYS);
 *		... ask before, only what cannot be asked after ...
 *		int result = real(io, ...);
 *		... ask after, with errno saved ...
 *		return result;
 *	}
 */
#ifndef FENCELINE_SHIM_HOOK_H
#define FENCELINE_SHIM_HOOK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum hook_library { LIB_RBD, LIB_RADOS, LIB_CEPH_COMMON, LIB_C, LIB_COUNT };

#define HOOK_NUMBER(id, symbol, library, need, first, last) HOOK_##id,
enum hook {
#define ROW HOOK_NUMBER
#include "table.h"
#undef ROW
	HOOK_COUNT
};
#undef HOOK_NUMBER

/* What `fenceline doctor` and the tests read; also exported as the only data symbol, fenceline_hooks. */
struct hook_row {
	const char *symbol;
	enum hook_library library;
	bool required;
	uint8_t first, last; /* Ceph major releases that have the symbol; last 0: still there in the newest one known */
};
extern const struct hook_row hook_rows[HOOK_COUNT];

extern _Atomic(void *) hook_real[HOOK_COUNT];

/* Finds the real function of a hook, once; NULL if no loaded library has it (counted as passthrough). Any thread.
 * Pins the library (dlopen with RTLD_NODELETE), so that a cached pointer never dangles. */
void *hook_resolve(enum hook hook);

static inline void *hook_get(enum hook hook)
{
	void *real = atomic_load_explicit(&hook_real[hook], memory_order_acquire);

	return __builtin_expect(real != NULL, 1) ? real : hook_resolve(hook);
}

#define FL_EXPORT __attribute__((visibility("default")))

/* Declares a wrapper for a row whose C name is its exported name. */
#define FL_HOOK(id) FL_EXPORT

/* `real` becomes the real function, with the wrapper's own type. Without one there is nothing to pass through to. */
#define REAL_OR_RETURN(id, ...) \
	__typeof__(&id) real = (__typeof__(&id))hook_get(HOOK_##id); \
	if (__builtin_expect(!real, 0)) \
	return __VA_ARGS__

/* The real function of any row, to ask librados or librbd something. NULL if there is none: check. */
#define REAL(type, id) ((type)hook_get(HOOK_##id))

/* A call was passed through uninstrumented. `reason` is a string constant. Lock-free, any thread. */
void hook_pass(enum hook hook, const char *reason);
uint64_t hook_passed(void);
/* Emits a passthrough event for every hook and reason that passed something. */
void hook_emit_passed(uint32_t pid, uint64_t global_id);

/* A function of librbd or librados that is not wrapped, only asked. NULL if it is not there. Cached by the caller. */
void *library_symbol(enum hook_library library, const char *symbol);
/* Is this code address inside the library? False while the library is not loaded. */
bool library_contains(enum hook_library library, const void *address);
/* Bounds of the library's executable text, 0 while it is not loaded; for the two compares on the socket path. */
extern _Atomic(uintptr_t) ceph_common_begin, ceph_common_end;
/* Looks which of the libraries are loaded by now; cheap once they are. Called at rados_create and friends. */
void libraries_refresh(void);

#endif
