/* SPDX-License-Identifier: MIT */
/* Who watches an image's header, as the lock breaker is told: an owner that is not among them is taken for dead. */
#ifndef FENCELINE_SHIM_WATCHERS_H
#define FENCELINE_SHIM_WATCHERS_H

#include <stdint.h>

/* Emits watchers_listed and a watcher_listed for each. `list` is the std::list<obj_watch_t> that librados has filled and
 * the caller has not seen yet; own_result where librados put the result of just this request, may be NULL. */
void watchers_emit(uint64_t global_id, const char *oid, int result, const void *list, const int *own_result);

/* The list that this thread told last, as an address only. */
extern __thread const void *watchers_last_told;

#endif
