/* SPDX-License-Identifier: MIT */
/*
 * librados' watch calls in C. librados makes a WatchCtx2 of its own around the callbacks and deletes it with the watch;
 * ours, and the argument they get, live on until long after that. rados_watch, the old one, has no error callback and is
 * only followed.
 */
#include "calls.h"
#include "base/emit.h"
#include "follow/watch.h"

#include <errno.h>
#include <string.h>

/* NULL: the call is passed through as it is. librados itself refuses a call without a name, a callback or a cookie. */
static struct watch *watch_c_begin(enum hook hook, void *io, const char *oid, const uint64_t *cookie, watch_notify_fn notify,
                                   watch_error_fn error, void *arg, uint32_t timeout_s)
{
	struct watch *watch = io && oid && cookie && notify ? watch_begin(io, hook, oid, strlen(oid), timeout_s) : NULL;

	if (watch)
		watch->proxy = (struct watch_proxy){ .context = arg, .notify = notify, .error = error };
	return watch;
}

int rados_watch(void *io, const char *oid, uint64_t version, uint64_t *cookie, old_watch_fn notify, void *arg)
{
	REAL_OR_RETURN(rados_watch, -ENOSYS, io, oid, version, cookie, notify, arg);
	struct watch *watch = io && oid && cookie ? watch_begin(io, HOOK_rados_watch, oid, strlen(oid), 0) : NULL;
	int result = real(io, oid, version, cookie, notify, arg);
	if (watch)
		watch_registered(watch, result, result < 0 ? 0 : *cookie);
	return result;
}

int rados_watch2(void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, void *arg)
{
	REAL_OR_RETURN(rados_watch2, -ENOSYS, io, oid, cookie, notify, error, arg);
	struct watch *watch = watch_c_begin(HOOK_rados_watch2, io, oid, cookie, notify, error, arg, 0);
	if (!watch)
		return real(io, oid, cookie, notify, error, arg);
	int result = real(io, oid, cookie, watch_proxy_notify, watch_proxy_error, &watch->proxy);
	watch_registered(watch, result, result < 0 ? 0 : *cookie);
	return result;
}

int rados_watch3(void *io, const char *oid, uint64_t *cookie, watch_notify_fn notify, watch_error_fn error, uint32_t timeout_s,
                 void *arg)
{
	REAL_OR_RETURN(rados_watch3, -ENOSYS, io, oid, cookie, notify, error, timeout_s, arg);
	struct watch *watch = watch_c_begin(HOOK_rados_watch3, io, oid, cookie, notify, error, arg, timeout_s);
	if (!watch)
		return real(io, oid, cookie, notify, error, timeout_s, arg);
	int result = real(io, oid, cookie, watch_proxy_notify, watch_proxy_error, timeout_s, &watch->proxy);
	watch_registered(watch, result, result < 0 ? 0 : *cookie);
	return result;
}

int rados_aio_watch(void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error,
                    void *arg)
{
	REAL_OR_RETURN(rados_aio_watch, -ENOSYS, io, oid, completion, handle, notify, error, arg);
	struct watch *watch = watch_c_begin(HOOK_rados_aio_watch, io, oid, handle, notify, error, arg, 0);
	if (!watch)
		return real(io, oid, completion, handle, notify, error, arg);
	watch_before_aio(watch, HOOK_rados_aio_watch, completion, handle);
	int result = real(io, oid, completion, handle, watch_proxy_notify, watch_proxy_error, &watch->proxy);
	watch_after_aio(watch, result);
	return result;
}

int rados_aio_watch2(void *io, const char *oid, void *completion, uint64_t *handle, watch_notify_fn notify, watch_error_fn error,
                     uint32_t timeout_s, void *arg)
{
	REAL_OR_RETURN(rados_aio_watch2, -ENOSYS, io, oid, completion, handle, notify, error, timeout_s, arg);
	struct watch *watch = watch_c_begin(HOOK_rados_aio_watch2, io, oid, handle, notify, error, arg, timeout_s);
	if (!watch)
		return real(io, oid, completion, handle, notify, error, timeout_s, arg);
	watch_before_aio(watch, HOOK_rados_aio_watch2, completion, handle);
	int result = real(io, oid, completion, handle, watch_proxy_notify, watch_proxy_error, timeout_s, &watch->proxy);
	watch_after_aio(watch, result);
	return result;
}

/* The end of a watch, in C and in C++. */
#define ROW(...)
#define UNWATCH_ROW(id, symbol, library, need, first, last, type, parameters, arguments, ...) \
	WRAPPER(id, type, parameters, arguments, struct watch *watch = watch_unwatch_begin(__VA_ARGS__), \
	        if (watch) watch_unwatch_returned(watch, result))
#include "base/table.h"
