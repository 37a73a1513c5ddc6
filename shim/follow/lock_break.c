/* SPDX-License-Identifier: MIT */
#include "lock_break.h"

#include "action.h"
#include "base/emit.h"
#include "base/hook.h"
#include "image.h"
#include "base/process.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_BREAKS 64
#define LOCKER_MAX  128

enum { BREAK_FREE, BREAK_CLAIMED, BREAK_OPEN };

static struct open_break {
	_Atomic(int) state;
	char locker[LOCKER_MAX];
} open_breaks[OPEN_BREAKS];

/* "v2:10.0.0.1:0/123" gives "10.0.0.1" and "123". */
static bool split_address(const char *address, const char **ip, size_t *ip_length, const char **nonce)
{
	static const char *const kinds[] = { "v1:", "v2:", "any:" };
	const char *slash = strrchr(address, '/'), *colon;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strncmp(address, kinds[i], strlen(kinds[i]))) {
			address += strlen(kinds[i]);
			break;
		}
	if (!slash || slash < address || slash[1] < '0' || slash[1] > '9')
		return false;
	colon = memrchr(address, ':', (size_t)(slash - address));
	*ip = address;
	*ip_length = (size_t)((colon ? colon : slash) - address);
	*nonce = slash + 1;
	return true;
}

bool lock_break_same_client(const char *a, const char *b)
{
	const char *ip_a, *ip_b, *nonce_a, *nonce_b;
	size_t length_a, length_b;

	return split_address(a, &ip_a, &length_a, &nonce_a) && split_address(b, &ip_b, &length_b, &nonce_b) &&
	       length_a == length_b && !memcmp(ip_a, ip_b, length_a) &&
	       strtoull(nonce_a, NULL, 10) == strtoull(nonce_b, NULL, 10);
}

bool lock_break_is_open_for(const char *address)
{
	for (size_t i = 0; i < OPEN_BREAKS; i++) {
		const struct open_break *open = &open_breaks[i];
		if (atomic_load_explicit(&open->state, memory_order_acquire) == BREAK_OPEN &&
		    (!strchr(open->locker, '/') || lock_break_same_client(open->locker, address)))
			return true;
	}
	return false;
}

static struct open_break *open_break_add(const char *locker)
{
	for (size_t i = 0; i < OPEN_BREAKS; i++) {
		int expected = BREAK_FREE;
		if (atomic_compare_exchange_strong(&open_breaks[i].state, &expected, BREAK_CLAIMED)) {
			strncpy(open_breaks[i].locker, locker, LOCKER_MAX - 1);
			atomic_store_explicit(&open_breaks[i].state, BREAK_OPEN, memory_order_release);
			return &open_breaks[i];
		}
	}
	return NULL;
}

void lock_break_begin(struct lock_break *call, enum hook hook, const char *name, void *handle, const char *locker,
                      const char *cookie)
{
	struct image *image = image_find(handle);
	int saved = errno;

	call->action = action_next();
	call->global_id = client_id(image_client(image));
	call->open = open_break_add(text_or_empty(locker));
	if (!call->open)
		hook_pass(hook, "too many break_lock calls at once");
	EMIT(lock_break_begin, .pid = process_id(), .global_id = call->global_id, .action = call->action,
	     .image = image_serial(image), .call = name, .locker = text_or_empty(locker), .cookie = text_or_empty(cookie));
	errno = saved;
}

void lock_break_end(const struct lock_break *call, int result)
{
	if (call->open)
		atomic_store_explicit(&call->open->state, BREAK_FREE, memory_order_release);
	EMIT(lock_break_end, .pid = process_id(), .global_id = call->global_id, .action = call->action, .result = result);
}

void lock_break_after_fork_child(void)
{
	for (size_t i = 0; i < OPEN_BREAKS; i++)
		if (atomic_load(&open_breaks[i].state) != BREAK_FREE) /* else its page stays the parent's */
			atomic_store(&open_breaks[i].state, BREAK_FREE);
}
