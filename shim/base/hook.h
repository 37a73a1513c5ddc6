/* SPDX-License-Identifier: MIT */
/*
 * The hooks: one row of table.h per exported symbol, and the way from a row to the real function.
 *
 * A wrapper follows one shape; its declaration (calls/calls.h), and most wrappers whole, come from the row:
 *
 *	int rbd_close(void *image)
 *	{
 *		REAL_OR_RETURN(rbd_close, -ENOSYS, image);
 *		... ask before, only what cannot be asked after ...
 *		int result = real(image);
 *		... ask after, with errno saved ...
 *		return result;
 *	}
 *
 * FENCELINE_DISABLE=1 in the environment, or the file /etc/fenceline/disable, looked for once, at the first wrapped call of
 * Ceph: then every wrapper is a jump to the real function.
 */
#ifndef FENCELINE_SHIM_HOOK_H
#define FENCELINE_SHIM_HOOK_H

#include "libraries.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_NUMBER(id, ...) HOOK_##id,
enum hook {
#define ROW HOOK_NUMBER
#include "table.h"
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

/* The real function where every caller and handle has the same; NULL: ask hook_resolve. */
extern _Atomic(void *) hook_real[HOOK_COUNT];

struct hook_found {
	void *real; /* NULL: no loaded library has it (counted as passthrough) */
	bool alone; /* the shim is switched off, or does not know the release: call it and do nothing else */
};
/* The real function for a call from this code address, with this first argument (either may be NULL). What it finds stays
 * loaded, so that a cached pointer never dangles. Any thread; preserves errno. */
struct hook_found hook_resolve(enum hook hook, const void *caller, const void *handle);

/* For the shim's own questions. */
static inline struct hook_found hook_find(enum hook hook)
{
	void *real = atomic_load_explicit(&hook_real[hook], memory_order_acquire);

	return __builtin_expect(real != NULL, 1) ? (struct hook_found){ real, false } : hook_resolve(hook, NULL, NULL);
}

static inline void *hook_get(enum hook hook)
{
	return hook_find(hook).real;
}

/* FENCELINE_DISABLE or /etc/fenceline/disable. */
bool hook_disabled(void);

#define FL_EXPORT __attribute__((visibility("default")))

#define HOOK_FIRST(first, ...) ((const void *)(uintptr_t)(first))

/* `real` becomes the real function, with the wrapper's own type; the last arguments are the wrapper's. Without a real function
 * there is nothing to pass through to: then `failure` is returned, empty for a void one. */
#define REAL_OR_RETURN(id, failure, ...) \
	__typeof__(&id) real = (__typeof__(&id))atomic_load_explicit(&hook_real[HOOK_##id], memory_order_acquire); \
	if (__builtin_expect(!real, 0)) { \
		struct hook_found found_ = hook_resolve(HOOK_##id, __builtin_return_address(0), HOOK_FIRST(__VA_ARGS__, 0)); \
		real = (__typeof__(&id))found_.real; \
		if (!real) \
			return failure; \
		if (found_.alone) \
			return real(__VA_ARGS__); \
	} \
	(void)0

/* The real function of any row, to ask librados or librbd something. NULL if there is none: check. */
#define REAL(type, id) ((type)hook_get(HOOK_##id))

/* A call was passed through uninstrumented. `reason` is a string constant. Lock-free, any thread. */
void hook_pass(enum hook hook, const char *reason);
uint64_t hook_passed(void);
/* In a forked child: it has passed nothing yet, and nobody is writing. */
void hook_after_fork_child(void);
/* Emits a passthrough event for every hook and reason that passed something. */
void hook_emit_passed(uint32_t pid, uint64_t global_id);

/* Looks which of the libraries are loaded by now; cheap where nothing has been loaded since. Called at rados_create and friends.
 */
void libraries_refresh(void);

#endif
