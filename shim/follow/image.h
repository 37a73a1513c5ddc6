/* SPDX-License-Identifier: MIT */
/*
 * The open images of this process, found by rbd_image_t without a lock. An rbd_image_t is an ImageCtx*, which is also
 * the first word of a librbd::Image.
 *
 * Slots are never freed, only reused with another serial: a pointer to one stays readable for ever.
 */
#ifndef FENCELINE_SHIM_IMAGE_H
#define FENCELINE_SHIM_IMAGE_H

#include "client.h"
#include "io_stats.h"

#include "fenceline/events.h"

#define IMAGE_SLOTS 4096

struct image_names {
	char pool[128], nspace[128], name[256], id[64];
};

struct image {
	_Atomic(void *) handle;          /* rbd_image_t; NULL: a free slot */
	_Atomic(uint32_t) serial;        /* from 1, never given twice in a process; 0 while the slot is being filled in */
	struct image_stats *stats;       /* allocated with the slot's first use, never freed */
	_Atomic(struct client *) client; /* NULL: not known, or shut down; image_client */
	char pool[128], nspace[128], name[256], id[64];
	_Atomic(int64_t) opened_ns, eshutdown_ns; /* eshutdown: when the first -108 was noticed by the sampler */
	/* What state reports. cookie and last_ack_sent_ns are written by the watch code when the watch is on this image's header.
	 */
	_Atomic(uint64_t) cookie;
	_Atomic(int64_t) last_ack_sent_ns;
} __attribute__((aligned(64)));

/* Its slot's number, from 1 and at most IMAGE_SLOTS: a pointer in two bytes. 0: no image. */
struct image_slot {
	struct image image;
	_Atomic(unsigned) next; /* a number; 0 ends a chain, and the list of free ones */
};
extern struct image_slot image_slots[IMAGE_SLOTS];
_Static_assert(IMAGE_SLOTS < UINT16_MAX, "see above");

static inline struct image *image_of_number(unsigned number)
{
	return __builtin_expect(number != 0, 1) ? &image_slots[number - 1].image : NULL;
}

static inline uint16_t image_number(const struct image *image)
{
	return image ? (uint16_t)((const struct image_slot *)image - image_slots + 1) : 0;
}

/* What an image is called, and its serial number; false if the slot is just being given to another one. For whoever does
 * not hold the image open itself. Lock-free, any thread. */
bool image_read(const struct image *image, struct image_names *names, uint32_t *serial);
/* What a thread found last; good as long as nothing has been opened or closed since. */
struct image_memo {
	void *handle;
	struct image *image;
	unsigned changes;
	uint16_t number; /* the image's */
};
extern __thread struct image_memo image_memo;
extern _Atomic(unsigned) image_changes; /* odd while the registry is being changed */
struct image *image_search(void *handle);

static inline bool image_memo_fits(void *handle)
{
	return handle && handle == image_memo.handle &&
	       atomic_load_explicit(&image_changes, memory_order_relaxed) == image_memo.changes;
}

/* Lock-free, any thread; NULL if the handle is not known. */
static inline struct image *image_find(void *handle)
{
	return __builtin_expect(image_memo_fits(handle), 1) ? image_memo.image : image_search(handle);
}
/* An open image of this process by the header object's id, pool and namespace (any of pool, nspace may be NULL); NULL if none. */
struct image *image_find_by_id(const char *image_id, const char *pool, const char *nspace);
void image_each(void (*visit)(struct image *image, void *arg), void *arg);

/* For image_open.c. NULL: no slot or no memory. */
struct image *image_add(void *handle, const struct image_names *names, struct client *client);
/* By slot, not by handle: the handle may have been given to another image as soon as the real close had freed it. False
 * if it has been removed already. */
bool image_remove(struct image *image, uint32_t serial);

/* In a forked child: the parent's images are not this process's. */
void image_after_fork_child(void);

static inline struct client *image_client(const struct image *image)
{
	return image ? atomic_load_explicit(&((struct image *)image)->client, memory_order_relaxed) : NULL;
}

static inline uint32_t image_serial(const struct image *image)
{
	return image ? atomic_load_explicit(&((struct image *)image)->serial, memory_order_relaxed) : 0;
}

#endif
