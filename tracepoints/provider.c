/* SPDX-License-Identifier: MIT */
/*
 * libfenceline-ust.so: everything of the shim that needs LTTng-UST or libunwind, behind the one exported symbol of
 * include/fenceline/provider.h. The shim opens it RTLD_LOCAL: as a plain dependency of a preloaded library libunwind
 * would take over _Unwind_RaiseException for every C++ exception of the host.
 */
#define TRACEPOINT_CREATE_PROBES
#define TRACEPOINT_DEFINE
#define LTTNG_UST_TRACEPOINT_HIDDEN_DEFINITION
#define LTTNG_UST_TRACEPOINT_PROVIDER_HIDDEN_DEFINITION
#include "fenceline_tp.h"

#include "fenceline/provider.h"

#include <errno.h>
#include <signal.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#if FENCELINE_UST_ABI == 0
#include <lttng/ust.h>
#define TP_STATE(event)       __tracepoint_fenceline___##event.state
#define UST_BEFORE_FORK       ust_before_fork
#define UST_AFTER_FORK_PARENT ust_after_fork_parent
#define UST_AFTER_FORK_CHILD  ust_after_fork_child
#else
#include <lttng/ust-fork.h>
#define TP_STATE(event)       lttng_ust_tracepoint_fenceline___##event.state
#define UST_BEFORE_FORK       lttng_ust_before_fork
#define UST_AFTER_FORK_PARENT lttng_ust_after_fork_parent
#define UST_AFTER_FORK_CHILD  lttng_ust_after_fork_child
#endif

/* LTTng's ring buffer may set errno; a wrapped call must hand the host the errno of the real one. */
#define EMIT(event, level, when) \
	static void emit_##event(const void *data) \
	{ \
		int saved = errno; \
\
		tracepoint(fenceline, event, (const struct fl_##event *)data); \
		errno = saved; \
	}
FL_EVENTS(EMIT)
#undef EMIT

static int backtrace_local(uintptr_t *return_addresses, int max)
{
	int saved = errno, n = 0;
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t ip;

	/* The first step leaves this function's own frame. A broken frame ends the loop with an error, never a crash:
	 * libunwind checks that an address is readable before it follows it. */
	if (!unw_getcontext(&context) && !unw_init_local(&cursor, &context))
		while (n < max && unw_step(&cursor) > 0 && !unw_get_reg(&cursor, UNW_REG_IP, &ip) && ip)
			return_addresses[n++] = ip;
	errno = saved;
	return n;
}

/* LTTng blocks all signals across a fork and wants the old set back in both processes, on the same thread. */
static __thread sigset_t signals_before_fork;

static void before_fork(void)
{
	UST_BEFORE_FORK(&signals_before_fork);
}

static void after_fork_parent(void)
{
	UST_AFTER_FORK_PARENT(&signals_before_fork);
}

static void after_fork_child(void)
{
	UST_AFTER_FORK_CHILD(&signals_before_fork);
}

static const struct fl_provider provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
#define ENABLED(event, level, when) [FL_EV_##event] = &TP_STATE(event),
	.enabled = { FL_EVENTS(ENABLED) },
#undef ENABLED
#define EMITTER(event, level, when) [FL_EV_##event] = emit_##event,
	.emit = { FL_EVENTS(EMITTER) },
#undef EMITTER
	.backtrace = backtrace_local,
	.before_fork = before_fork,
	.after_fork_parent = after_fork_parent,
	.after_fork_child = after_fork_child,
};

__attribute__((used)) static const char mark[] = FL_PROVIDER_MARK; /* for a shim that looks before it loads */

__attribute__((visibility("default"))) const struct fl_provider *fenceline_provider(uint32_t abi, uint32_t events)
{
	return abi == FL_PROVIDER_ABI && events == FL_EV_COUNT ? &provider : NULL;
}
