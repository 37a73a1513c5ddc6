/* SPDX-License-Identifier: MIT */
#include "guard/ceph_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

static void *open_library(const char *soname, const char *package, char *why, size_t size)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		snprintf(why, size, "no %s here (%s): install the package %s, or ask from a host that has it", soname, dlerror(),
		         package);
	return library;
}

static void *find_call(void *library, const char *name, char *why, size_t size)
{
	void *call = dlsym(library, name);

	if (!call)
		snprintf(why, size, "this host's library has no %s: Ceph 14 and later have", name);
	return call;
}

int ceph_calls_open(struct ceph_calls *calls, char *why, size_t size)
{
	calls->librados = open_library("librados.so.2", "librados2", why, size);
	if (!calls->librados)
		return -ENOENT;
	calls->librbd = open_library("librbd.so.1", "librbd1", why, size);
	if (!calls->librbd)
		return -ENOENT;
#define FIND_IN(library, name) \
	calls->name = find_call(calls->library, #name, why, size); \
	if (!calls->name) \
		return -ENOENT;
#define FIND_IN_LIBRADOS(type, name, arguments) FIND_IN(librados, name)
#define FIND_IN_LIBRBD(type, name, arguments)   FIND_IN(librbd, name)
	RADOS_CALLS(FIND_IN_LIBRADOS)
	RBD_CALLS(FIND_IN_LIBRBD)
#define FIND_IF_THERE(type, name, arguments) calls->name = dlsym(calls->librbd, #name);
	RBD_OPTIONAL_CALLS(FIND_IF_THERE)
#undef FIND_IF_THERE
	calls->list_watchers = dlsym(calls->librados, CEPH_LIST_WATCHERS);
	/* The one that librados itself would find: a sanitizer's or an allocator's before libstdc++'s. */
	calls->delete = dlsym(RTLD_DEFAULT, CEPH_DELETE);
	if (!calls->delete)
		calls->delete = dlsym(calls->librados, CEPH_DELETE);
#undef FIND_IN_LIBRADOS
#undef FIND_IN_LIBRBD
#undef FIND_IN
	return 0;
}
