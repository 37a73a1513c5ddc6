/* SPDX-License-Identifier: MIT */
#include "cookies.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * A cookie is found by its hash, where the numbers of the slots of such cookies stand. Where there ever were more than fit all
 * slots are looked through; cookies are addresses that nobody chooses, so that does not happen.
 */
#define HASHES 4096
#define PLACES 7
static struct place {
	_Atomic(uint16_t) slots[PLACES]; /* numbers from 1; 0: free */
	_Atomic(uint8_t) used;           /* none at or beyond it was ever taken */
	_Atomic(bool) were_more;
} places[HASHES];
static _Atomic(uint64_t) cookies[COOKIES_MAX]; /* of the watch in that slot; 0: none */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static inline struct place *place_of(uint64_t cookie)
{
	return &places[cookie * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

static bool cookies_change(struct place *place, uint16_t from, uint16_t to)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (atomic_load(&place->slots[i]) == from) {
			atomic_store(&place->slots[i], to);
			if (atomic_load(&place->used) <= i)
				atomic_store(&place->used, (uint8_t)(i + 1));
			return true;
		}
	return false;
}

void cookie_set(unsigned slot, uint64_t cookie)
{
	uint16_t number = (uint16_t)(slot + 1);
	uint64_t before;

	pthread_mutex_lock(&lock);
	before = atomic_load(&cookies[slot]);
	if (before != cookie) {
		if (before)
			cookies_change(place_of(before), number, 0);
		atomic_store(&cookies[slot], cookie);
		if (cookie && !cookies_change(place_of(cookie), 0, number))
			atomic_store(&place_of(cookie)->were_more, true);
	}
	pthread_mutex_unlock(&lock);
}

static __attribute__((noinline)) unsigned look_through_all(uint64_t cookie, unsigned slots[COOKIE_SLOTS])
{
	unsigned count = 0;

	for (unsigned i = 0; i < COOKIES_MAX && count < COOKIE_SLOTS; i++)
		if (atomic_load_explicit(&cookies[i], memory_order_relaxed) == cookie)
			slots[count++] = i;
	return count;
}

unsigned cookie_slots(uint64_t cookie, unsigned slots[COOKIE_SLOTS])
{
	struct place *place = place_of(cookie);
	unsigned used = atomic_load_explicit(&place->used, memory_order_relaxed), count = 0;

	if (!cookie)
		return 0;
	if (__builtin_expect(atomic_load_explicit(&place->were_more, memory_order_relaxed), 0))
		return look_through_all(cookie, slots);
	for (unsigned i = 0; i < used; i++) {
		unsigned number = atomic_load_explicit(&place->slots[i], memory_order_relaxed);
		if (number && atomic_load_explicit(&cookies[number - 1], memory_order_relaxed) == cookie)
			slots[count++] = number - 1;
	}
	return count;
}

void cookies_after_fork_child(void)
{
	pthread_mutex_init(&lock, NULL);
}
