/* SPDX-License-Identifier: MIT */
/* Items by a key, which is their first member and never 0: open addressing in an array that grows. */
#ifndef FENCELINE_INGEST_HASH_SET_H
#define FENCELINE_INGEST_HASH_SET_H

#include <stddef.h>
#include <stdint.h>

struct hash_set {
	void *slots; /* owned, to be freed with free(); an item whose key is 0 is an empty slot */
	size_t capacity, count;
};

/* Items have `size` bytes, the same in each call. NULL: there is none of that key. */
void *hash_set_find(const struct hash_set *set, size_t size, uint64_t key);
/* The item of that key, or a new one, all 0 but for its key. Items move when one is added. */
void *hash_set_add(struct hash_set *set, size_t size, uint64_t key);

#endif
