/* SPDX-License-Identifier: MIT */
#include "ioctx.h"

#include "base/hook.h"

#include <errno.h>

typedef int name_fn(void *ioctx, char *name, unsigned size);

void ioctx_names(void *ioctx, struct ioctx_names *names)
{
	static _Atomic(void *) pool_cached, nspace_cached;
	name_fn *pool_name = (name_fn *)library_symbol_cached(&pool_cached, LIB_RADOS, "rados_ioctx_get_pool_name", ioctx);
	name_fn *nspace = (name_fn *)library_symbol_cached(&nspace_cached, LIB_RADOS, "rados_ioctx_get_namespace", ioctx);
	int saved = errno;

	if (!ioctx || !pool_name || pool_name(ioctx, names->pool, sizeof names->pool) < 0)
		names->pool[0] = '\0';
	if (!ioctx || !nspace || nspace(ioctx, names->nspace, sizeof names->nspace) < 0)
		names->nspace[0] = '\0';
	errno = saved;
}
