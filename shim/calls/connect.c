/* SPDX-License-Identifier: MIT */
/* rados_create, connect and shutdown, C and C++. */
#include "calls.h"
#include "follow/client_life.h"
#include "base/emit.h"

#include <errno.h>

/* ---- the C API ---- */

int rados_create(void **cluster, const char *id)
{
	REAL_OR_RETURN(rados_create, -ENOSYS, cluster, id);
	client_creating();
	int result = real(cluster, id);
	if (result == 0)
		client_created(*cluster, real, NULL, id ? id : "admin");
	return result;
}

int rados_create2(void **cluster, const char *cluster_name, const char *name, uint64_t flags)
{
	REAL_OR_RETURN(rados_create2, -ENOSYS, cluster, cluster_name, name, flags);
	client_creating();
	int result = real(cluster, cluster_name, name, flags);
	if (result == 0)
		client_created(*cluster, real, name, NULL);
	return result;
}

int rados_create_with_context(void **cluster, void *context)
{
	REAL_OR_RETURN(rados_create_with_context, -ENOSYS, cluster, context);
	client_creating();
	int result = real(cluster, context);
	if (result == 0)
		client_created(*cluster, real, NULL, NULL);
	return result;
}

int rados_connect(void *cluster)
{
	uint64_t begin = now_monotonic_ns();

	REAL_OR_RETURN(rados_connect, -ENOSYS, cluster);
	client_creating();
	bool stale = client_is_stale(cluster);
	int result = real(cluster);
	client_connected(cluster, result, begin, stale);
	return result;
}

void rados_shutdown(void *cluster)
{
	REAL_OR_RETURN(rados_shutdown, , cluster);
	struct client_ending ending = client_ending(cluster);
	real(cluster);
	client_ended(&ending);
}

/* ---- the C++ API: librados::Rados, whose first word is the rados_t ---- */

int Rados_init(void **self, const char *id)
{
	REAL_OR_RETURN(Rados_init, -ENOSYS, self, id);
	client_creating();
	int result = real(self, id);
	if (result == 0)
		client_initialised(self, real, NULL, id ? id : "admin");
	return result;
}

int Rados_init2(void **self, const char *name, const char *cluster_name, uint64_t flags)
{
	REAL_OR_RETURN(Rados_init2, -ENOSYS, self, name, cluster_name, flags);
	client_creating();
	int result = real(self, name, cluster_name, flags);
	if (result == 0)
		client_initialised(self, real, name, NULL);
	return result;
}

int Rados_init_with_context(void **self, void *context)
{
	REAL_OR_RETURN(Rados_init_with_context, -ENOSYS, self, context);
	client_creating();
	int result = real(self, context);
	if (result == 0)
		client_initialised(self, real, NULL, NULL);
	return result;
}

int Rados_connect(void **self)
{
	uint64_t begin = now_monotonic_ns();

	REAL_OR_RETURN(Rados_connect, -ENOSYS, self);
	client_creating();
	bool stale = client_is_stale(*self);
	int result = real(self);
	client_connected(*self, result, begin, stale);
	return result;
}

static void shut_down(void **self, void (*real)(void **self))
{
	struct client_ending ending = { NULL, 0 };

	if (client_is_owner(self))
		ending = client_ending(*self);
	real(self);
	client_ended(&ending);
}

void Rados_shutdown(void **self)
{
	REAL_OR_RETURN(Rados_shutdown, , self);
	shut_down(self, real);
}

void Rados_destroy(void **self)
{
	REAL_OR_RETURN(Rados_destroy, , self);
	shut_down(self, real);
}
