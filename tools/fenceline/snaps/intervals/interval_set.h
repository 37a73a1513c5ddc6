/* SPDX-License-Identifier: MIT */
/*
 * A set of snapshot ids as Ceph's interval_set<snapid_t> writes it: sorted, disjoint intervals that never touch, in text
 * hexadecimal start~length: [1~3,8~1,a~1]. Held as one sorted array, so a million intervals are 16 MB.
 *
 * Ids run from 0 to 2^64-1; the end of an interval (one past its last id) must fit 64 bits. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_INTERVALS_INTERVAL_SET_H
#define FENCELINE_SNAPS_INTERVALS_INTERVAL_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct interval {
	uint64_t start, length; /* length > 0 */
};

struct interval_set {
	struct interval *items; /* owned; sorted by start; items[i].start + items[i].length < items[i + 1].start */
	size_t count, capacity;
	uint64_t ids; /* sum of the lengths */
};

#define INTERVAL_SET_EMPTY { 0 }

static inline uint64_t interval_end(const struct interval *i)
{
	return i->start + i->length;
}

void interval_set_free(struct interval_set *set);  /* releases the memory; the set is empty and can be used again */
void interval_set_clear(struct interval_set *set); /* empties it, keeps the memory */
void interval_set_swap(struct interval_set *a, struct interval_set *b);
void interval_set_copy(struct interval_set *to, const struct interval_set *from);

/* Adds [start, start+length), merging with what it overlaps or touches. Fast at the end of the set. -ERANGE: zero length or
 * an end past 2^64-1; -EEXIST: done, and some of the ids were in the set already. */
int interval_set_insert(struct interval_set *set, uint64_t start, uint64_t length);

bool interval_set_contains(const struct interval_set *set, uint64_t id);
bool interval_set_equal(const struct interval_set *a, const struct interval_set *b);
bool interval_set_subset(const struct interval_set *a, const struct interval_set *b); /* is every id of a in b? */
/* How many of the ids from start to end - 1 are in the set. */
uint64_t interval_set_ids_within(const struct interval_set *set, uint64_t start, uint64_t end);
/* The end of the last interval, as Ceph's range_end(); 0 for the empty set. */
uint64_t interval_set_range_end(const struct interval_set *set);

/* Adds all ids of `more`, which is to be the smaller set. */
void interval_set_add(struct interval_set *to, const struct interval_set *more);
/* to = a without b. `to` must be neither of them; what it held is dropped. */
void interval_set_difference(struct interval_set *to, const struct interval_set *a, const struct interval_set *b);

/* to = the ids from 1 to end - 1 that are not in `set`, which `to` must not be. */
void interval_set_complement(struct interval_set *to, const struct interval_set *set, uint64_t end);

/* Bytes of the set as Ceph logs it, brackets and commas included, and as Ceph encodes it (u32 count, then u64 start and
 * u64 length each). */
uint64_t interval_set_text_bytes(const struct interval_set *set);
uint64_t interval_set_encoded_bytes(const struct interval_set *set);

#endif
