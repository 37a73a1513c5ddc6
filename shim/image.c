/* SPDX-License-Identifier: MIT */
/*
 * The registry: slots in chains by hash of the handle. Opening and closing take a lock, a lookup takes none: it may run
 * astray when a slot is moved to another chain under it, so a miss counts only if nothing was changed meanwhile.
 */
#include "image.h"

#include "emit.h"
#include "hook.h"
#include "image_open.h"
#include "io.h"
#include "ioctx.h"
#include "process.h"
#include "sampler.h"
#include "state.h"
#include "watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096

struct image_slot image_slots[IMAGE_SLOTS];
static _Atomic(unsigned) heads[BUCKETS];
_Atomic(unsigned) image_changes;
__thread struct image_memo image_memo;
static _Atomic(unsigned) slots_used; /* no slot at or beyond it was ever used */
static unsigned free_slots;          /* a number; under the lock, like every change */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned bucket(void *handle)
{
	return (unsigned)(((uintptr_t)handle >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 52);
}

static struct image *search_chain(void *handle)
{
	unsigned number = atomic_load_explicit(&heads[bucket(handle)], memory_order_acquire);

	for (int steps = 0; number && steps < IMAGE_SLOTS; steps++) {
		struct image_slot *slot = &image_slots[number - 1];
		if (atomic_load_explicit(&slot->image.handle, memory_order_acquire) == handle)
			return &slot->image;
		number = atomic_load_explicit(&slot->next, memory_order_acquire);
	}
	return NULL;
}

struct image *image_search(void *handle)
{
	struct image *image;
	unsigned before;

	if (!handle)
		return NULL;
	for (int tries = 0; tries < 1000; tries++) {
		before = atomic_load_explicit(&image_changes, memory_order_acquire);
		image = search_chain(handle); /* its loads are acquiring: the one below cannot overtake them */
		bool settled = !(before & 1) && atomic_load_explicit(&image_changes, memory_order_relaxed) == before;
		if (image && settled)
			image_memo = (struct image_memo){ handle, image, before, image_number(image) };
		if (image || settled)
			return image;
	}
	return NULL;
}

void image_each(void (*visit)(struct image *image, void *arg), void *arg)
{
	unsigned used = atomic_load_explicit(&slots_used, memory_order_acquire);

	for (unsigned i = 0; i < used; i++)
		if (atomic_load_explicit(&image_slots[i].image.handle, memory_order_acquire))
			visit(&image_slots[i].image, arg);
}

struct id_search {
	const char *id, *pool, *nspace;
	struct image *found;
};

static void compare_id(struct image *image, void *arg)
{
	struct id_search *wanted = arg;
	struct image_names names;
	uint32_t serial;

	if (image_read(image, &names, &serial) && !strcmp(names.id, wanted->id) &&
	    (!wanted->pool || !strcmp(names.pool, wanted->pool)) && (!wanted->nspace || !strcmp(names.nspace, wanted->nspace)))
		wanted->found = image;
}

struct image *image_find_by_id(const char *image_id, const char *pool, const char *nspace)
{
	struct id_search wanted = { .id = image_id, .pool = pool, .nspace = nspace };

	if (image_id && *image_id)
		image_each(compare_id, &wanted);
	return wanted.found;
}

/* ---- changes, under the lock ---- */

static void begin_change(void)
{
	atomic_fetch_add_explicit(&image_changes, 1, memory_order_acq_rel);
}

static void end_change(void)
{
	atomic_fetch_add_explicit(&image_changes, 1, memory_order_release);
}

/* A slot with counters, not yet taken off the free ones. NULL: all are in use, or no memory. */
static struct image_slot *free_slot(void)
{
	unsigned used = atomic_load(&slots_used);
	struct image_slot *slot = free_slots ? &image_slots[free_slots - 1] : used < IMAGE_SLOTS ? &image_slots[used] : NULL;

	return slot && io_stats_reset(&slot->image) ? slot : NULL;
}

/* Of one who may be writing, or to one who may be reading: a reader compares serials afterwards, see image_read. */
static void copy_text(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		__atomic_store_n(&to[i], __atomic_load_n(&from[i], __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

#define COPY_NAMES(to, from) \
	do { \
		copy_text((to)->pool, (from)->pool, sizeof(to)->pool); \
		copy_text((to)->nspace, (from)->nspace, sizeof(to)->nspace); \
		copy_text((to)->name, (from)->name, sizeof(to)->name); \
		copy_text((to)->id, (from)->id, sizeof(to)->id); \
	} while (0)

bool image_read(const struct image *image, struct image_names *names, uint32_t *serial)
{
	_Atomic(uint32_t) *current = &((struct image *)image)->serial;

	*serial = atomic_load_explicit(current, memory_order_acquire);
	COPY_NAMES(names, image);
	/* a read that writes nothing new, so that the copies above cannot be delayed past it */
	return *serial && atomic_fetch_or_explicit(current, 0, memory_order_acq_rel) == *serial;
}

struct image *image_add(void *handle, const struct image_names *names, struct client *client)
{
	static uint32_t serials;
	struct image_slot *slot;

	pthread_mutex_lock(&lock);
	slot = free_slot();
	if (slot) {
		struct image *image = &slot->image;
		unsigned number = image_number(&slot->image);
		if (number == free_slots)
			free_slots = atomic_load(&slot->next);
		atomic_exchange(&image->serial, 0);
		COPY_NAMES(image, names);
		atomic_store(&image->opened_ns, now_realtime_ns());
		atomic_store(&image->eshutdown_ns, 0);
		atomic_store(&image->client, client);
		atomic_store(&image->cookie, 0);
		atomic_store(&image->last_ack_sent_ns, 0);
		atomic_store(&image->serial, ++serials);
		begin_change();
		/* In front: an older image with this handle may still be on its way out, see image_remove. */
		atomic_store_explicit(&slot->next, atomic_load(&heads[bucket(handle)]), memory_order_release);
		atomic_store_explicit(&image->handle, handle, memory_order_release);
		atomic_store_explicit(&heads[bucket(handle)], number, memory_order_release);
		end_change();
		if (number > atomic_load(&slots_used))
			atomic_store_explicit(&slots_used, number, memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return slot ? &slot->image : NULL;
}

bool image_remove(struct image *image, uint32_t serial)
{
	struct image_slot *slot = (struct image_slot *)image;
	unsigned number = image_number(image);
	_Atomic(unsigned) *at;
	bool found;

	pthread_mutex_lock(&lock);
	at = &heads[bucket(atomic_load(&image->handle))];
	while (atomic_load(at) && atomic_load(at) != number)
		at = &image_slots[atomic_load(at) - 1].next;
	found = atomic_load(at) == number && image_serial(image) == serial;
	if (found) {
		begin_change();
		atomic_store_explicit(at, atomic_load(&slot->next), memory_order_release);
		atomic_store_explicit(&image->handle, NULL, memory_order_release);
		atomic_store_explicit(&slot->next, free_slots, memory_order_release);
		end_change();
		free_slots = number;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

void image_after_fork_child(void)
{
	pthread_mutex_init(&lock, NULL);
	/* even, and nothing that anybody remembers */
	atomic_store(&image_changes, (atomic_load(&image_changes) | 1) + 1);
	for (unsigned i = 0; i < BUCKETS; i++)
		atomic_store(&heads[i], 0);
	free_slots = 0;
	for (unsigned i = atomic_load(&slots_used); i-- > 0;) {
		atomic_store(&image_slots[i].image.handle, NULL);
		atomic_store(&image_slots[i].next, free_slots);
		free_slots = i + 1;
	}
}

/* ---- opened, closed ---- */

static void ask_pool(void *ioctx, struct image_names *names)
{
	struct ioctx_names asked;

	ioctx_names(ioctx, &asked);
	snprintf(names->pool, sizeof names->pool, "%s", asked.pool);
	snprintf(names->nspace, sizeof names->nspace, "%s", asked.nspace);
}

static void ask_image(void *handle, struct image_names *names)
{
	int (*get_id)(void *, char *, size_t) =
	        (int (*)(void *, char *, size_t))library_symbol_for(LIB_RBD, "rbd_get_id", handle);
	int (*get_name)(void *, char *, size_t *) =
	        (int (*)(void *, char *, size_t *))library_symbol_for(LIB_RBD, "rbd_get_name", handle);
	size_t size = sizeof names->name;

	if (!get_id || get_id(handle, names->id, sizeof names->id) < 0) /* -EINVAL: format 1 has none */
		names->id[0] = '\0';
	if (!names->name[0] && (!get_name || get_name(handle, names->name, &size) < 0))
		names->name[0] = '\0';
}

void image_opening(struct image_opening *opening, void *ioctx, const char *name, const char *id, const char *snap, bool read_only)
{
	int saved = errno;

	libraries_refresh();
	emit_open();
	memset(opening, 0, sizeof *opening);
	snprintf(opening->names.name, sizeof opening->names.name, "%s", text_or_empty(name));
	snprintf(opening->names.id, sizeof opening->names.id, "%s", text_or_empty(id));
	snprintf(opening->snap, sizeof opening->snap, "%s", text_or_empty(snap));
	opening->read_only = read_only;
	/* Now: an asynchronous open may outlive the caller's ioctx. */
	ask_pool(ioctx, &opening->names);
	opening->client = client_of_ioctx(ioctx);
	opening->begun_ns = now_monotonic_ns();
	errno = saved;
}

void image_opened(const struct image_opening *opening, void *handle, int result)
{
	struct image_names names = opening->names;
	struct image *image = NULL;
	int saved = errno;

	if (result >= 0 && handle) {
		ask_image(handle, &names);
		image = image_add(handle, &names, opening->client);
		if (image)
			watch_image_opened(image);
		else
			hook_pass(HOOK_rbd_open, "too many images, or no memory: its I/O is not counted");
	}
	EMIT(image_open, .pid = process_id(), .global_id = client_id(opening->client), .image = image_serial(image),
	     .pool = names.pool, .nspace = names.nspace, .name = names.name, .image_id = names.id, .snap = opening->snap,
	     .read_only = opening->read_only, .result = result, .latency_ns = now_monotonic_ns() - opening->begun_ns);
	if (image) {
		state_emit(opening->client, image);
		if (emit_wanted(FL_EV_state))
			sampler_start();
	}
	errno = saved;
}

void image_closing(struct image_closing *closing, void *handle)
{
	closing->image = image_find(handle);
	closing->serial = image_serial(closing->image);
	closing->global_id = client_id(image_client(closing->image));
	closing->inflight = closing->image ? io_inflight(closing->image) : 0;
	handle_gone(handle); /* from here on it may be another image's */
}

void image_closed(const struct image_closing *closing, int64_t result)
{
	bool unknown = result == RESULT_UNKNOWN;

	int saved = errno;

	if (closing->image && image_serial(closing->image) == closing->serial) {
		io_summary_emit(closing->image);
		/* A destructor that calls a close of ours inside must not tell it twice. */
		if (image_remove(closing->image, closing->serial))
			EMIT(image_close, .pid = process_id(), .global_id = closing->global_id, .image = closing->serial,
			     .result = unknown ? 0 : (int32_t)result, .inflight = closing->inflight, .unknown = unknown);
	}
	errno = saved;
}

struct image_closing *image_aio_closing(void *handle)
{
	struct image_closing *closing = malloc(sizeof *closing), now;

	image_closing(closing ? closing : &now, handle);
	if (!closing) { /* nobody could tell when it has closed: it is told at once */
		hook_pass(HOOK_rbd_aio_close, "no memory: told when it began");
		image_closed(&now, RESULT_UNKNOWN);
	}
	return closing;
}

void image_aio_closed(void *closing, int64_t result)
{
	image_closed(closing, result); /* librbd frees it, whatever the result */
	free(closing);
}

void image_aio_not_seen(struct image_closing *closing, int result)
{
	if (closing && result >= 0)
		image_closed(closing, RESULT_UNKNOWN);
	free(closing);
}
