/* SPDX-License-Identifier: MIT */
#include "watch_proxy.h"

#include "base/emit.h"
#include "base/hook.h"
#include "base/layout.h"
#include "base/peek.h"
#include "base/process.h"
#include "watch.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define NOTIFY_FRONT   10 /* version, compat, u32 length, u32 op: what encoding/ENCODE_START and NotifyMessage write first */
#define NOTIFY_OP_LAST 63 /* NotifyOp has 21 values in Ceph 20 */

int32_t notify_op(const uint8_t *front, size_t known, size_t length)
{
	uint32_t body, op;

	if (known < NOTIFY_FRONT || length < NOTIFY_FRONT)
		return -1;
	memcpy(&body, front + 2, sizeof body);
	memcpy(&op, front + 6, sizeof op);
	if (front[0] == 0 || front[1] == 0 || front[1] > front[0] || body + UINT64_C(6) > length || op > NOTIFY_OP_LAST)
		return -1;
	return (int32_t)op;
}

/* Only librbd's header objects carry NotifyMessages; mirroring, trash and tasks have other payloads. */
static bool is_header(const char *oid)
{
	size_t length = strlen(oid);

	return !strncmp(oid, "rbd_header.", 11) || (length > 4 && !strcmp(oid + length - 4, ".rbd"));
}

static void report_notify(struct watch *watch, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, const uint8_t *front,
                          size_t known, size_t length)
{
	int32_t op = is_header(watch->oid) ? notify_op(front, known, length) : -1;

	watch_notified(watch, op);
	EMIT(notify, .pid = process_id(), .global_id = watch->global_id, .cookie = cookie, .oid = watch->oid,
	     .notify_id = notify_id, .notifier_gid = notifier_gid, .op = op, .payload_bytes = (uint32_t)length);
}

/* ---- C callbacks ---- */

void watch_proxy_notify(void *arg, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, void *data, size_t length)
{
	struct watch_proxy *proxy = arg;
	int saved = errno;

	report_notify((struct watch *)proxy, notify_id, cookie, notifier_gid, data, data ? length : 0, length);
	errno = saved;
	proxy->notify(proxy->context, notify_id, cookie, notifier_gid, data, length);
}

void watch_proxy_error(void *arg, uint64_t cookie, int error)
{
	struct watch_proxy *proxy = arg;

	watch_failed((struct watch *)proxy, error);
	if (proxy->error)
		proxy->error(proxy->context, cookie, error);
}

/* ---- librados::WatchCtx2 ---- */

/*
 * A bufferlist is read with Ceph's own const iterator, which neither changes the list nor, asked for no more than there
 * is, throws. It is a handful of pointers without a destructor; the space for it is several times as large.
 */
struct list_reader {
	void (*construct)(void *iterator, const void *list, unsigned offset);
	unsigned (*remaining)(const void *iterator);
	void (*copy)(void *iterator, unsigned length, char *to);
};

#define ITERATOR(version, suffix) "4ceph6buffer7" version "4list13iterator_implILb1EE" suffix
static const char *const iterator_symbols[][3] = {
	{ "_ZN" ITERATOR("v15_2_0", "C1EPKS2_j"), "_ZNK" ITERATOR("v15_2_0", "13get_remainingEv"),
	  "_ZN" ITERATOR("v15_2_0", "4copyEjPc") },
	{ "_ZN" ITERATOR("v14_2_0", "C1EPKS2_j"), "_ZNK" ITERATOR("v14_2_0", "13get_remainingEv"),
	  "_ZN" ITERATOR("v14_2_0", "4copyEjPc") },
};

static struct list_reader reader;

static void find_reader(void)
{
	for (size_t i = 0; i < sizeof iterator_symbols / sizeof *iterator_symbols && !reader.copy; i++) {
		void *construct = library_symbol(LIB_CEPH_COMMON, iterator_symbols[i][0]);
		void *remaining = library_symbol(LIB_CEPH_COMMON, iterator_symbols[i][1]);
		void *copy = library_symbol(LIB_CEPH_COMMON, iterator_symbols[i][2]);
		if (construct && remaining && copy)
			reader = (struct list_reader){ (void (*)(void *, const void *, unsigned))construct,
				                       (unsigned (*)(const void *))remaining,
				                       (void (*)(void *, unsigned, char *))copy };
	}
}

#define ITERATOR_BYTES 256
#define LIST_BYTES     48 /* a bufferlist is 32 to 80 bytes; its length is among the first */
#define LENGTH_MAX     (16u << 20)

/* Before the first look at its length: an iterator knows its list, and every other address in it can be read. */
static bool is_iterator_of(const char *iterator, const void *list)
{
	uintptr_t words[ITERATOR_BYTES / sizeof(uintptr_t)], there[2];
	bool knows_list = false;

	memcpy(words, iterator, sizeof words);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i] == (uintptr_t)list)
			knows_list = true;
		else if (words[i] > UINT32_MAX && !peek((const void *)words[i], there, sizeof there))
			return false;
	}
	return knows_list;
}

/* And before its first bytes are copied: the list itself holds this length, and what the iterator stands at, a part of the
 * list, leads to something that can be read. */
