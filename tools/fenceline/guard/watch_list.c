/* SPDX-License-Identifier: MIT */
#include "guard/watch_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct obj_watch { /* rados/rados_types.hpp, the same in Ceph 14 to 20 */
	char address[256];
	int64_t watcher_id;
	uint64_t cookie;
	uint32_t timeout_s;
};
struct list_node { /* std::list: a ring of nodes through the list object itself, whose length comes next */
	struct list_node *next, *prev;
};
struct list {
	struct list_node ring;
	size_t length;
};
struct watch_node {
	struct list_node ring;
	struct obj_watch watch;
};

const char *without_protocol(const char *address)
{
	const char *colon = strchr(address, ':');

	if (colon && (!strncmp(address, "v1:", 3) || !strncmp(address, "v2:", 3) || !strncmp(address, "any:", 4)))
		return colon + 1;
	return address;
}

static void watch_list_take(const struct obj_watch *from, struct watchers *watchers)
{
	struct watcher *watcher;

	watchers->count++;
	if (watchers->shown == WATCHERS_MAX)
		return;
	watcher = &watchers->list[watchers->shown++];
	snprintf(watcher->address, sizeof watcher->address, "%.*s", (int)sizeof watcher->address - 1,
	         without_protocol(from->address));
	watcher->global_id = (uint64_t)from->watcher_id;
	watcher->cookie = from->cookie;
	watcher->timeout_s = from->timeout_s;
}

int watch_list(const struct ceph_calls *calls, void *io, const char *header, struct watchers *watchers)
{
	struct ceph_string object = { .text = header, .length = strlen(header) };
	struct list list = { .ring = { &list.ring, &list.ring } };
	struct list_node *next;
	int status;

	if (!calls->list_watchers || !calls->delete)
		return -ENOSYS;
	status = calls->list_watchers(&io, &object, &list);
	for (struct list_node *at = list.ring.next; at != &list.ring; at = next) {
		next = at->next;
		watch_list_take(&((struct watch_node *)at)->watch, watchers);
		calls->delete (at);
	}
	return status < 0 ? status : 0;
}
