/* SPDX-License-Identifier: MIT */
/*
 * From a wrapper to LTTng: EMIT(event, .field = value, ...) records a struct fl_<event> if any session wants it.
 *
 * Until the provider has been opened (provider_open, at the first rados_create) and in a process without LTTng every event
 * is off and costs two loads. Every function here is safe on any thread, never blocks on LTTng, never fails the host.
 */
#ifndef FENCELINE_SHIM_EMIT_H
#define FENCELINE_SHIM_EMIT_H

#include "fenceline/provider.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

extern const struct fl_provider *_Atomic emit_provider; /* never NULL */

/* Does any session want this event, right now? */
static inline bool emit_wanted(enum fl_event event)
{
	const struct fl_provider *provider = atomic_load_explicit(&emit_provider, memory_order_relaxed);

	return __builtin_expect(__atomic_load_n(provider->enabled[event], __ATOMIC_RELAXED) != 0, 0);
}

/* Strings must not be NULL: text_or_empty. */
#define EMIT(event, ...) \
	do { \
		if (emit_wanted(FL_EV_##event)) { \
			const struct fl_##event emit_event_ = { __VA_ARGS__ }; \
			emit_record(FL_EV_##event, &emit_event_); \
		} \
	} while (0)

/* Records an event that emit_wanted said yes to. Preserves errno. */
void emit_record(enum fl_event event, const void *payload);

static inline const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static inline int64_t now_realtime_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline uint64_t now_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* FENCELINE_LOG=stderr or a file (no link): one line per remark for whoever debugs the shim. Off, it does nothing. printf-like.
 */
void emit_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
