/* SPDX-License-Identifier: MIT */
/* Which break_lock calls of librbd's API are open in this process, on any thread. */
#ifndef FENCELINE_SHIM_LOCK_BREAK_H
#define FENCELINE_SHIM_LOCK_BREAK_H

#include "base/hook.h"

#include <stdbool.h>

/* Is a break_lock call open that may be what blocklists this address? Yes for a locker that was named as client.N, which
 * cannot be compared; for one named by its address only if IP and nonce agree. rbd_lock_break sends from a thread other
 * than the caller's, hence any thread. Lock-free. */
bool lock_break_is_open_for(const char *address);

/* Do two client addresses name the same client? Compares IP and nonce; v1:, v2:, any: and the port do not matter. Both
 * must hold a nonce. Exposed for its test. */
bool lock_break_same_client(const char *a, const char *b);

/* A break_lock call on its way, and after it. */
struct open_break;
struct lock_break {
	struct open_break *open; /* NULL: too many at once */
	uint64_t action, global_id;
};

/* Arguments of a C++ method are std::string: {text, length}. The text of one is closed by NUL as c_str() promises. */
void lock_break_begin(struct lock_break *call, enum hook hook, const char *name, void *handle, const char *locker,
                      const char *cookie);
void lock_break_end(const struct lock_break *call, int result);

/* In a forked child: the parent's calls are the parent's. */
void lock_break_after_fork_child(void);

#endif
