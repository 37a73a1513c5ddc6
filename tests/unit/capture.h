/* SPDX-License-Identifier: MIT */
/* A provider for test programs made of the shim's sources: counts the events and keeps the last one of each kind. */
#ifndef FENCELINE_TESTS_CAPTURE_H
#define FENCELINE_TESTS_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/emit.h"
#include "base/provider_open.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static volatile int capture_enabled[FL_EV_COUNT];
static atomic_int capture_counts[FL_EV_COUNT];
static pthread_mutex_t capture_lock = PTHREAD_MUTEX_INITIALIZER;
static bool capture_spoils_errno;

static const char *const capture_names[] = {
#define NAME(event, level, when) #event,
	FL_EVENTS(NAME)
#undef NAME
};

/* Strings inside are those of the emitting wrapper: good only for what lives longer. */
static union {
#define LAST(event, level, when) struct fl_##event event;
	FL_EVENTS(LAST)
#undef LAST
} capture_last[FL_EV_COUNT];

static inline void capture_one(enum fl_event event, const void *payload, size_t size)
{
	pthread_mutex_lock(&capture_lock);
	memcpy(&capture_last[event], payload, size);
	pthread_mutex_unlock(&capture_lock);
	atomic_fetch_add(&capture_counts[event], 1);
	if (capture_spoils_errno)
		errno = ENOSPC;
}

#define CAPTURE(event, level, when) \
	static void capture_##event(const void *payload) \
	{ \
		capture_one(FL_EV_##event, payload, sizeof(struct fl_##event)); \
	}
FL_EVENTS(CAPTURE)
#undef CAPTURE

static int capture_no_backtrace(uintptr_t *addresses, int max)
{
	(void)addresses, (void)max;
	return 0;
}
static void capture_no_fork_hook(void) {}

static const struct fl_provider capture_provider = {
	.abi = FL_PROVIDER_ABI,
	.events = FL_EV_COUNT,
#define ENABLED(event, level, when) &capture_enabled[FL_EV_##event],
	.enabled = { FL_EVENTS(ENABLED) },
#undef ENABLED
#define EMITTER(event, level, when) capture_##event,
	.emit = { FL_EVENTS(EMITTER) },
#undef EMITTER
	.backtrace = capture_no_backtrace,
	.before_fork = capture_no_fork_hook,
	.after_fork_parent = capture_no_fork_hook,
	.after_fork_child = capture_no_fork_hook,
};

static inline void capture_hold(void)
{
	pthread_mutex_lock(&capture_lock);
}
static inline void capture_let_go(void)
{
	pthread_mutex_unlock(&capture_lock);
}

/* Puts the provider in place. A forked child must not begin with the lock held by a thread that it does not have. */
static inline void capture_begin(void)
{
	pthread_atfork(capture_hold, capture_let_go, capture_let_go);
	provider_open(); /* so that nobody opens a real one later */
	atomic_store(&emit_provider, &capture_provider);
}

/* "all", "none", or the name of the one event to enable. */
static inline void capture_enable(const char *which)
{
	for (int i = 0; i < FL_EV_COUNT; i++)
		__atomic_store_n(&capture_enabled[i], !strcmp(which, "all") || !strcmp(which, capture_names[i]),
		                 __ATOMIC_RELAXED);
}

static inline int captured(enum fl_event event)
{
	return atomic_load(&capture_counts[event]);
}
static inline const void *captured_last(enum fl_event event)
{
	return &capture_last[event];
}

static inline void capture_reset(void)
{
	capture_enable("none");
	for (int i = 0; i < FL_EV_COUNT; i++)
		atomic_store(&capture_counts[i], 0);
}

#endif