static bool leads_to_bytes(const char *iterator, const void *list, unsigned length)
{
	uintptr_t words[ITERATOR_BYTES / sizeof(uintptr_t)], part[2], there;
	uint32_t numbers[LIST_BYTES / sizeof(uint32_t)] = { 0 };
	bool has_length = false;

	peek_some(list, numbers, sizeof numbers);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		has_length |= numbers[i] == length;
	memcpy(words, iterator, sizeof words);
	for (size_t i = 0; has_length && i < sizeof words / sizeof *words; i++)
		if (words[i] > UINT32_MAX && words[i] != (uintptr_t)list &&
		    (!peek((const void *)words[i], part, sizeof part) || !peek((const void *)part[1], &there, sizeof there)))
			return false;
	return has_length && length <= LENGTH_MAX;
}

/* Its length, with up to NOTIFY_FRONT of its bytes in front; -1: this is no bufferlist as we know them. */
static int64_t read_list(const void *list, uint8_t front[NOTIFY_FRONT], size_t *known)
{
	char iterator[ITERATOR_BYTES] __attribute__((aligned(16))) = { 0 }, head[LIST_BYTES / 2];
	unsigned length;

	if (!peek(list, head, sizeof head))
		return -1;
	reader.construct(iterator, list, 0);
	if (!is_iterator_of(iterator, list))
		return -1;
	length = reader.remaining(iterator);
	if (length && !leads_to_bytes(iterator, list, length))
		return -1;
	*known = length < NOTIFY_FRONT ? length : NOTIFY_FRONT;
	if (*known)
		reader.copy(iterator, (unsigned)*known, (char *)front);
	return length;
}

/* How long a bufferlist is; up to NOTIFY_FRONT of its bytes go to front. A notify of librbd in it is the proof of the first use;
 * that there is none is none against it: anybody may send a header object what he likes. */
static size_t read_front(const void *list, bool of_header, uint8_t front[NOTIFY_FRONT], size_t *known)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int64_t length = -1;

	*known = 0;
	pthread_once(&once, find_reader);
	bool readable = reader.copy && library_copies(LIB_CEPH_COMMON) < 2; /* else whose list is it? */
	if (readable && layout_may_be_tried(LAYOUT_BUFFERLIST)) {
		length = read_list(list, front, known);
		if (length < 0 || (of_header && notify_op(front, *known, (size_t)length) >= 0))
			layout_tried(LAYOUT_BUFFERLIST, length >= 0);
	}
	if (length < 0)
		hook_pass(HOOK_IoCtx_watch2,
		          readable ? layout_reason("unknown layout of a bufferlist: the notify is told without its op")
		                   : "bufferlist not readable: the notify is told without its op");
	return length < 0 ? 0 : (size_t)length;
}

/* What stands behind the first word of a WatchCtx2, in Ceph 14 to 20. */
struct ctx2_functions {
	void (*destroy)(void *self);
	void (*destroy_and_free)(void *self);
	void (*handle_notify)(void *self, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, void *list);
	void (*handle_error)(void *self, uint64_t cookie, int error);
};

static const struct ctx2_functions *functions_of(void *ctx2)
{
	return *(const struct ctx2_functions *const *)ctx2;
}

static void proxy_handle_notify(void *self, uint64_t notify_id, uint64_t cookie, uint64_t notifier_gid, void *list)
{
	struct watch_proxy *proxy = self;
	int saved = errno;

	if (emit_wanted(FL_EV_notify)) {
		uint8_t front[NOTIFY_FRONT];
		size_t known, length = read_front(list, is_header(((struct watch *)proxy)->oid), front, &known);
		report_notify(self, notify_id, cookie, notifier_gid, front, known, length);
	}
	errno = saved;
	functions_of(proxy->context)->handle_notify(proxy->context, notify_id, cookie, notifier_gid, list);
}

static void proxy_handle_error(void *self, uint64_t cookie, int error)
{
	struct watch_proxy *proxy = self;

	watch_failed(self, error);
	functions_of(proxy->context)->handle_error(proxy->context, cookie, error);
}

/* librados deletes only WatchCtx2 objects that it made itself. If it ever deleted a caller's, this passes it on. */
static void proxy_destroy(void *self)
{
	struct watch_proxy *proxy = self;

	functions_of(proxy->context)->destroy(proxy->context);
}

static void proxy_destroy_and_free(void *self)
{
	struct watch_proxy *proxy = self;

	functions_of(proxy->context)->destroy_and_free(proxy->context);
}

/* In front of the functions of a vtable stand the offset to the object's top and its type_info. No type_info: nobody asks
 * a WatchCtx2 for its dynamic type. */
static const struct {
	intptr_t offset_to_top;
	const void *type_info;
	struct ctx2_functions functions;
} proxy_vtable = { 0, NULL, { proxy_destroy, proxy_destroy_and_free, proxy_handle_notify, proxy_handle_error } };

void *watch_proxy_of_ctx2(struct watch_proxy *proxy, void *ctx2)
{
	proxy->vtable = &proxy_vtable.functions;
	proxy->context = ctx2;
	return proxy;
}
