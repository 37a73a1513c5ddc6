/* SPDX-License-Identifier: MIT */
/*
 * librados::IoCtx's watch calls. Its first word is the rados_ioctx_t, that of an AioCompletion the rados_completion_t, and
 * that of a std::string its text, with the length behind it. WatchCtx (without the 2) gets no proxy: it has no error
 * callback, and nothing since Ceph 0.9 uses it.
 */
#include "calls.h"
#include "base/emit.h"
#include "follow/watch.h"

#include <errno.h>

static struct watch *watch_cpp_begin(enum hook hook, void **self, const struct std_string *oid, uint32_t timeout_s)
{
	return watch_begin(*self, hook, oid->text, oid->length, timeout_s);
}

static void *proxy_or(struct watch *watch, void *ctx2)
{
	return watch && ctx2 ? watch_proxy_of_ctx2(&watch->proxy, ctx2) : ctx2;
}

int IoCtx_aio_watch(void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2)
{
	REAL_OR_RETURN(IoCtx_aio_watch, -ENOSYS, self, oid, completion, handle, ctx2);
	struct watch *watch = watch_cpp_begin(HOOK_IoCtx_aio_watch, self, oid, 0);
	if (watch)
		watch_before_aio(watch, HOOK_IoCtx_aio_watch, *completion, handle);
	int result = real(self, oid, completion, handle, proxy_or(watch, ctx2));
	if (watch)
		watch_after_aio(watch, result);
	return result;
}

int IoCtx_aio_watch2(void **self, const struct std_string *oid, void **completion, uint64_t *handle, void *ctx2,
                     uint32_t timeout_s)
{
	REAL_OR_RETURN(IoCtx_aio_watch2, -ENOSYS, self, oid, completion, handle, ctx2, timeout_s);
	struct watch *watch = watch_cpp_begin(HOOK_IoCtx_aio_watch2, self, oid, timeout_s);
	if (watch)
		watch_before_aio(watch, HOOK_IoCtx_aio_watch2, *completion, handle);
	int result = real(self, oid, completion, handle, proxy_or(watch, ctx2), timeout_s);
	if (watch)
		watch_after_aio(watch, result);
	return result;
}

int IoCtx_watch(void **self, const struct std_string *oid, uint64_t version, uint64_t *handle, void *ctx)
{
	REAL_OR_RETURN(IoCtx_watch, -ENOSYS, self, oid, version, handle, ctx);
	struct watch *watch = watch_cpp_begin(HOOK_IoCtx_watch, self, oid, 0);
	int result = real(self, oid, version, handle, ctx);
	if (watch)
		watch_registered(watch, result, result < 0 ? 0 : *handle);
	return result;
}

int IoCtx_watch2(void **self, const struct std_string *oid, uint64_t *handle, void *ctx2)
{
	REAL_OR_RETURN(IoCtx_watch2, -ENOSYS, self, oid, handle, ctx2);
	struct watch *watch = watch_cpp_begin(HOOK_IoCtx_watch2, self, oid, 0);
	int result = real(self, oid, handle, proxy_or(watch, ctx2));
	if (watch)
		watch_registered(watch, result, result < 0 ? 0 : *handle);
	return result;
}

int IoCtx_watch3(void **self, const struct std_string *oid, uint64_t *handle, void *ctx2, uint32_t timeout_s)
{
	REAL_OR_RETURN(IoCtx_watch3, -ENOSYS, self, oid, handle, ctx2, timeout_s);
	struct watch *watch = watch_cpp_begin(HOOK_IoCtx_watch3, self, oid, timeout_s);
	int result = real(self, oid, handle, proxy_or(watch, ctx2), timeout_s);
	if (watch)
		watch_registered(watch, result, result < 0 ? 0 : *handle);
	return result;
}
