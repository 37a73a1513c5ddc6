/* SPDX-License-Identifier: MIT */
/*
 * What librados calls back instead of the caller's WatchCtx2 or C callbacks: reports, then forwards.
 */
#ifndef FENCELINE_SHIM_WATCH_PROXY_H
#define FENCELINE_SHIM_WATCH_PROXY_H

#include <stddef.h>
#include <stdint.h>

typedef void (*watch_notify_fn)(void *arg, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, void *data, size_t length);
typedef void (*watch_error_fn)(void *arg, uint64_t cookie, int error);

/* First member of struct watch, so that the proxy's address is the watch's. librados never deletes a caller's WatchCtx2:
 * the caller does, after its unwatch, and then nothing is forwarded any more because librados has nothing to call. */
struct watch_proxy {
	const void *vtable;     /* what librados takes for the first word of a WatchCtx2 */
	void *context;          /* the caller's WatchCtx2, or the C callbacks' argument */
	watch_notify_fn notify; /* C only */
	watch_error_fn error;   /* C only, may be NULL */
};

/* The WatchCtx2 to give to librados in place of the caller's. */
void *watch_proxy_of_ctx2(struct watch_proxy *proxy, void *ctx2);

/* The C callbacks to give to librados, with the proxy as their argument. */
void watch_proxy_notify(void *proxy, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, void *data, size_t length);
void watch_proxy_error(void *proxy, uint64_t cookie, int error);

/* librbd's NotifyOp from the front of a notify's payload of `length` bytes, of which the first `known` are at `front`;
 * -1 if it does not look like one. Exposed for its test. */
int32_t notify_op(const uint8_t *front, size_t known, size_t length);

#endif
