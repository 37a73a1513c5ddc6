/* SPDX-License-Identifier: MIT */
#include "watchers.h"

#include "client.h"
#include "base/emit.h"
#include "base/hook.h"
#include "base/layout.h"
#include "base/peek.h"
#include "base/process.h"

#include <ctype.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* rados/rados_types.hpp, the same in Ceph 14 to 20. */
struct obj_watch {
	char address[256];
	int64_t watcher_id;
	uint64_t cookie;
	uint32_t timeout_s;
};

/* libstdc++'s std::list: a ring of nodes through a head, which the list object begins with; then its length. */
struct list_node {
	const struct list_node *next, *prev;
};
struct list_head {
	struct list_node ring;
	size_t length;
};
struct watch_node {
	struct list_node ring;
	struct obj_watch watch;
};

#define WATCHERS_MAX 64 /* told one by one; an image has one or two */

/* As in "10.0.0.2:0/3301": an address with its nonce, to the end of the string. */
static bool is_address(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)text[i]))
			return false;
	return length < size && strchr(text, ':') && strchr(text, '/');
}

/* Is it a ring of as many watchers as its head says? (Of a list longer than what is told, that part.) */
static bool is_list_of_watchers(const void *list, const struct list_head *head)
{
	const struct list_node *at = head->ring.next, *before = list;
	struct watch_node node;
	size_t count = 0;

	for (; at != list && count < head->length && count < WATCHERS_MAX; count++) {
		if (!peek(at, &node, sizeof node) || node.ring.prev != before ||
		    !is_address(node.watch.address, sizeof node.watch.address))
			return false;
		before = at;
		at = node.ring.next;
	}
	return count == WATCHERS_MAX || (count == head->length && at == list && head->ring.prev == before);
}

/* An empty list proves nothing of what would be in it, and may be told all the same. */
static bool read_list(const void *list, struct list_head *head)
{
	bool parsed = layout_may_be_tried(LAYOUT_WATCHERS) && peek(list, head, sizeof *head) && is_list_of_watchers(list, head);

	if (!parsed || head->length)
		layout_tried(LAYOUT_WATCHERS, parsed);
	return parsed;
}

static void emit_watchers(uint64_t global_id, const char *oid, uint64_t serial, const void *list, const struct list_head *head)
{
	const struct list_node *at = head->ring.next;
	struct watch_node node;

	for (unsigned i = 0; at != list && i < WATCHERS_MAX && i < head->length && peek(at, &node, sizeof node); i++) {
		node.watch.address[sizeof node.watch.address - 1] = '\0';
		EMIT(watcher_listed, .pid = process_id(), .global_id = global_id, .list = serial, .oid = oid,
		     .watcher_address = node.watch.address, .watcher_gid = (uint64_t)node.watch.watcher_id,
		     .cookie = node.watch.cookie, .timeout_s = node.watch.timeout_s);
		at = node.ring.next;
	}
}

__thread const void *watchers_last_told;

void watchers_emit(uint64_t global_id, const char *oid, int result, const void *list, const int *own_result)
{
	static _Atomic(uint64_t) last;
	uint64_t serial = atomic_fetch_add(&last, 1) + 1;
	struct list_head head = { .length = 0 };
	int own;

	watchers_last_told = list;
	if (result >= 0 && own_result && peek(own_result, &own, sizeof own) && own < 0)
		result = own;
	if (result >= 0 && !read_list(list, &head)) {
		hook_pass(HOOK_ObjectReadOperation_list_watchers, layout_reason("unknown layout of a list of watchers"));
		return;
	}
	EMIT(watchers_listed, .pid = process_id(), .global_id = global_id, .list = serial, .oid = oid,
	     .result = result < 0 ? result : 0, .watchers = (uint32_t)head.length);
	emit_watchers(global_id, oid, serial, list, &head);
}
