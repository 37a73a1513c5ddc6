/* SPDX-License-Identifier: MIT */
/* librados::IoCtx::list_watchers, called from C: what lies where is libstdc++'s, and the same since GCC 5. */
#ifndef FENCELINE_GUARD_WATCH_LIST_H
#define FENCELINE_GUARD_WATCH_LIST_H

#include "guard/ceph_calls.h"

#include <stddef.h>
#include <stdint.h>

struct watcher {
	char address[96];
	uint64_t global_id, cookie;
	uint32_t timeout_s; /* after its last ping the OSD drops it; 0: not told */
};
#define WATCHERS_MAX 32
struct watchers {
	struct watcher list[WATCHERS_MAX];
	size_t count, shown;
};

/* The watchers of that object, with their timeouts, which only the C++ tells. -ENOSYS: this librados has no such call. */
int watch_list(const struct ceph_calls *calls, void *io, const char *header, struct watchers *watchers);
/* "v1:10.0.0.1:0/5" and the like: the messenger's protocol is no part of what librbd compares. */
const char *without_protocol(const char *address);

#endif
