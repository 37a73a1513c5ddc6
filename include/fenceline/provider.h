/* SPDX-License-Identifier: MIT */
/*
 * The table through which libfenceline.so reaches its LTTng-UST provider, libfenceline-ust.so.0 (liblttng-ust.so.0,
 * LTTng 2.12) or .1 (liblttng-ust.so.1, LTTng 2.13 and later). The shim opens the provider with dlopen(RTLD_LOCAL) at
 * the first wrapped call and never closes it; the provider depends on liblttng-ust and libunwind, the shim on libc only.
 */
#ifndef FENCELINE_PROVIDER_H
#define FENCELINE_PROVIDER_H

#include "fenceline/events.h"

#include <stddef.h>

/* Which build it is: a sum over fenceline's version, this header and events.h (CMakeLists.txt). Shim and provider of different
 * builds do not use each other: an upgrade under a running VM leaves it the old shim with the new files beside it. The
 * provider's file holds FL_PROVIDER_MARK, so that the shim need not even load it to tell. */
#define FL_PROVIDER_ABI      ((uint32_t)FENCELINE_PROVIDER_BUILD)
#define FL_PROVIDER_TEXT_(n) #n
#define FL_PROVIDER_TEXT(n)  FL_PROVIDER_TEXT_(n)
#define FL_PROVIDER_MARK     "fenceline provider of build " FL_PROVIDER_TEXT(FENCELINE_PROVIDER_BUILD) ";"
/*
 * The one symbol that the provider exports, fenceline_provider(): returns its table, or NULL if the caller was built for
 * another FL_PROVIDER_ABI or number of events. The table is static, read-only and lives as long as the library is loaded.
 * By the time dlopen() returns LTTng has registered the tracepoints and, unless LTTNG_UST_REGISTER_TIMEOUT is 0, has waited
 * for a session daemon that listens to enable them; in the shim that wait comes after dlopen() (shim/base/lttng_calls.h).
 */
/*
 * LTTNG_UST_REGISTER_TIMEOUT in a VM, in ms: how long QEMU's start waits at most for a session daemon that is there and does not
 * answer (none at all: no wait). LTTng takes the same value as the limit for each answer of the daemon afterwards: with 0, that
 * is 10 ms, on a busy host the registration of the events fails, and the VM's trace stays empty (seen, 2 of 35 runs).
 */
#define FL_REGISTER_TIMEOUT_MS "1000"

#define FL_PROVIDER_SYMBOL "fenceline_provider"

struct fl_provider {
	uint32_t abi;    /* FL_PROVIDER_ABI of the provider's build; another one is not used */
	uint32_t events; /* FL_EV_COUNT of the provider's build; likewise */
	/* Per event, LTTng's own flag: nonzero while any session has it enabled. A plain load; may change at any time. */
	const volatile int *enabled[FL_EV_COUNT];
	/* Record one event. `event` is a struct fl_<event>, borrowed for the call. Any thread; never blocks, never fails. */
	void (*emit[FL_EV_COUNT])(const void *event);
	/* Return addresses of the calling thread's stack, innermost (the caller of backtrace) first. Returns how many. */
	int (*backtrace)(uintptr_t *return_addresses, int max);
	/* LTTng's hooks around fork(): before in the parent, then after in parent and child. One saved signal set per thread. */
	void (*before_fork)(void);
	void (*after_fork_parent)(void);
	void (*after_fork_child)(void);
};

/* The type of FL_PROVIDER_SYMBOL; pass FL_PROVIDER_ABI and FL_EV_COUNT. */
typedef const struct fl_provider *fl_provider_fn(uint32_t abi, uint32_t events);

#endif
