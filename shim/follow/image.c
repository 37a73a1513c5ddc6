/* SPDX-License-Identifier: MIT */
/*
 * The registry: slots in chains by hash of the handle. Opening and closing take a lock, a lookup takes none: it may run
 * astray when a slot is moved to another chain under it, so a miss counts only if nothing was changed meanwhile.
 */
#include "image.h"

#include "base/emit.h"

#include <pthread.h>
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

	return slot && io_stats_reset(&slot->image.stats) ? slot : NULL;
}

/* Another thread may be writing what is copied from here, or reading what is copied to here: a reader compares the serials
 * afterwards, see image_read. */
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
