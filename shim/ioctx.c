/* SPDX-License-Identifier: MIT */
#include "ioctx.h"

#include "hook.h"

#include <errno.h>

typedef int name_fn(void *ioctx, char *name, unsigned size);

static name_fn *ask(_Atomic(void *) *cached, const char *symbol)
{
	void *found = atomic_load_explicit(cached, memory_order_relaxed);

	if (!found) {
		found = library_symbol(LIB_RADOS, symbol);
		atomic_store_explicit(cached, found, memory_order_relaxed);
	}
	return (name_fn *)found;
}

void ioctx_names(void *ioctx, struct ioctx_names *names)
{
	static _Atomic(void *) pool_cached, nspace_cached;
	name_fn *pool_name = ask(&pool_cached, "rados_ioctx_get_pool_name");
	name_fn *nspace = ask(&nspace_cached, "rados_ioctx_get_namespace");
	int saved = errno;

	if (!ioctx || !pool_name || pool_name(ioctx, names->pool, sizeof names->pool) < 0)
		names->pool[0] = '\0';
	if (!ioctx || !nspace || nspace(ioctx, names->nspace, sizeof names->nspace) < 0)
		names->nspace[0] = '\0';
	errno = saved;
}
